using System.Net.Http.Headers;
using Microsoft.AspNetCore.Diagnostics;
using MediaTypeHeaderValue = Microsoft.Net.Http.Headers.MediaTypeHeaderValue;

namespace Countersign.Server.Http;

/// <summary>
/// Refuses U+0000 wherever a sender may put text: in path, query, form, JSON and the name of a client. Nobody types it, and
/// PostgreSQL cannot store it: it would be found out only there, and look like a database that is away.
/// </summary>
internal static class NoNul
{
    /// <summary>Stands behind the limits by source: it reads the body, of which there are 64 KiB at most.</summary>
    public static void UseNoNul(this IApplicationBuilder app) => app.Use(async (http, next) =>
    {
        // The page that says what went wrong comes with the body that was read before, or could not be.
        if (http.Features.Get<IStatusCodeReExecuteFeature>() is not null)
        {
            await next(http);
            return;
        }

        if (InAddress(http.Request) || InClientName(http.Request) || await InBodyAsync(http))
        {
            http.Response.StatusCode = StatusCodes.Status400BadRequest;
            return;
        }

        await next(http);
    });

    private static bool InAddress(HttpRequest request) =>
        request.Path.Value?.Contains('\0', StringComparison.Ordinal) == true
            || request.QueryString.Value?.Contains("%00", StringComparison.Ordinal) == true;

    /// <summary>RFC 6749 §2.3.1: the id of a client is form-encoded within HTTP Basic.</summary>
    private static bool InClientName(HttpRequest request)
    {
        if (!AuthenticationHeaderValue.TryParse(request.Headers.Authorization, out var value)
            || !value.Scheme.Equals("Basic", StringComparison.OrdinalIgnoreCase)
            || value.Parameter is not { } parameter)
        {
            return false;
        }

        var bytes = new byte[parameter.Length];
        return Convert.TryFromBase64String(parameter, bytes, out var written)
            && (bytes.AsSpan(0, written).Contains((byte)0) || bytes.AsSpan(0, written).IndexOf("%00"u8) >= 0);
    }

    private static async Task<bool> InBodyAsync(HttpContext http)
    {
        var request = http.Request;
        if (!MediaTypeHeaderValue.TryParse(request.ContentType, out var type) || !IsText(type))
        {
            return false;
        }

        var body = new MemoryStream();
        http.Response.RegisterForDispose(body);
        await request.Body.CopyToAsync(body, http.RequestAborted);
        body.Position = 0;
        request.Body = body;
        var bytes = body.GetBuffer().AsSpan(0, (int)body.Length);
        return bytes.Contains((byte)0)
            || (type.SubType.Equals("x-www-form-urlencoded", StringComparison.OrdinalIgnoreCase)
                ? bytes.IndexOf("%00"u8) >= 0
                : !type.Type.Equals("multipart", StringComparison.OrdinalIgnoreCase) && InJson(bytes));
    }

    private static bool IsText(MediaTypeHeaderValue type) =>
        type.Type.Equals("multipart", StringComparison.OrdinalIgnoreCase)
            || type.SubType.Equals("x-www-form-urlencoded", StringComparison.OrdinalIgnoreCase)
            || type.SubType.Equals("json", StringComparison.OrdinalIgnoreCase)
            || type.Suffix.Equals("json", StringComparison.OrdinalIgnoreCase);

    /// <summary>The escape counts where its backslash is not escaped itself.</summary>
    private static bool InJson(ReadOnlySpan<byte> json)
    {
        while (json.IndexOf((byte)'\\') is >= 0 and var at)
        {
            json = json[at..];
            if (json.StartsWith("\\u0000"u8))
            {
                return true;
            }

            json = json[Math.Min(2, json.Length)..];
        }

        return false;
    }
}
