using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Mvc;

namespace Countersign.Server.Http;

/// <summary>Language and theme: a choice of this browser, kept in a cookie, changed by a form that works without scripts.</summary>
internal static class Preferences
{
    public const string ThemeCookie = "theme";
    public static readonly IReadOnlyList<string> Themes = ["auto", "light", "dark"];
    private static readonly TimeSpan Lifetime = TimeSpan.FromDays(400);

    public static void MapPreferences(this IEndpointRouteBuilder routes) =>
        routes.MapPost("/preferences", Choose).AllowAnonymous().WithTags("Preferences");

    /// <summary>The theme of the request; <c>auto</c> follows the system.</summary>
    public static string Theme(HttpContext http, Cookies cookies) =>
        Themes.FirstOrDefault(t => t == cookies.Read(http, ThemeCookie)) ?? Themes[0];

    private static RedirectHttpResult Choose(
        HttpContext http, Cookies cookies, [FromForm] string? language, [FromForm] string? theme,
        [FromForm(Name = "return")] string? returnTo)
    {
        if (Languages.Match(language) is { } chosen)
        {
            cookies.Write(http, Languages.CookieName, chosen.Name, Lifetime);
        }

        if (Themes.Contains(theme, StringComparer.Ordinal))
        {
            cookies.Write(http, ThemeCookie, theme!, Lifetime);
        }

        return TypedResults.Redirect(LocalPath.Or(returnTo, "/"));
    }
}

/// <summary>Addresses on this site that came from outside.</summary>
internal static class LocalPath
{
    /// <summary>
    /// <paramref name="path"/> if it is a path of this site, else <paramref name="fallback"/>: never a redirect to somebody else.
    /// </summary>
    /// <remarks>Only characters that an address may hold as they are: others cannot stand in a Location header.</remarks>
    public static string Or(string? path, string fallback) =>
        path is { Length: > 0 and < 500 }
            && path[0] == '/'
            && (path.Length == 1 || path[1] is not ('/' or '\\'))
            && path.All(c => c is > ' ' and <= '~')
            ? path
            : fallback;
}
