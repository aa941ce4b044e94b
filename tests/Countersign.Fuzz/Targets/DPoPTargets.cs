using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;
using Countersign.Protocol.DPoP;
using static Countersign.Fuzz.Targets.FuzzTargets;

namespace Countersign.Fuzz.Targets;

/// <summary>The parsers behind a proof of possession: of the proof, of the JSON that it signs, and of a nonce.</summary>
internal static class DPoPTargets
{
    private const int ThumbprintLength = 43;
    private const string Nonce = "AAABm36UMgAACxYhLDdCTVhjbnmEj5ql0fRyh3qZcuJDX7Z46fWcAId14uvlfAumt3ASy4Zvj5Y";
    private const string PublicKey =
        """{"kty":"EC","crv":"P-256","x":"YP7UuiVanTHJYet0xjVtaMBJuJI7Yfps5mliLmDyn7Y",""" +
        """ "y":"eQP-EAi4vJmkGunpVii8ZPLxsgwtfp9Rd6PClNRGIpk"}""";

    // The proofs of RFC 9449, figures 2 and 13.
    private const string Header =
        "eyJ0eXAiOiJkcG9wK2p3dCIsImFsZyI6IkVTMjU2IiwiandrIjp7Imt0eSI6IkVDIiwieCI6Imw4dEZyaHgtMzR0VjNoUklDUkRZOXpDa0RscEJoRjQyVVFVZldW" +
        "QVdCRnMiLCJ5IjoiOVZFNGpmX09rX282NHpiVFRsY3VOSmFqSG10NnY5VERWclUwQ2R2R1JEQSIsImNydiI6IlAtMjU2In19";

    private const string ForToken =
        $"{Header}.eyJqdGkiOiItQndDM0VTYzZhY2MybFRjIiwiaHRtIjoiUE9TVCIsImh0dSI6Imh0dHBzOi8vc2VydmVyLmV4YW1wbGUuY29tL3Rva2VuIiwia" +
        "WF0IjoxNTYyMjYyNjE2fQ.2-GxA6T8lP4vfrg8v-FdWP0A0zdrj8igiMLvqRMUvwnQg4PtFLbdLXiOSsX0x7NVY-FNyJK70nfbV37xRZT3Lg";

    private const string ForResource =
        $"{Header}.eyJqdGkiOiJlMWozVl9iS2ljOC1MQUVCIiwiaHRtIjoiR0VUIiwiaHR1IjoiaHR0cHM6Ly9yZXNvdXJjZS5leGFtcGxlLm9yZy9wcm90ZWN0Z" +
        "WRyZXNvdXJjZSIsImlhdCI6MTU2MjI2MjYxOCwiYXRoIjoiZlVIeU8ycjJaM0RaNTNFc05yV0JiMHhXWG9hTnk1OUlpS0NBcWtzbVFFbyJ9" +
        ".2oW9RP35yRqzhrtNP86L-Ey71EOptxRimPPToA1plemAgR6pxHF8y6-yqyVnmcw6Fy1dqd-jfxSYoMxhAJpLjA";

    private static readonly byte[] NonceKey = [.. Enumerable.Range(0, DPoPNonce.MinKeyLength).Select(i => (byte)i)];
    private static readonly DateTimeOffset NonceTime = DateTimeOffset.FromUnixTimeSeconds(1_767_355_200);

    private static readonly DPoPFreshness Clock =
        DPoPFreshness.ByClock(DateTimeOffset.FromUnixTimeSeconds(1_562_262_616), TimeSpan.FromSeconds(60), TimeSpan.FromSeconds(30));

    private static readonly DPoPRequest TokenRequest = new() { Method = "POST", Address = new Uri("https://server.example.com/token") };

    private static readonly DPoPRequest ResourceRequest = new()
    {
        Method = "GET",
        Address = new Uri("https://resource.example.org/protectedresource"),
        AccessToken = "Kz~8mXK1EalYznwH-LC-1fBAo.4Ljp~zsPE_NeO.gxU",
    };

