using System.Buffers.Binary;
using System.Diagnostics;
using System.Runtime.InteropServices;
using System.Security.Cryptography;

namespace Countersign.Protocol.Oath;

/// <summary>
/// What HOTP, TOTP and OCRA have in common: the HMAC, its truncation to decimal digits, and a comparison in constant time.
/// </summary>
internal static class OathMac
{
    /// <summary>The most bytes that <see cref="Compute"/> writes.</summary>
    public const int MaxLength = HMACSHA512.HashSizeInBytes;

    // 2^31 - 1 has ten digits, and OCRA may ask for all of them (RFC 6287 §5.2).
    private const int MaxDigits = 10;

    /// <summary>The number of bytes of a hash, and of its HMAC.</summary>
    public static int LengthOf(OathHash hash) => hash switch
    {
        OathHash.Sha1 => HMACSHA1.HashSizeInBytes,
        OathHash.Sha256 => HMACSHA256.HashSizeInBytes,
        OathHash.Sha512 => HMACSHA512.HashSizeInBytes,
        _ => throw NoHash(nameof(hash), hash),
    };

    /// <summary>The HMAC of some data, written to <paramref name="destination"/>.</summary>
    public static ReadOnlySpan<byte> Compute(OathHash hash, ReadOnlySpan<byte> key, ReadOnlySpan<byte> data, Span<byte> destination)
    {
        if (key.IsEmpty)
        {
            throw new ArgumentException("A key has at least one byte.", nameof(key));
        }

#pragma warning disable CA5350 // RFC 4226 prescribes HMAC-SHA-1, which is sound (appendix B.2).
        var length = hash switch
        {
            OathHash.Sha1 => HMACSHA1.HashData(key, data, destination),
            OathHash.Sha256 => HMACSHA256.HashData(key, data, destination),
            OathHash.Sha512 => HMACSHA512.HashData(key, data, destination),
            _ => throw NoHash(nameof(hash), hash),
        };
#pragma warning restore CA5350
        return destination[..length];
    }

    /// <summary>Fills <paramref name="destination"/> with the last digits of the truncated HMAC, leading zeros included.</summary>
    public static void WriteDigits(ReadOnlySpan<byte> mac, Span<char> destination)
    {
        Debug.Assert(destination.Length is > 0 and <= MaxDigits, "The callers have checked the number of digits.");

        // RFC 4226 §5.3: the low nibble of the last byte picks four bytes; the sign bit is dropped so that signed and unsigned
        // implementations agree.
        var number = BinaryPrimitives.ReadInt32BigEndian(mac[(mac[^1] & 0x0F)..]) & int.MaxValue;
        for (var i = destination.Length - 1; i >= 0; i--)
        {
            (number, var digit) = Math.DivRem(number, 10);
            destination[i] = (char)('0' + digit);
        }
    }

    public static ArgumentOutOfRangeException NoHash(string parameter, OathHash hash) =>
        new(parameter, hash, "SHA-1, SHA-256 or SHA-512 is expected.");

    /// <summary>Whether two texts are the same, in a time that depends on their lengths only.</summary>
    public static bool FixedTimeEquals(ReadOnlySpan<char> one, ReadOnlySpan<char> other) =>
        CryptographicOperations.FixedTimeEquals(MemoryMarshal.AsBytes(one), MemoryMarshal.AsBytes(other));
}
