using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;
using Countersign.Server.Data.Protection;

namespace Countersign.Server.Features.Programs.Applications;

/// <summary>
/// Client ids and secrets. A secret has 256 random bits, so a keyed hash is enough to store it: there is nothing to guess, and no
/// slow hash is spent on each token. The prefix lets scanners find one that leaked.
/// </summary>
internal sealed class ApplicationSecrets(MasterKeys keys, ISecrets secrets)
{
    /// <summary>The use of a master key that each stored secret was made with.</summary>
    public const string Use = "application-secret";

    public const string SecretPrefix = "countersign_cs_";
    public const string IdPrefix = "countersign_ci_";

    /// <summary>Key id, a dot and 43 characters.</summary>
    public const int LongestStored = 80;

    private const int SecretBytes = 32;
    private const int IdBytes = 12;
    private const int LongestSecret = 200;

    public string NewId() => IdPrefix + Base64Url.EncodeToString(secrets.Bytes(IdBytes));

    public string NewSecret() => SecretPrefix + Base64Url.EncodeToString(secrets.Bytes(SecretBytes));

    /// <summary>The secret as it is stored.</summary>
    public string Store(string secret)
    {
        var key = keys.Current;
        return Hash(key.Id, key.Derive(Use), secret);
    }

    /// <summary>Whether the secret is the stored one.</summary>
    /// <exception cref="MasterKeyMissingException">Its key is not in the key file.</exception>
    public bool Matches(string? stored, string? secret)
    {
        if (stored is null
            || secret is null
            || secret.Length > LongestSecret
            || stored.IndexOf('.', StringComparison.Ordinal) is not (> 0 and var dot))
        {
            return false;
        }

        var id = stored[..dot];
        return CryptographicOperations.FixedTimeEquals(
            Encoding.ASCII.GetBytes(Hash(id, keys.Need(id, Use), secret)), Encoding.ASCII.GetBytes(stored));
    }

    private static string Hash(string keyId, byte[] key, string secret) =>
        $"{keyId}.{Base64Url.EncodeToString(HMACSHA256.HashData(key, Encoding.UTF8.GetBytes(secret)))}";
}
