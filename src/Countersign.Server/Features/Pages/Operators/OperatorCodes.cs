using System.Buffers.Binary;
using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;
using Countersign.Server.Data;
using Countersign.Server.Data.Protection;
using Countersign.Server.Features.Ground.Rations;

namespace Countersign.Server.Features.Pages.Operators;

/// <summary>
/// Codes that the command line gives out and the operators' pages take: whoever can run the program beside its keys is an operator.
/// A code names its bearer, lives ten minutes, and works once.
/// </summary>
internal sealed class OperatorCodes(MasterKeys keys, ISecrets secrets, Rationing rationing, TimeProvider time)
{
    public const int LongestName = 40;
    private const int Time = sizeof(long);
    private const int Nonce = 16;
    private const int Mac = 32;
    private const int LongestCode = 256;
    private const string Use = "operator-code";
    private static readonly TimeSpan Lifetime = TimeSpan.FromMinutes(10);
    private static readonly RationRule Once = new(1, TimeSpan.FromDays(1));

    public string Make(string name)
    {
        var bytes = Encoding.UTF8.GetBytes(name);
        var body = new byte[Time + Nonce + bytes.Length];
        BinaryPrimitives.WriteInt64BigEndian(body, (time.GetUtcNow() + Lifetime).ToUnixMicroseconds());
        secrets.Fill(body.AsSpan(Time, Nonce));
        bytes.CopyTo(body, Time + Nonce);
        return Base64Url.EncodeToString([.. HMACSHA256.HashData(keys.Current.Derive(Use), body), .. body]);
    }

    /// <summary>The name of the operator, once; null for a code that is wrong, late or used.</summary>
    public async Task<string?> SpendAsync(CountersignDbContext db, string? code)
    {
        var text = code?.Trim() ?? string.Empty;
        if (text.Length > LongestCode
            || !Base64Url.IsValid(text)
            || Base64Url.DecodeFromChars(text) is not { Length: > Mac + Time + Nonce } bytes)
        {
            return null;
        }

        var (mac, body) = (bytes[..Mac], bytes[Mac..]);
        if (!keys.DeriveAll(Use).Any(key => CryptographicOperations.FixedTimeEquals(mac, HMACSHA256.HashData(key, body)))
            || Instants.FromUnixMicroseconds(BinaryPrimitives.ReadInt64BigEndian(body)) < time.GetUtcNow())
        {
            return null;
        }

        return await rationing.TakeAsync(db, new Guid(body.AsSpan(Time, Nonce)), "operator-code", Once)
            ? Encoding.UTF8.GetString(body.AsSpan(Time + Nonce))
            : null;
    }
}
