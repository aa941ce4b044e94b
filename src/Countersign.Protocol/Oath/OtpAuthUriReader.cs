using System.Buffers;
using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Text;
using System.Text.Unicode;

namespace Countersign.Protocol.Oath;

/// <summary>Takes an <c>otpauth</c> address apart.</summary>
internal static class OtpAuthUriReader
{
    private static readonly string[] Known = ["secret", "issuer", "algorithm", "digits", "period"];

    /// <summary>The address, or null for text that is none.</summary>
    public static OtpAuthUri? Read(string uri)
    {
        if (!uri.StartsWith(OtpAuthUri.Prefix, StringComparison.OrdinalIgnoreCase)
            || uri[OtpAuthUri.Prefix.Length..].Split('?', 2) is not [var label, var rest]
            || !TryReadLabel(label, out var issuer, out var account)
            || !TryReadQuery(rest, out var query))
        {
            return null;
        }

        issuer = query.GetValueOrDefault("issuer", issuer);
        return OtpAuthUri.IsIssuer(issuer) && OtpAuthUri.IsAccount(account, issuer)
            && Base32.TryDecode(query.GetValueOrDefault("secret"), out var key) && OtpAuthUri.IsKey(key)
            && TryReadParameters(query, out var parameters)
                ? new OtpAuthUri(issuer, account, key, parameters)
                : null;
    }

    private static bool TryReadLabel(string label, out string issuer, [NotNullWhen(true)] out string? account)
    {
        issuer = string.Empty;
        if (!TryUnescape(label, out account))
        {
            return false;
        }

        var colon = account.IndexOf(':', StringComparison.Ordinal);
        if (colon >= 0)
        {
            // The format lets spaces stand before the account.
            (issuer, account) = (account[..colon], account[(colon + 1)..].TrimStart(' '));
        }

        return true;
    }

    private static bool TryReadQuery(string text, out Dictionary<string, string> query)
    {
        query = new(StringComparer.Ordinal);
        foreach (var pair in text.Split('&'))
        {
            var (name, value) = pair.Split('=', 2) is [var left, var right] ? (left, right) : (pair, "");
            if (Known.Contains(name) && !(TryUnescape(value, out var plain) && query.TryAdd(name, plain)))
            {
                return false;
            }
        }

        return true;
    }

    private static bool TryReadParameters(Dictionary<string, string> query, [NotNullWhen(true)] out TotpParameters? parameters)
    {
        parameters = null;
        var agreed = new TotpParameters();
        if (!TryReadHash(query.GetValueOrDefault("algorithm", "SHA1"), out var hash)
            || NumberOf(query, "digits", agreed.Digits, Hotp.MinDigits, Hotp.MaxDigits) is not { } digits
            || NumberOf(query, "period", agreed.Period, 1, TotpParameters.MaxPeriod) is not { } period)
        {
            return false;
        }

        parameters = new TotpParameters(hash, digits, period);
        return true;
    }

    private static bool TryReadHash(string name, out OathHash hash)
    {
        (var known, hash) = name.ToUpperInvariant() switch
        {
            "SHA1" => (true, OathHash.Sha1),
            "SHA256" => (true, OathHash.Sha256),
            "SHA512" => (true, OathHash.Sha512),
            _ => (false, default),
        };
        return known;
    }

    private static int? NumberOf(Dictionary<string, string> query, string name, int otherwise, int least, int most) =>
        query.TryGetValue(name, out var text) ? PlainNumber.Read(text, least, most) : otherwise;

    // Uri.UnescapeDataString lets pass what is no escape, and so would read two texts as one.
    private static bool TryUnescape(ReadOnlySpan<char> text, [NotNullWhen(true)] out string? plain)
    {
        plain = null;
        var bytes = new ArrayBufferWriter<byte>(Math.Max(1, text.Length));
        while (!text.IsEmpty)
        {
            var taken = text[0] == '%' ? TakeEscape(text, bytes) : TakeRune(text, bytes);
            if (taken == 0)
            {
                return false;
            }

            text = text[taken..];
        }

        plain = Utf8.IsValid(bytes.WrittenSpan) ? Encoding.UTF8.GetString(bytes.WrittenSpan) : null;
        return plain is not null;
    }

    private static int TakeEscape(ReadOnlySpan<char> text, ArrayBufferWriter<byte> bytes)
    {
        const int Length = 3;
        if (text.Length < Length
            || !byte.TryParse(text[1..Length], NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out var octet))
        {
            return 0;
        }

        bytes.Write([octet]);
        return Length;
    }

    private static int TakeRune(ReadOnlySpan<char> text, ArrayBufferWriter<byte> bytes)
    {
        if (Rune.DecodeFromUtf16(text, out var rune, out var length) != OperationStatus.Done)
        {
            return 0;
        }

        bytes.Advance(rune.EncodeToUtf8(bytes.GetSpan(4)));
        return length;
    }
}