    // The key that RFC 6979 §A.2.5 publishes: always the same, and no secret.
    private static readonly ECDsa Key = ECDsa.Create(new ECParameters
    {
        Curve = ECCurve.NamedCurves.nistP256,
        D = Convert.FromHexString("C9AFA9D845BA75166B5C215767B1D6934E50C3DB36E89B127B8A622B120F6721"),
        Q = new ECPoint
        {
            X = Convert.FromHexString("60FED4BA255A9D31C961EB74C6356D68C049B8923B61FA6CE669622E60F29FB6"),
            Y = Convert.FromHexString("7903FE1008B8BC99A41AE9E95628BC64F2F1B20C2D7E9F5177A3C294D4462299"),
        },
    });

    public static IReadOnlyList<FuzzTarget> All { get; } =
    [
        new("dpop-proof", [ForToken, ForResource], ReadsProof),
        new(
            "dpop-json",
            [
                "{\"typ\":\"dpop+jwt\",\"alg\":\"ES256\",\"jwk\":" + PublicKey + "}\n" +
                """{"jti":"-BwC3ESc6acc2lTc","htm":"POST","htu":"https://server.example.com/token","iat":1562262616}""",
                "{ \"alg\":\"ES256\", \"kid\":\"\\u00e9\", \"jwk\":" + PublicKey + ", \"typ\":\"dpop\\u002bjwt\"}\n" +
                """{"htu":"HTTPS:\/\/server.example.com:443\/a/../%74oken?a#b","x":[{"y":[1e400]}],""" +
                "\"iat\":1562262616.5,\"htm\":\"POST\",\"jti\":\"j\"}",
            ],
            ReadsSigned),
        new("dpop-nonce", [Nonce], ReadsNonce),
    ];

    private static bool ReadsProof(string text) => DPoPProof.Verify(text, TokenRequest, Clock) switch
    {
        DPoPAccepted accepted => IsRight(text, TokenRequest, accepted),
        DPoPRefused { Fault: DPoPFault.WrongMethod } => DPoPProof.Verify(text, ResourceRequest, Clock) is DPoPAccepted accepted
            && IsRight(text, ResourceRequest, accepted),
        _ => false,
    };

    private static bool IsRight(string text, DPoPRequest request, DPoPAccepted accepted)
    {
        Require(text.Length <= DPoPProof.MaxLength, "A proof is short.");
        Require(
            text.Split('.').All(part => Base64Url.EncodeToString(Base64Url.DecodeFromChars(part)) == part), "A proof has one spelling.");
        Require(accepted.Thumbprint.Length == ThumbprintLength, "The thumbprint is a SHA-256.");
        Require(
            accepted.Jti.Length is > 0 and <= DPoPProof.MaxJtiLength && accepted.Jti.All(c => c is > ' ' and <= '~'),
            "The id is short and visible.");
        Require(accepted.RememberUntil > accepted.IssuedAt && accepted.Nonce is null, "The clock was judged.");
        Require(accepted.Claims.GetProperty("htm").GetString() == request.Method, "The proof is for this request.");
        return true;
    }

    // What is changed is signed again, so that it is the JSON that is looked at: where nothing but the signature is wrong.
    private static bool ReadsSigned(string text)
    {
        var (header, claims) = text.Split('\n', 2) is [var first, var second] ? (first, second) : (text, "");
        var input = string.Join('.', new[] { header, claims }.Select(part => Base64Url.EncodeToString(Encoding.UTF8.GetBytes(part))));
        if (DPoPProof.Verify($"{input}.", TokenRequest, Clock) is not DPoPRefused { Fault: DPoPFault.WrongSignature })
        {
            return false;
        }

        var signature = Key.SignData(Encoding.UTF8.GetBytes(input), HashAlgorithmName.SHA256);
        if (!ReadsProof($"{input}.{Base64Url.EncodeToString(signature)}"))
        {
            return false;
        }

        Require(header.Contains(PublicKey[^45..], StringComparison.Ordinal), "Nobody else's key is believed.");
        return true;
    }

    private static bool ReadsNonce(string text)
    {
        var good = DPoPNonce.Check(text, NonceKey, NonceTime);
        Require(!good || text == Nonce, "Only what was made is good.");
        return good;
    }
}
