using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;
using Countersign.Server.Data.Protection;

namespace Countersign.Server.Features.Confirming.Challenges;

/// <summary>By what a response is recognised that was sent before, and the id of the master key that it was made with.</summary>
internal sealed record AnswerMac(byte[] Mac, string KeyId);

/// <summary>
/// Keyed hashes over a challenge (D36): of a response, which is not kept itself, and of what only the challenge's opener has. Every part
/// has its length in front, under a label of its own, so that no two inputs are ever the same bytes.
/// </summary>
internal sealed class AnswerKeys(MasterKeys keys)
{
    private const string ResponseUse = "challenge-response";
    private const string ResultUse = "challenge-result";

    public AnswerMac Of(ChallengeHandle challenge, int promptNo, string response)
    {
        var key = keys.Current;
        return new AnswerMac(OfResponse(key.Derive(ResponseUse), challenge, promptNo, response), key.Id);
    }

    /// <summary>The same with the key of the response that the row keeps; null where it keeps none, or its key is gone.</summary>
    public byte[]? AsKept(Challenge row, string response) =>
        row is { AnswerMac: not null, AnswerKeyId: { } id } && keys.Derive(id, ResponseUse) is { } key
            ? OfResponse(key, new ChallengeHandle(row.UserId, row.Id), row.PromptNo, response)
            : null;

    /// <summary>
    /// 256 bits that only this challenge, its opener and one result of it yield, as often as they are asked for. An answer that was not
    /// kept is not asked for again, and has the key of today.
    /// </summary>
    public byte[] SecretOf(string? keyId, ChallengeHandle challenge, Guid result, Opener opener) => Mac(
        keyId is null ? keys.Current.Derive(ResultUse) : keys.Need(keyId, ResultUse),
        "countersign/challenge-result/1"u8,
        Bytes(challenge.UserId), Bytes(result), Bytes(challenge.Id), opener.Secret);

    private static byte[] OfResponse(byte[] key, ChallengeHandle challenge, int promptNo, string response)
    {
        var prompt = new byte[sizeof(int)];
        BinaryPrimitives.WriteInt32BigEndian(prompt, promptNo);
        return Mac(
            key, "countersign/challenge-response/1"u8, Bytes(challenge.UserId), Bytes(challenge.Id), prompt,
            Encoding.UTF8.GetBytes(response));
    }

    private static byte[] Mac(byte[] key, ReadOnlySpan<byte> label, params ReadOnlySpan<byte[]> parts)
    {
        using var mac = IncrementalHash.CreateHMAC(HashAlgorithmName.SHA256, key);
        Add(mac, label);
        foreach (var part in parts)
        {
            Add(mac, part);
        }

        return mac.GetHashAndReset();
    }

    private static void Add(IncrementalHash mac, ReadOnlySpan<byte> part)
    {
        Span<byte> length = stackalloc byte[sizeof(int)];
        BinaryPrimitives.WriteInt32BigEndian(length, part.Length);
        mac.AppendData(length);
        mac.AppendData(part);
    }

    private static byte[] Bytes(Guid id) => id.ToByteArray(bigEndian: true);
}
