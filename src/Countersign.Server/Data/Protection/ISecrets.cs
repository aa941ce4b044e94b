using System.Security.Cryptography;

namespace Countersign.Server.Data.Protection;

/// <summary>The one source of randomness, injected so that a test can own it.</summary>
internal interface ISecrets
{
    void Fill(Span<byte> bytes);

    /// <summary>A uniform whole number in [0, limit).</summary>
    int Below(int limit);
}

/// <summary>Randomness of the operating system.</summary>
internal sealed class SystemSecrets : ISecrets
{
#pragma warning disable RS0030 // The one place that may.
    public void Fill(Span<byte> bytes) => RandomNumberGenerator.Fill(bytes);

    public int Below(int limit) => RandomNumberGenerator.GetInt32(limit);
#pragma warning restore RS0030
}

internal static class SecretsExtensions
{
    public static byte[] Bytes(this ISecrets secrets, int count)
    {
        var bytes = new byte[count];
        secrets.Fill(bytes);
        return bytes;
    }
}
