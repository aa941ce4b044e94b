using System.Buffers.Text;
using System.Security.Cryptography;
using Countersign.Server.Data.Protection;

namespace Countersign.Server.Features.Access.Sessions;

/// <summary>
/// What the session cookie holds: the user's id, the session's id, and 256 random bits of which the database keeps a hash.
/// </summary>
internal sealed record SessionToken(Guid UserId, Guid SessionId, byte[] Secret)
{
    private const string Use = "session";
    private const int SecretLength = 32;
    private const int Length = 32 + SecretLength;

    /// <summary>What the database keeps: made with a key that is not in it, so that nobody who writes rows can make a session.</summary>
    public byte[] Hash(MasterKeys keys) => Hash(keys.Current.Derive(Use));

    /// <summary>Whether the database keeps this token: a session outlives the rotation of the key that it began with.</summary>
    public bool Matches(byte[] hash, MasterKeys keys) =>
        keys.DeriveAll(Use).Any(key => CryptographicOperations.FixedTimeEquals(hash, Hash(key)));

    public static SessionToken New(Guid userId, Guid sessionId, ISecrets secrets) => new(userId, sessionId, secrets.Bytes(SecretLength));

    public static SessionToken? Parse(string? text)
    {
        var bytes = new byte[Length + 2];
        return text is { Length: <= 128 }
            && Base64Url.IsValid(text)
            && Base64Url.TryDecodeFromChars(text, bytes, out var written)
            && written == Length
            ? new SessionToken(
                new Guid(bytes.AsSpan(0, 16), bigEndian: true), new Guid(bytes.AsSpan(16, 16), bigEndian: true), bytes[32..Length])
            : null;
    }

    private byte[] Hash(byte[] key) =>
        HMACSHA256.HashData(key, (byte[])[.. UserId.ToByteArray(bigEndian: true), .. SessionId.ToByteArray(bigEndian: true), .. Secret]);

    public override string ToString() =>
        Base64Url.EncodeToString([.. UserId.ToByteArray(bigEndian: true), .. SessionId.ToByteArray(bigEndian: true), .. Secret]);
}
