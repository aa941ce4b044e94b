using System.Security.Cryptography;
using System.Text;

namespace Countersign.Protocol.Oath;

/// <summary>Makes the input <c>P</c> of OCRA out of a PIN or password (RFC 6287 §5.1).</summary>
/// <remarks>
/// It is a plain hash of few characters, and so as good as the PIN: it is encrypted at rest, and no proof that the PIN was right
/// but for the response that it takes part in.
/// </remarks>
public static class OcraPin
{
    /// <summary>The most characters of a PIN.</summary>
    public const int MaxLength = 64;

    private const int MaxBytesOfCharacter = 3;

    private static readonly UTF8Encoding StrictUtf8 = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    /// <summary>Hashes a PIN: the hash of its UTF-8 bytes, as they are, without salt.</summary>
    /// <param name="hash">The hash function that <see cref="OcraSuite.PinHash"/> names.</param>
    /// <param name="pin">1 to <see cref="MaxLength"/> characters of well-formed Unicode; normalisation is the caller's.</param>
    /// <returns>20, 32 or 64 bytes.</returns>
    /// <exception cref="ArgumentException">The PIN is empty, too long or not well-formed.</exception>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="hash"/> is not known.</exception>
    public static byte[] Hash(OathHash hash, ReadOnlySpan<char> pin)
    {
        if (pin.Length is 0 or > MaxLength)
        {
            throw new ArgumentException($"A PIN has 1 to {MaxLength} characters.", nameof(pin));
        }

        Span<byte> bytes = stackalloc byte[MaxLength * MaxBytesOfCharacter];
        bytes = bytes[..StrictUtf8.GetBytes(pin, bytes)];
#pragma warning disable CA5350 // The suite says which; RFC 6287 §6.3 makes SHA-1 the default.
        return hash switch
        {
            OathHash.Sha1 => SHA1.HashData(bytes),
            OathHash.Sha256 => SHA256.HashData(bytes),
            OathHash.Sha512 => SHA512.HashData(bytes),
            _ => throw OathMac.NoHash(nameof(hash), hash),
        };
#pragma warning restore CA5350
    }
}
