using System.Security.Cryptography;

namespace Countersign.Server.Features.Challenges;

/// <summary>Who opened a challenge, and alone may see and use it (D8).</summary>
/// <param name="Secret">128 random bits of the browser.</param>
/// <param name="Source">IPv4 address or IPv6 /64.</param>
/// <param name="KnownBrowser">Whether this browser has signed the user in before.</param>
internal sealed record Opener(byte[] Secret, string Source, bool KnownBrowser)
{
    public byte[] Hash { get; } = SHA256.HashData(Secret);
}
