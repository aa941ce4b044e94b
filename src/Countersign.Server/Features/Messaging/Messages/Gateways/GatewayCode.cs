using System.Globalization;
using System.Net;

namespace Countersign.Server.Features.Messaging.Messages.Gateways;

/// <summary>Codes and names that gateways give: kept only if they are short and plain, since texts may hold the message.</summary>
internal static class GatewayCode
{
    private const int LongestCode = 32;
    private const int LongestId = 64;

    public static string? Clean(string? code) => Plain(code, LongestCode);

    public static string? CleanId(string? id) => Plain(id, LongestId);

    public static string Of(HttpStatusCode status) => ((int)status).ToString(CultureInfo.InvariantCulture);

    /// <summary>Busy or broken now, and not the message's fault.</summary>
    public static bool IsTemporary(HttpStatusCode status) =>
        (int)status >= 500 || status is HttpStatusCode.TooManyRequests or HttpStatusCode.RequestTimeout;

    private static string? Plain(string? text, int longest) =>
        text is { Length: > 0 } && text.Length <= longest && text.All(c => char.IsAsciiLetterOrDigit(c) || c is '.' or '_' or '-' or ':')
            ? text
            : null;
}
