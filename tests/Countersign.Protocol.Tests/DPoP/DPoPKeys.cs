using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Countersign.Protocol.DPoP;
using CsCheck;

namespace Countersign.Protocol.Tests.DPoP;

/// <summary>A key that signs the proofs of the tests, and what they are about.</summary>
internal static class DPoPKeys
{
    public static readonly DateTimeOffset Now = DateTimeOffset.FromUnixTimeSeconds(1_767_355_200);

    public static readonly byte[] NonceKey = [.. Enumerable.Range(0, DPoPNonce.MinKeyLength).Select(i => (byte)i)];

    public static readonly DPoPFreshness Clock = DPoPFreshness.ByClock(Now, TimeSpan.FromSeconds(60), TimeSpan.FromSeconds(30));

    public static ECDsa Signer { get; } = ECDsa.Create(ECCurve.NamedCurves.nistP256);

    public static DPoPRequest Request { get; } = new() { Method = "POST", Address = new Uri("https://login.example/api/v1/phone/decide") };

    /// <summary>Text that may stand in a proof.</summary>
    public static Gen<string> VisibleAscii(int most) => Gen.Char['!', '~'].Array[1, most].Select(letters => new string(letters));

    /// <summary>The public key of the signer, and with it the header of its proofs.</summary>
    public static Dictionary<string, string?> Jwk { get; } = ReadJwk();

    /// <summary>A proof of the signer with these claims, and with this key in its header instead of its own.</summary>
    public static string Signed(ReadOnlySpan<byte> claims, IReadOnlyDictionary<string, string?>? jwk = null)
    {
        var header = JsonSerializer.SerializeToUtf8Bytes(new { typ = "dpop+jwt", alg = "ES256", jwk = jwk ?? Jwk });
        var input = $"{Base64Url(header)}.{Base64Url(claims)}";
        return $"{input}.{Base64Url(Signer.SignData(Encoding.ASCII.GetBytes(input), HashAlgorithmName.SHA256))}";
    }

    public static string Base64Url(ReadOnlySpan<byte> bytes) =>
        Convert.ToBase64String(bytes).TrimEnd('=').Replace('+', '-').Replace('/', '_');

    public static byte[] FromBase64Url(string text) =>
        Convert.FromBase64String(text.Replace('-', '+').Replace('_', '/').PadRight((text.Length + 3) / 4 * 4, '='));

    public static DPoPFault FaultOf(string? proof, DPoPRequest? request = null, DPoPFreshness? freshness = null) =>
        Assert.IsType<DPoPRefused>(DPoPProof.Verify(proof, request ?? Request, freshness ?? Clock)).Fault;

    public static DPoPAccepted Accepted(string? proof, DPoPRequest? request = null, DPoPFreshness? freshness = null) =>
        Assert.IsType<DPoPAccepted>(DPoPProof.Verify(proof, request ?? Request, freshness ?? Clock));

    private static Dictionary<string, string?> ReadJwk()
    {
        var point = Signer.ExportParameters(includePrivateParameters: false).Q;
        return new() { ["kty"] = "EC", ["crv"] = "P-256", ["x"] = Base64Url(point.X), ["y"] = Base64Url(point.Y) };
    }
}
