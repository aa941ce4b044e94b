using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Countersign.Server.Data.Protection;

namespace Countersign.Server.Features.Confirming.SentCodes;

/// <summary>Makes codes, and what is kept to compare them with: a MAC for one challenge, never the code in the clear (D27).</summary>
internal sealed class CodeSecrets(MasterKeys keys, ISecrets secrets)
{
    public const int Length = 6;

    // Named before there were codes by e-mail; another name would make another key.
    private const string Use = "text-message-code";

    public string New() => secrets.Below(1_000_000).ToString("D6", CultureInfo.InvariantCulture);

    public byte[] Mac(Guid challengeId, string code) => Mac(keys.Current.Derive(Use), challengeId, code);

    /// <summary>Whether it is the code that the MAC was made of, with whichever key.</summary>
    public bool Matches(byte[] mac, Guid challengeId, string code) =>
        keys.DeriveAll(Use).Any(key => CryptographicOperations.FixedTimeEquals(mac, Mac(key, challengeId, code)));

    private static byte[] Mac(byte[] key, Guid challengeId, string code) =>
        HMACSHA256.HashData(key, (byte[])[.. challengeId.ToByteArray(bigEndian: true), .. Encoding.ASCII.GetBytes(code)]);
}
