using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Text;

namespace Countersign.Server.Data.Protection;

/// <summary>
/// A line of the key file: <c>id [only=use] [made=instant] [from=instant] [pkcs11:label] base64</c>. The key stands last, so that a
/// line that was cut off is no line.
/// </summary>
/// <param name="Only">The one use that is left of a retired key; null for a whole key.</param>
/// <param name="From">From when on it closes new things; null: from the beginning.</param>
/// <param name="Label">The key in the HSM that opens <paramref name="Bytes"/>; null when they are the key itself.</param>
internal sealed record KeyLine(string Id, string? Only, DateTimeOffset? Made, DateTimeOffset? From, string? Label, byte[] Bytes)
{
    /// <summary>Of a master key, and of everything derived from it.</summary>
    public const int KeyLength = 32;

    /// <summary>Nonce, key and tag.</summary>
    public const int WrappedLength = 12 + KeyLength + 16;

    /// <summary>In ASCII characters.</summary>
    public const int LongestId = 16;

    private const int LongestName = 32;
    private const string Pkcs11 = "pkcs11:";
    private const string Instant = "yyyy-MM-ddTHH:mm:ssZ";

    /// <summary>What a wrapped key is bound to: it opens under no other id and for no other use.</summary>
    public byte[] BoundTo => Encoding.ASCII.GetBytes($"countersign master key|{Label}|{Id}|{Only}");

    /// <summary>Whether <paramref name="text"/> can name a key in an HSM.</summary>
    public static bool IsLabel(string? text) =>
        text is { Length: > 0 and <= LongestName } && text.All(c => char.IsAsciiLetterOrDigit(c) || c is '-' or '_' or '.');

    public static bool TryParse(ReadOnlySpan<char> text, [NotNullWhen(true)] out KeyLine? line)
    {
        line = null;
        Span<Range> parts = stackalloc Range[7];
        var count = text.Split(parts, ' ', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
        if (count is < 2 or 7
            || text[parts[0]].ToString() is not { Length: <= LongestId } id
            || !id.All(c => char.IsAsciiLetterOrDigit(c) || c == '-'))
        {
            return false;
        }

        var read = new KeyLine(id, null, null, null, null, []);
        foreach (var part in parts[1..(count - 1)])
        {
            if (With(read, text[part].ToString()) is not { } more)
            {
                return false;
            }

            read = more;
        }

        var bytes = new byte[read.Label is null ? KeyLength : WrappedLength];
        line = Convert.TryFromBase64Chars(text[parts[count - 1]], bytes, out var written) && written == bytes.Length
            ? read with { Bytes = bytes }
            : null;
        return line is not null;
    }

    public override string ToString()
    {
        string?[] words =
        [
            Id,
            Only is null ? null : "only=" + Only,
            Made is { } made ? "made=" + Format(made) : null,
            From is { } from ? "from=" + Format(from) : null,
            Label is null ? null : Pkcs11 + Label,
            Convert.ToBase64String(Bytes),
        ];
        return string.Join(' ', words.Where(w => w is not null));
    }

    private static KeyLine? With(KeyLine line, string word)
    {
        if (word.StartsWith(Pkcs11, StringComparison.Ordinal))
        {
            return line.Label is null && IsLabel(word[Pkcs11.Length..]) ? line with { Label = word[Pkcs11.Length..] } : null;
        }

        var at = word.IndexOf('=', StringComparison.Ordinal);
        var value = word[(at + 1)..];
        return (at < 0 ? string.Empty : word[..at]) switch
        {
            "only" when line.Only is null && value.Length is > 0 and <= LongestName => line with { Only = value },
            "made" when line.Made is null && Read(value) is { } made => line with { Made = made },
            "from" when line.From is null && Read(value) is { } from => line with { From = from },
            _ => null,
        };
    }

    private static string Format(DateTimeOffset at) => at.UtcDateTime.ToString(Instant, CultureInfo.InvariantCulture);

    private static DateTimeOffset? Read(string text) =>
        DateTimeOffset.TryParseExact(text, Instant, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var at) ? at : null;
}
