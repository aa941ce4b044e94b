using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;

namespace Countersign.Protocol.DPoP;

/// <summary>A signed object in the compact form (RFC 7515 §7.1), taken apart and not yet believed.</summary>
/// <param name="Header">The JOSE header.</param>
/// <param name="Payload">What is signed.</param>
/// <param name="SigningInput">The bytes that the signature covers.</param>
/// <param name="Signature">The signature.</param>
internal sealed record CompactJws(JsonElement Header, JsonElement Payload, byte[] SigningInput, byte[] Signature)
{
    private const int Parts = 3;

    /// <summary>The parts, or null for text that is no such object, or too long a one.</summary>
    public static CompactJws? Read(string? text, int maxLength) =>
        text is not null && text.Length <= maxLength
        && text.Split('.', Parts + 1) is [var header, var payload, var signature]
        && Base64UrlText.TryDecode(header, out var headerBytes) && StrictJson.ReadObject(headerBytes) is { } readHeader
        && Base64UrlText.TryDecode(payload, out var payloadBytes) && StrictJson.ReadObject(payloadBytes) is { } readPayload
        && Base64UrlText.TryDecode(signature, out var signatureBytes)
            ? new CompactJws(readHeader, readPayload, Encoding.ASCII.GetBytes($"{header}.{payload}"), signatureBytes)
            : null;

    /// <summary>Writes a header and a payload, signed with ES256 (RFC 7518 §3.4).</summary>
    public static string Sign(ECDsa key, ReadOnlySpan<byte> header, ReadOnlySpan<byte> payload)
    {
        var input = $"{Base64Url.EncodeToString(header)}.{Base64Url.EncodeToString(payload)}";
        var signature = key.SignData(
            Encoding.ASCII.GetBytes(input), HashAlgorithmName.SHA256, DSASignatureFormat.IeeeP1363FixedFieldConcatenation);
        return $"{input}.{Base64Url.EncodeToString(signature)}";
    }
}
