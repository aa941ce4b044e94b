using System.Buffers.Binary;
using System.Globalization;
using System.Security.Cryptography;

namespace Countersign.Protocol.Oath;

/// <summary>Event-based one-time passwords, RFC 4226.</summary>
public static class Hotp
{
    private const int LongestMac = 64;
    private static readonly int[] Powers = [1, 10, 100, 1_000, 10_000, 100_000, 1_000_000, 10_000_000, 100_000_000, 1_000_000_000];

    /// <summary>The code for a counter.</summary>
    /// <param name="key">The shared secret; RFC 4226 §4 R6 wants at least 16 bytes.</param>
    /// <param name="counter">The moving factor, eight bytes, big endian.</param>
    /// <param name="digits">6 to 8.</param>
    /// <param name="hash">SHA-1 unless agreed otherwise.</param>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="digits"/> is out of range, or <paramref name="counter"/> negative.</exception>
    public static string Compute(ReadOnlySpan<byte> key, long counter, int digits = 6, OathHash hash = OathHash.Sha1)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(counter);
        ArgumentOutOfRangeException.ThrowIfLessThan(digits, 6);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(digits, 8);
        Span<byte> data = stackalloc byte[8];
        BinaryPrimitives.WriteInt64BigEndian(data, counter);
        Span<byte> mac = stackalloc byte[LongestMac];
        mac = mac[..Mac(key, data, mac, hash)];
        return (Truncate(mac) % Powers[digits]).ToString("D" + digits.ToString(CultureInfo.InvariantCulture), CultureInfo.InvariantCulture);
    }

    // RFC 4226 §5.3: the low nibble of the last byte picks four bytes; the sign bit is dropped so that signed and unsigned
    // implementations agree.
    private static int Truncate(ReadOnlySpan<byte> mac) => BinaryPrimitives.ReadInt32BigEndian(mac[(mac[^1] & 0x0F)..]) & int.MaxValue;

#pragma warning disable CA5350 // RFC 4226 prescribes HMAC-SHA-1, which is sound (appendix B.2).
    private static int Mac(ReadOnlySpan<byte> key, ReadOnlySpan<byte> data, Span<byte> mac, OathHash hash) => hash switch
    {
        OathHash.Sha256 => HMACSHA256.HashData(key, data, mac),
        OathHash.Sha512 => HMACSHA512.HashData(key, data, mac),
        _ => HMACSHA1.HashData(key, data, mac),
    };
#pragma warning restore CA5350
}
