using System.Globalization;
using System.Text.Json;
using System.Text.Json.Serialization;
using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Mvc.RazorPages;

namespace Countersign.Server.Http;

/// <summary>
/// A refusal on its way over the redirect that follows a form: the page that shows it is a page of its own, so that neither
/// the back button nor a reload sends the form again. It travels in a protected cookie; no password ever does.
/// </summary>
/// <param name="Field">The field it belongs to; null for the whole form.</param>
/// <param name="Typed">What the person typed, to be given back.</param>
/// <param name="More">What was typed into the form's other field.</param>
internal sealed record CarriedRefusal(string Text, string? Field, string? Typed, int Status, int? RetryAfterSeconds, string? More)
{
    private const int LongestTyped = 200;

    public static CarriedRefusal Of(Error error, string text, string? field = null, string? typed = null, string? more = null) => new(
        text, field, Kept(typed), error.Status(), error.RetryAfter is { } wait ? (int)Math.Ceiling(Math.Max(1, wait.TotalSeconds)) : null,
        Kept(more));

    /// <summary>It travels in a cookie: what is longer than any field takes would make a request that is refused as a whole.</summary>
    private static string? Kept(string? typed) => typed is { Length: > LongestTyped } ? null : typed;
}

[JsonSerializable(typeof(CarriedRefusal))]
internal sealed partial class CarriedRefusalJson : JsonSerializerContext;

internal static class CarriedRefusalExtensions
{
    /// <summary>Sends the browser to <paramref name="path"/>, where <see cref="Carried"/> finds the refusal.</summary>
    public static RedirectResult Carry(this PageModel page, string path, CarriedRefusal refusal)
    {
        page.TempData[KeyOf(path)] = JsonSerializer.Serialize(refusal, CarriedRefusalJson.Default.CarriedRefusal);
        return new RedirectResult(path);
    }

    /// <summary>The refusal that was carried to this page, once; sets the status that it deserves.</summary>
    public static CarriedRefusal? Carried(this PageModel page)
    {
        if (page.TempData[KeyOf(page.Request.Path)] is not string json
            || JsonSerializer.Deserialize(json, CarriedRefusalJson.Default.CarriedRefusal) is not { } refusal)
        {
            return null;
        }

        page.Response.StatusCode = refusal.Status;
        if (refusal.RetryAfterSeconds is { } seconds)
        {
            page.Response.Headers.RetryAfter = seconds.ToString(CultureInfo.InvariantCulture);
        }

        return refusal;
    }

    /// <summary>Two pages open side by side do not take each other's refusals.</summary>
    private static string KeyOf(string path) => "refusal " + path.Split('?')[0];
}
