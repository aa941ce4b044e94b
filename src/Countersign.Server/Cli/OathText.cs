using System.Globalization;
using Countersign.Protocol.Oath;

namespace Countersign.Server.Cli;

/// <summary>
/// Reads what <c>countersign oath</c> is given. A refusal names the place and never repeats the value, which may be a key.
/// </summary>
internal static class OathText
{
    private const int LongestKey = 256;

    private static readonly string[] Moments = ["yyyy-MM-dd'T'HH:mmK", "yyyy-MM-dd'T'HH:mm:ssK", "yyyy-MM-dd'T'HH:mm:ss.FFFFFFFK"];

    public static byte[] Key(string text, string name) =>
        Bytes(text, name) is { Length: > 0 and <= LongestKey } key
            ? key
            : throw new StartException($"{name} takes 1 to {LongestKey} bytes.");

    public static byte[] Bytes(string text, string name)
    {
        try
        {
            return Convert.FromHexString(text);
        }
        catch (FormatException)
        {
            throw new StartException($"{name} takes pairs of hexadecimal digits.");
        }
    }

    public static long Number(string text, string name, long least = 0, long most = long.MaxValue) =>
        text.All(char.IsAsciiDigit)
            && long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number)
            && number >= least
            && number <= most
            ? number
            : throw new StartException($"{name} takes a number from {least} to {most}.");

    /// <summary>A number in hexadecimal digits, eight bytes at most.</summary>
    public static long HexadecimalNumber(string text, string name) =>
        text.All(char.IsAsciiHexDigit)
            && long.TryParse(text, NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out var number)
            && number >= 0
            ? number
            : throw new StartException($"{name} takes a number from 0 to {long.MaxValue:x} in hexadecimal digits.");

    public static OathHash Hash(string text, string name) => text.ToLowerInvariant() switch
    {
        "sha1" => OathHash.Sha1,
        "sha256" => OathHash.Sha256,
        "sha512" => OathHash.Sha512,
        _ => throw new StartException($"{name} takes sha1, sha256 or sha512."),
    };

    /// <summary>A moment since 1970.</summary>
    public static DateTimeOffset Moment(string text, string name)
    {
        const long Last = 253_402_300_799;
        if (text.Length > 0 && text.All(char.IsAsciiDigit))
        {
            return DateTimeOffset.FromUnixTimeSeconds(Number(text, name, 0, Last));
        }

        return DateTimeOffset.TryParseExact(text, Moments, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var moment)
            && moment >= DateTimeOffset.UnixEpoch
            ? moment
            : throw new StartException($"{name} takes seconds since 1970, or a moment since then as 2026-01-31T08:30:00Z.");
    }
}
