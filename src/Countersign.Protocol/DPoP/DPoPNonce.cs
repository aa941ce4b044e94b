using System.Buffers.Binary;
using System.Buffers.Text;
using System.Security.Cryptography;

namespace Countersign.Protocol.DPoP;

/// <summary>
/// Nonces of the server (RFC 9449 §8) that are not stored: each carries its time, and whoever has the key can tell that it is
/// genuine, on any node. A nonce is not used up; what happens once is the <c>jti</c>.
/// </summary>
/// <remarks>
/// <code>
/// nonce  = base64url without padding of ( time random mac )
/// time   = milliseconds since 1970-01-01 00:00 UTC, 64 bits, most significant byte first
/// random = 16 bytes
/// mac    = HMAC-SHA-256( key, label time random ), 32 bytes
/// label  = the 24 ASCII characters "countersign-dpop-nonce/1"
/// </code>
/// <para>To clients it is opaque. A new layout takes a new number in the label.</para>
/// </remarks>
public static class DPoPNonce
{
    /// <summary>The least bytes of a key.</summary>
    public const int MinKeyLength = 32;

    /// <summary>The number of random bytes of a nonce, so that none can be told beforehand (RFC 9449 §11.2).</summary>
    public const int RandomLength = 16;

    /// <summary>The number of characters of a nonce.</summary>
    public const int Length = 75;

    private const int MacAt = sizeof(long) + RandomLength;
    private const int BytesLength = MacAt + HMACSHA256.HashSizeInBytes;

    /// <summary>Gets how long a nonce is good: 5 minutes.</summary>
    public static TimeSpan Lifetime { get; } = TimeSpan.FromMinutes(5);

    /// <summary>Gets how far the clocks of two nodes may differ: 1 minute.</summary>
    public static TimeSpan MaxSkew { get; } = TimeSpan.FromMinutes(1);

    private static ReadOnlySpan<byte> Label => "countersign-dpop-nonce/1"u8;

    /// <summary>Makes a nonce.</summary>
    /// <param name="key">A secret of the server, used for nothing else: at least <see cref="MinKeyLength"/> bytes.</param>
    /// <param name="now">The time.</param>
    /// <param name="random"><see cref="RandomLength"/> bytes of a cryptographic random number generator.</param>
    /// <returns><see cref="Length"/> characters of the alphabet of base64url, which may stand in a header as they are.</returns>
    /// <exception cref="ArgumentException">The key is too short, or there are not as many random bytes.</exception>
    public static string Make(ReadOnlySpan<byte> key, DateTimeOffset now, ReadOnlySpan<byte> random)
    {
        RequireKey(key);
        if (random.Length != RandomLength)
        {
            throw new ArgumentException($"{RandomLength} random bytes are expected.", nameof(random));
        }

        Span<byte> bytes = stackalloc byte[BytesLength];
        BinaryPrimitives.WriteInt64BigEndian(bytes, now.ToUnixTimeMilliseconds());
        random.CopyTo(bytes[sizeof(long)..]);
        WriteMac(key, bytes[..MacAt], bytes[MacAt..]);
        return Base64Url.EncodeToString(bytes);
    }

    /// <summary>Tells whether a nonce was made with the key, and is good at a time.</summary>
    /// <param name="nonce">What a client sent.</param>
    /// <param name="key">As for <see cref="Make"/>.</param>
    /// <param name="now">The time.</param>
    /// <returns>False for anything else.</returns>
    /// <exception cref="ArgumentException">The key is too short.</exception>
    public static bool Check(string? nonce, ReadOnlySpan<byte> key, DateTimeOffset now)
    {
        RequireKey(key);
        return nonce is not null && Read(nonce, key) is { } madeAt && IsLive(madeAt, now);
    }

    /// <summary>When a nonce was made, or null if it was made with none of the keys.</summary>
    internal static DateTimeOffset? Read(string nonce, IReadOnlyList<ReadOnlyMemory<byte>> keys) =>
        keys.Select(key => Read(nonce, key.Span)).FirstOrDefault(madeAt => madeAt is not null);

    internal static bool IsLive(DateTimeOffset madeAt, DateTimeOffset now) => now - madeAt <= Lifetime && madeAt - now <= MaxSkew;

    private static DateTimeOffset? Read(string nonce, ReadOnlySpan<byte> key)
    {
        if (nonce.Length != Length || !Base64UrlText.TryDecode(nonce, out var bytes))
        {
            return null;
        }

        Span<byte> mac = stackalloc byte[HMACSHA256.HashSizeInBytes];
        WriteMac(key, bytes.AsSpan(0, MacAt), mac);

        // What the MAC covers was written by Make: the time is in range.
        return CryptographicOperations.FixedTimeEquals(mac, bytes.AsSpan(MacAt))
            ? DateTimeOffset.FromUnixTimeMilliseconds(BinaryPrimitives.ReadInt64BigEndian(bytes))
            : null;
    }

    private static void WriteMac(ReadOnlySpan<byte> key, ReadOnlySpan<byte> timeAndRandom, Span<byte> destination)
    {
        Span<byte> data = stackalloc byte[Label.Length + MacAt];
        Label.CopyTo(data);
        timeAndRandom.CopyTo(data[Label.Length..]);
        HMACSHA256.HashData(key, data, destination);
    }

    private static void RequireKey(ReadOnlySpan<byte> key)
    {
        if (key.Length < MinKeyLength)
        {
            throw new ArgumentException($"A key of at least {MinKeyLength} bytes is expected.", nameof(key));
        }
    }
}
