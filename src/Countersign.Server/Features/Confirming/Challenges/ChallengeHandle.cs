using System.Buffers.Text;
using System.Diagnostics.CodeAnalysis;

namespace Countersign.Server.Features.Confirming.Challenges;

/// <summary>Names a row that belongs to a user, outside the server: both ids, so that the row's shard is known.</summary>
internal readonly record struct ChallengeHandle(Guid UserId, Guid Id) : IParsable<ChallengeHandle>
{
    private const int Length = 32;

    public static bool TryParse([NotNullWhen(true)] string? s, IFormatProvider? provider, out ChallengeHandle result)
    {
        result = default;
        Span<byte> bytes = stackalloc byte[Length + 1];
        if (s is null
            || s.Length > 64
            || !Base64Url.IsValid(s)
            || !Base64Url.TryDecodeFromChars(s, bytes, out var written)
            || written != Length)
        {
            return false;
        }

        result = new ChallengeHandle(new Guid(bytes[..16], bigEndian: true), new Guid(bytes[16..Length], bigEndian: true));
        return true;
    }

    public static ChallengeHandle Parse(string s, IFormatProvider? provider) =>
        TryParse(s, provider, out var handle) ? handle : throw new FormatException("Not a challenge handle.");

    public override string ToString()
    {
        Span<byte> bytes = stackalloc byte[Length];
        UserId.TryWriteBytes(bytes, bigEndian: true, out _);
        Id.TryWriteBytes(bytes[16..], bigEndian: true, out _);
        return Base64Url.EncodeToString(bytes);
    }
}
