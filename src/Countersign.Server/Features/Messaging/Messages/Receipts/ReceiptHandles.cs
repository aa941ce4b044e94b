using System.Buffers.Text;
using System.Diagnostics.CodeAnalysis;
using System.Security.Cryptography;
using System.Text;
using Countersign.Server.Data.Protection;

namespace Countersign.Server.Features.Messaging.Messages.Receipts;

/// <summary>Which attempt a receipt is about.</summary>
/// <param name="Attempt">Zero: whichever was this gateway's last, for gateways that know the message and not the attempt.</param>
internal readonly record struct ReceiptHandle(Guid UserId, Guid MessageId, byte Attempt);

/// <summary>
/// Names an attempt towards a gateway: user, message, attempt and a MAC of 128 bits that is bound to the gateway. Nobody else
/// can make one up, and a gateway cannot report on another's messages.
/// </summary>
internal sealed class ReceiptHandles(MasterKeys keys)
{
    private const string Use = "message-receipt";
    private const int BodyLength = 33;
    private const int MacLength = 16;

    public string Make(string gateway, Guid userId, Guid messageId, int attempt)
    {
        Span<byte> bytes = stackalloc byte[BodyLength + MacLength];
        userId.TryWriteBytes(bytes, bigEndian: true, out _);
        messageId.TryWriteBytes(bytes[16..], bigEndian: true, out _);
        bytes[BodyLength - 1] = (byte)Math.Min(attempt, byte.MaxValue);
        Mac(keys.Current.Derive(Use), gateway, bytes[..BodyLength]).CopyTo(bytes[BodyLength..]);
        return Base64Url.EncodeToString(bytes);
    }

    public bool TryRead(string gateway, [NotNullWhen(true)] string? text, out ReceiptHandle handle)
    {
        handle = default;
        Span<byte> bytes = stackalloc byte[BodyLength + MacLength];
        if (text is null
            || text.Length != Base64Url.GetEncodedLength(bytes.Length)
            || !Base64Url.IsValid(text)
            || !Base64Url.TryDecodeFromChars(text, bytes, out var written)
            || written != bytes.Length)
        {
            return false;
        }

        var (body, mac) = (bytes[..BodyLength].ToArray(), bytes[BodyLength..].ToArray());
        if (!keys.DeriveAll(Use).Any(key => CryptographicOperations.FixedTimeEquals(Mac(key, gateway, body), mac)))
        {
            return false;
        }

        handle = new ReceiptHandle(new Guid(bytes[..16], bigEndian: true), new Guid(bytes[16..32], bigEndian: true), bytes[BodyLength - 1]);
        return true;
    }

    private static byte[] Mac(byte[] key, string gateway, ReadOnlySpan<byte> body)
    {
        // The body has one length, so that the two parts cannot run into each other.
        byte[] bound = [.. body, .. Encoding.UTF8.GetBytes(gateway)];
        return HMACSHA256.HashData(key, bound)[..MacLength];
    }
}
