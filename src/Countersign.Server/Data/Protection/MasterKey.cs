using System.Security.Cryptography;
using System.Text;

namespace Countersign.Server.Data.Protection;

/// <summary>A master key. Every use has a key of its own, derived by HKDF (RFC 5869).</summary>
internal sealed class MasterKey(string id, DateTimeOffset? from, byte[] bytes)
{
    /// <summary>Stands beside whatever the key closed.</summary>
    public string Id => id;

    /// <summary>From when on it closes new things.</summary>
    public DateTimeOffset From => from ?? DateTimeOffset.MinValue;

    /// <summary>A 256-bit key for one use.</summary>
    public byte[] Derive(string use) => Derive(bytes, use);

    public static byte[] Derive(byte[] key, string use) =>
        HKDF.DeriveKey(HashAlgorithmName.SHA256, key, KeyLine.KeyLength, info: Encoding.UTF8.GetBytes("countersign/" + use));
}
