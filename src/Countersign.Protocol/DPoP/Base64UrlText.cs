using System.Buffers;
using System.Buffers.Text;
using System.Diagnostics.CodeAnalysis;

namespace Countersign.Protocol.DPoP;

/// <summary>Base64url as JOSE writes it (RFC 7515 §2): no padding, and one spelling for the same bytes.</summary>
internal static class Base64UrlText
{
    /// <summary>Reads text of a bounded length.</summary>
    /// <returns>False for padding and white space too, which the decoder of the platform passes over.</returns>
    public static bool TryDecode(ReadOnlySpan<char> text, [NotNullWhen(true)] out byte[]? bytes)
    {
        var decoded = new byte[Base64Url.GetMaxDecodedLength(text.Length)];
        var status = Base64Url.DecodeFromChars(text, decoded, out _, out var length);
        bytes = status == OperationStatus.Done && text.SequenceEqual(Base64Url.EncodeToString(decoded.AsSpan(0, length)))
            ? decoded[..length]
            : null;
        return bytes is not null;
    }
}
