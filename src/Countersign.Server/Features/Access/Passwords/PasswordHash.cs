using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Countersign.Server.Data.Protection;
using Microsoft.Extensions.Options;
using NSec.Cryptography;

namespace Countersign.Server.Features.Access.Passwords;

/// <summary>
/// Argon2id (RFC 9106) and then a keyed step with a key outside the database, so that a stolen table alone cannot be searched.
/// Stored as <c>argon2id$m=19456,t=2$key id$salt$tag</c>: scheme, cost and key travel with each hash.
/// </summary>
internal sealed class PasswordHash(MasterKeys keys, ISecrets secrets, IOptions<PasswordOptions> options)
{
    /// <summary>The use of a master key that each stored hash was made with.</summary>
    public const string Use = "password";

    private const string Scheme = "argon2id";
    private const int SaltLength = 16;
    private const int TagLength = 32;

    /// <summary>A stored hash that no password matches, of today's cost: what an unknown user's password is checked against.</summary>
    public string Nobody =>
        Encode(options.Value.MemoryKiB, options.Value.Passes, keys.Current.Id, new byte[SaltLength], new byte[TagLength]);

    public string Make(string password)
    {
        var salt = secrets.Bytes(SaltLength);
        var (memory, passes) = (options.Value.MemoryKiB, options.Value.Passes);
        var key = keys.Current;
        return Encode(memory, passes, key.Id, salt, Tag(password, memory, passes, key.Derive(Use), salt));
    }

    /// <exception cref="CryptographicException">The stored text is no hash.</exception>
    /// <exception cref="MasterKeyMissingException">Its key is not in the key file.</exception>
    public bool Matches(string password, string stored)
    {
        var (memory, passes, keyId, salt, tag) = Decode(stored);
        var key = keys.Need(keyId, Use);
        return CryptographicOperations.FixedTimeEquals(tag, Tag(password, memory, passes, key, salt));
    }

    /// <summary>
    /// Whether the hash was made with other costs or another key than today's: it is made anew at the next right password.
    /// </summary>
    public bool IsDated(string stored)
    {
        var (memory, passes, keyId, _, _) = Decode(stored);
        return memory != options.Value.MemoryKiB || passes != options.Value.Passes || keyId != keys.Current.Id;
    }

    private static byte[] Tag(string password, int memoryKiB, int passes, byte[] key, byte[] salt)
    {
        var argon2 = PasswordBasedKeyDerivationAlgorithm.Argon2id(
            new Argon2Parameters { DegreeOfParallelism = 1, MemorySize = memoryKiB, NumberOfPasses = passes });
        var slow = argon2.DeriveBytes(Encoding.UTF8.GetBytes(PasswordRules.Normalise(password)), salt, TagLength);
        return HMACSHA256.HashData(key, slow);
    }

    private static string Encode(int memoryKiB, int passes, string keyId, byte[] salt, byte[] tag) =>
        string.Create(
            CultureInfo.InvariantCulture,
            $"{Scheme}$m={memoryKiB},t={passes}${keyId}${Convert.ToBase64String(salt)}${Convert.ToBase64String(tag)}");

    private static (int MemoryKiB, int Passes, string KeyId, byte[] Salt, byte[] Tag) Decode(string stored)
    {
        var parts = stored.Split('$');
        var costs = parts.Length == 5 && parts[0] == Scheme ? parts[1].Split(["m=", ",t="], StringSplitOptions.RemoveEmptyEntries) : [];
        return costs.Length == 2
            && int.TryParse(costs[0], CultureInfo.InvariantCulture, out var memory)
            && int.TryParse(costs[1], CultureInfo.InvariantCulture, out var passes)
            ? (memory, passes, parts[2], Convert.FromBase64String(parts[3]), Convert.FromBase64String(parts[4]))
            : throw new CryptographicException("A stored password hash is malformed.");
    }
}
