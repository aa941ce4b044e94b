using System.Collections.Concurrent;
using System.Security.Cryptography;
using System.Text;

namespace Countersign.Server.Data.Protection;

/// <summary>A master key. Every use has a key of its own, derived by HKDF (RFC 5869).</summary>
internal sealed class MasterKey(string id, DateTimeOffset? from, byte[] bytes)
{
    private readonly ConcurrentDictionary<string, byte[]> _derived = new(StringComparer.Ordinal);

    /// <summary>Stands beside whatever the key closed.</summary>
    public string Id => id;

    /// <summary>From when on it closes new things.</summary>
    public DateTimeOffset From => from ?? DateTimeOffset.MinValue;

    /// <summary>A 256-bit key for one use. It is kept: do not change it.</summary>
    public byte[] Derive(string use) => _derived.GetOrAdd(use, static (u, key) => Derive(key, u), bytes);

    public static byte[] Derive(byte[] key, string use) =>
        HKDF.DeriveKey(HashAlgorithmName.SHA256, key, KeyLine.KeyLength, info: Encoding.UTF8.GetBytes("countersign/" + use));
}
