using System.Security.Cryptography;
using System.Text;

namespace Countersign.Server.Data.Protection;

/// <summary>
/// Values that this installation alone opens, each in its own place only: <c>version ‖ length of the key's id ‖ id ‖ nonce ‖ tag ‖
/// ciphertext</c>, by AES-256-GCM under a key of that place. All but the ciphertext is 30 bytes and the id.
/// </summary>
/// <remarks>
/// The key of a place is HMAC-SHA-256 of the place under what is derived from the master key for the use: a place is closed a
/// handful of times, so random nonces do not come near their limit (NIST SP 800-38D, 8.3), and what was copied elsewhere does not open.
/// </remarks>
internal static class Sealed
{
    /// <summary>The use of the master key for values in rows.</summary>
    public const string Use = "sealed";

    /// <summary>
    /// That for cookies, which live in browsers where nobody counts them: what opens them stays when the master key goes.
    /// </summary>
    public const string CookieUse = "cookie";

    private const byte Version = 1;
    private const int NonceLength = 12;
    private const int TagLength = 16;

    /// <param name="place">What it is bound to, such as column, owner and row; no two things share one.</param>
    public static byte[] Close(MasterKey master, string use, ReadOnlySpan<byte> place, ReadOnlySpan<byte> plain, ISecrets secrets)
    {
        var head = 2 + master.Id.Length;
        var closed = new byte[head + NonceLength + TagLength + plain.Length];
        WriteHead(master.Id, closed);
        var nonce = closed.AsSpan(head, NonceLength);
        var tag = closed.AsSpan(head + NonceLength, TagLength);
        secrets.Fill(nonce);
        using var aes = AesOf(master.Derive(use), place);
        aes.Encrypt(nonce, plain, closed.AsSpan(head + NonceLength + TagLength), tag, closed.AsSpan(0, head));
        return closed;
    }

    /// <summary>The id of the master key; null for what was not closed here.</summary>
    public static string? KeyIdOf(ReadOnlySpan<byte> closed) =>
        closed.Length >= 2 && closed[0] == Version && closed[1] is > 0 and <= KeyLine.LongestId
            && closed.Length >= 2 + closed[1] + NonceLength + TagLength && Ascii.IsValid(closed.Slice(2, closed[1]))
            ? Encoding.ASCII.GetString(closed.Slice(2, closed[1]))
            : null;

    /// <summary>What each value that this master key closed begins with.</summary>
    public static byte[] HeadOf(string keyId)
    {
        var head = new byte[2 + keyId.Length];
        WriteHead(keyId, head);
        return head;
    }

    /// <summary>Null where it was not closed for this place, or was changed.</summary>
    /// <param name="derived">For the same use, from the master key of <see cref="KeyIdOf"/>.</param>
    public static byte[]? Open(byte[] derived, ReadOnlySpan<byte> place, ReadOnlySpan<byte> closed)
    {
        var head = 2 + closed[1];
        var nonce = closed.Slice(head, NonceLength);
        var tag = closed.Slice(head + NonceLength, TagLength);
        var text = closed[(head + NonceLength + TagLength)..];
        var plain = new byte[text.Length];
        using var aes = AesOf(derived, place);
        try
        {
            aes.Decrypt(nonce, text, tag, plain, closed[..head]);
            return plain;
        }
        catch (AuthenticationTagMismatchException)
        {
            return null;
        }
    }

    private static void WriteHead(string keyId, Span<byte> head)
    {
        head[0] = Version;
        head[1] = (byte)keyId.Length;
        Encoding.ASCII.GetBytes(keyId, head[2..]);
    }

    private static AesGcm AesOf(byte[] derived, ReadOnlySpan<byte> place)
    {
        Span<byte> key = stackalloc byte[HMACSHA256.HashSizeInBytes];
        HMACSHA256.HashData(derived, place, key);
        var aes = new AesGcm(key, TagLength);
        CryptographicOperations.ZeroMemory(key);
        return aes;
    }
}
