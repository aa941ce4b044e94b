using System.Diagnostics.CodeAnalysis;

namespace Countersign.Protocol.Messages;

/// <summary>
/// Writes and reads the last line of a text message that ties a one-time code to a web site, so that a phone
/// offers the code to that site only. The format is the WICG draft "Origin-bound one-time codes delivered via SMS".
/// </summary>
public sealed record OriginBoundCode
{
    private const int MaxHostLength = 253;
    private const int MaxLabelLength = 63;

    private OriginBoundCode(string topLevelHost, string code, string? embeddedHost)
    {
        TopLevelHost = topLevelHost;
        Code = code;
        EmbeddedHost = embeddedHost;
    }

    /// <summary>Gets the host of the page in the address bar, whose scheme is always https.</summary>
    public string TopLevelHost { get; }

    /// <summary>Gets the one-time code.</summary>
    public string Code { get; }

    /// <summary>Gets the host of the embedded frame that asks for the code, or null when the page itself asks.</summary>
    public string? EmbeddedHost { get; }

    /// <summary>Appends the line <c>@host #code</c> to a text, after an empty line, with nothing behind it.</summary>
    /// <param name="text">What the person reads. Line ends at its end are dropped; it may be empty.</param>
    /// <param name="host">The host of the sign-in page, as <see cref="IsHost"/> accepts it.</param>
    /// <param name="code">One or more visible ASCII characters other than <c>#</c>.</param>
    /// <returns>The whole message.</returns>
    /// <exception cref="ArgumentNullException">An argument is null.</exception>
    /// <exception cref="ArgumentException">The host or the code could not be read back by a phone.</exception>
    public static string Format(string text, string host, string code)
    {
        ArgumentNullException.ThrowIfNull(text);
        ArgumentNullException.ThrowIfNull(host);
        ArgumentNullException.ThrowIfNull(code);
        if (!IsHost(host))
        {
            throw new ArgumentException("A bare lower-case host is expected: no scheme, port or path.", nameof(host));
        }

        // Chrome reads a code up to the next '#', which the draft would allow inside it.
        if (code.Length == 0 || code.Any(c => c is <= ' ' or > '~' or '#'))
        {
            throw new ArgumentException("A code is one or more visible ASCII characters other than '#'.", nameof(code));
        }

        var line = $"@{host} #{code}";
        var explanation = text.TrimEnd('\r', '\n');
        return explanation.Length == 0 ? line : $"{explanation}\n\n{line}";
    }

    /// <summary>
    /// Tells whether a text can stand behind the <c>@</c>: lower-case DNS labels (RFC 1123 §2.1), international ones as A-labels.
    /// </summary>
    /// <param name="host">The text to look at.</param>
    /// <returns>True for a bare host; false for a scheme, a port, a path, upper case or anything else.</returns>
    public static bool IsHost([NotNullWhen(true)] string? host) =>
        host is { Length: > 0 and <= MaxHostLength } && host.Split('.').All(IsLabel);

    /// <summary>
    /// Reads a message by the draft's section "Parsing": it looks at the last line only and ignores what follows the known fields.
    /// </summary>
    /// <remarks>
    /// The draft takes any token without white space for a host, and so does this; browsers also refuse ports and paths.
    /// The marker of the embedded host was <c>%</c> in the first drafts and is <c>@</c> in the merged one and in Chrome; both are read.
    /// </remarks>
    /// <param name="message">The message as it was received.</param>
    /// <param name="result">What was read, or null.</param>
    /// <returns>True when the message carries an origin-bound code.</returns>
    public static bool TryParse([NotNullWhen(true)] string? message, [NotNullWhen(true)] out OriginBoundCode? result)
    {
        result = null;
        if (message is null)
        {
            return false;
        }

        var rest = LastLine(message);
        if (!TryTakeToken(ref rest, "@", out var host) || !TryTakeSpace(ref rest) || !TryTakeToken(ref rest, "#", out var code))
        {
            return false;
        }

        // A malformed embedded host is trailing text, which is ignored.
        string? embedded = null;
        if (TryTakeSpace(ref rest))
        {
            TryTakeToken(ref rest, "%@", out embedded);
        }

        result = new OriginBoundCode(host, code, embedded);
        return true;
    }

    private static bool IsLabel(string label) =>
        label.Length is > 0 and <= MaxLabelLength
        && label[0] != '-'
        && label[^1] != '-'
        && label.All(c => char.IsAsciiLetterLower(c) || char.IsAsciiDigit(c) || c == '-');

    // Infra, "normalize newlines": CRLF and CR become LF; so the last line begins after the last of either.
    private static ReadOnlySpan<char> LastLine(string message) => message.AsSpan(message.AsSpan().LastIndexOfAny('\r', '\n') + 1);

    private static bool TryTakeSpace(ref ReadOnlySpan<char> rest)
    {
        if (rest is not [' ', ..])
        {
            return false;
        }

        rest = rest[1..];
        return true;
    }

    private static bool TryTakeToken(ref ReadOnlySpan<char> rest, ReadOnlySpan<char> markers, [NotNullWhen(true)] out string? token)
    {
        token = null;
        if (rest.IsEmpty || !markers.Contains(rest[0]))
        {
            return false;
        }

        // ASCII white space, as Infra defines it, less the line ends that cannot stand inside a line.
        var length = rest[1..].IndexOfAny(" \t\f");
        var found = length < 0 ? rest[1..] : rest.Slice(1, length);
        if (found.IsEmpty)
        {
            return false;
        }

        rest = rest[(1 + found.Length)..];
        token = found.ToString();
        return true;
    }
}
