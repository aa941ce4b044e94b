using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Countersign.Protocol.DPoP;
using CsCheck;

namespace Countersign.Protocol.Tests.DPoP;

public sealed class DPoPProofTests
{
    private static readonly DateTimeOffset Now = DPoPKeys.Now;
    private static readonly ECDsa Key = DPoPKeys.Signer;

    private static readonly string[] Hosts =
        ["https://login.example", "http://LOCALHOST:5000", "https://[::1]", "https://b\u00FCcher.example:443", "http://h:443"];

    private static readonly Gen<DateTimeOffset> Times = Gen.Int[-60, 30].Select(seconds => Now.AddSeconds(seconds));

    private static readonly Gen<string> JsonLike = Gen.String[Gen.Char["{}[]:,\"\\ud80htmjwkyp.=1 \n"], 0, 200];

    private static readonly Gen<DPoPRequest> Requests =
        from method in DPoPKeys.VisibleAscii(DPoPProof.MaxMethodLength)
        from path in Gen.String[Gen.Char["ab-Z.1/%&+;é\u4E2D \""], 0, 40]
        from host in Gen.Int[0, Hosts.Length - 1].Select(i => Hosts[i])
        from token in Gen.Null(DPoPKeys.VisibleAscii(200))
        from body in Gen.Null(Gen.Byte.Array[0, 40])
        select new DPoPRequest
        {
            Method = method,
            Address = new Uri($"{host}/{path}"),
            AccessToken = token,
            BodyHash = body is null ? default(ReadOnlyMemory<byte>?) : SHA256.HashData(body),
        };

    [Fact]
    public void A_proof_that_is_made_is_accepted_and_says_what_was_put_in() =>
        Gen.Select(Requests, DPoPKeys.VisibleAscii(DPoPProof.MaxJtiLength), Times, Gen.Bool).Sample((request, jti, issuedAt, withNonce) =>
        {
            var nonce = withNonce ? DPoPNonce.Make(DPoPKeys.NonceKey, Now, new byte[DPoPNonce.RandomLength]) : null;
            var freshness = withNonce ? DPoPFreshness.ByNonce(Now, DPoPKeys.NonceKey) : DPoPKeys.Clock;

            var proof = DPoPProof.Create(Key, request, jti, issuedAt, nonce);
            var accepted = DPoPKeys.Accepted(proof, request, freshness);

            Assert.InRange(proof.Length, 1, DPoPProof.MaxLength);
            Assert.Equal((DPoPProof.Thumbprint(Key), jti), (accepted.Thumbprint, accepted.Jti));
            Assert.Equal((issuedAt, nonce), (accepted.IssuedAt, accepted.Nonce));
            Assert.Equal(request.AccessToken is null, !accepted.Claims.TryGetProperty("ath", out _));
            Assert.Equal(request.BodyHash is null, !accepted.Claims.TryGetProperty("bh", out _));
        });

    [Fact]
    public void A_proof_for_one_request_is_refused_for_another_that_differs_in_anything() =>
        Gen.Select(Requests, Requests, Gen.Int[0, 15]).Sample((one, another, from) =>
        {
            var other = new DPoPRequest
            {
                Method = ((from & 1) == 0 ? one : another).Method,
                Address = ((from & 2) == 0 ? one : another).Address,
                AccessToken = ((from & 4) == 0 ? one : another).AccessToken,
                BodyHash = ((from & 8) == 0 ? one : another).BodyHash,
            };
            var same = (one.Method, one.AccessToken, Target(one)) == (other.Method, other.AccessToken, Target(other))
                && (other.BodyHash is null || Hash(one) == Hash(other));

            Assert.Equal(same, DPoPProof.Verify(DPoPProof.Create(Key, one, "j", Now), other, DPoPKeys.Clock) is DPoPAccepted);
        });

    [Fact]
    public void A_proof_with_any_one_letter_changed_is_refused()
    {
        var proof = DPoPProof.Create(Key, DPoPKeys.Request, "an-id", Now);

        Gen.Select(Gen.Int[0, proof.Length - 1], Gen.OneOf(Gen.Char, Gen.Char['!', '~'])).Sample(
            (at, letter) => Assert.Equal(letter == proof[at], IsAccepted($"{proof[..at]}{letter}{proof[(at + 1)..]}")),
            iter: 5_000);
    }

    // The last letter of a part may carry bits that stand for nothing; with other bits there it would be a second spelling.
    [Fact]
    public void Every_other_last_letter_of_a_part_is_refused()
    {
        var proof = DPoPProof.Create(Key, DPoPKeys.Request, "an-id", Now);
        var dots = new[] { proof.IndexOf('.', StringComparison.Ordinal), proof.LastIndexOf('.'), proof.Length };

        Assert.All(
            from dot in dots
            from letter in "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
            where letter != proof[dot - 1]
            select $"{proof[..(dot - 1)]}{letter}{proof[dot..]}",
            changed => Assert.False(IsAccepted(changed)));
    }

    [Fact]
    public void Nothing_that_is_sent_makes_the_verifier_throw() =>
        Gen.OneOf(
            Gen.String,
            Gen.Byte.Array[0, 200].Array[0, 5].Select(parts => string.Join('.', parts.Select(part => DPoPKeys.Base64Url(part)))),
            JsonLike.Array[3].Select(parts => string.Join('.', parts.Select(part => DPoPKeys.Base64Url(Encoding.UTF8.GetBytes(part))))))
            .Sample(text => Assert.Equal(DPoPFault.Malformed, DPoPKeys.FaultOf(text)));

    [Fact]
    public void Nothing_is_no_proof()
    {
        Assert.Equal(DPoPFault.Malformed, DPoPKeys.FaultOf(null));
        Assert.Equal(DPoPFault.Malformed, DPoPKeys.FaultOf(""));
        Assert.Equal(DPoPFault.Malformed, DPoPKeys.FaultOf(".."));
    }

    // The claims reach the verifier signed, whatever they are.
    [Theory]
    [InlineData("""{"jti":"j","htm":"POST","htu":"https://login.example/api/v1/phone/decide","iat":1e400}""", DPoPFault.WrongTime)]
    [InlineData("""{"jti":"j","htm":"POST","htu":"https://login.example/api/v1/phone/decide","iat":253402300800}""", DPoPFault.WrongTime)]
    [InlineData("""{"jti":"j","htm":"POST","htu":"https://login.example/api/v1/phone/decide","iat":253402300799}""", DPoPFault.TooNew)]
    [InlineData("""{"jti":"j","htm":"POST","htu":"https://login.example/api/v1/phone/decide","iat":0}""", DPoPFault.TooOld)]
    [InlineData("""{"jti":["j"],"htm":"POST","htu":"https://login.example/api/v1/phone/decide","iat":0}""", DPoPFault.WrongJti)]
    [InlineData("""{"jti":"j","htm":{},"htu":"https://login.example/api/v1/phone/decide","iat":0}""", DPoPFault.WrongMethod)]
    [InlineData("""{"jti":"j","htm":"POST","htu":null,"iat":0}""", DPoPFault.WrongAddress)]
    [InlineData("""{"a":[[[[[[[[1]]]]]]]]}""", DPoPFault.Malformed)]
    [InlineData("{\"a\":\"\\udc00\"}", DPoPFault.Malformed)]
    [InlineData("{\"\\udc00\":1}", DPoPFault.Malformed)]
    [InlineData("{}", DPoPFault.WrongJti)]
    [InlineData("{} {}", DPoPFault.Malformed)]
    [InlineData("{,}", DPoPFault.Malformed)]
    [InlineData("\"x\"", DPoPFault.Malformed)]
    public void Claims_that_are_signed_are_still_looked_at(string claims, DPoPFault fault) =>
        Assert.Equal(fault, DPoPKeys.FaultOf(DPoPKeys.Signed(Encoding.UTF8.GetBytes(claims))));

    [Fact]
    public void Bytes_that_are_no_text_are_refused() =>
        Assert.Equal(DPoPFault.Malformed, DPoPKeys.FaultOf(DPoPKeys.Signed([.. "{\"a\":\""u8, 0xFF, .. "\"}"u8])));

    [Fact]
    public void The_window_of_the_clock_is_as_it_was_given()
    {
        string At(int seconds) => DPoPProof.Create(Key, DPoPKeys.Request, "j", Now.AddSeconds(seconds));

        Assert.Equal(DPoPFault.TooOld, DPoPKeys.FaultOf(At(-61)));
        Assert.True(IsAccepted(At(-60)));
        Assert.True(IsAccepted(At(30)));
        Assert.Equal(DPoPFault.TooNew, DPoPKeys.FaultOf(At(31)));
    }

    [Fact]
    public void A_proof_is_to_be_remembered_as_long_as_it_could_be_accepted_anywhere()
    {
        var nonce = DPoPNonce.Make(DPoPKeys.NonceKey, Now.AddMinutes(-3), new byte[DPoPNonce.RandomLength]);
        var byClock = DPoPKeys.Accepted(DPoPProof.Create(Key, DPoPKeys.Request, "j", Now.AddSeconds(-10)));
        var byNonce = DPoPKeys.Accepted(
            DPoPProof.Create(Key, DPoPKeys.Request, "j", DateTimeOffset.UnixEpoch, nonce),
            freshness: DPoPFreshness.ByNonce(Now, DPoPKeys.NonceKey));

        Assert.Equal(Now.AddSeconds(50) + DPoPNonce.MaxSkew, byClock.RememberUntil);
        Assert.Equal(Now.AddMinutes(2) + DPoPNonce.MaxSkew, byNonce.RememberUntil);
    }

    [Fact]
    public void The_longest_proof_that_can_be_made_is_read()
    {
        var request = new DPoPRequest
        {
            Method = new string('"', DPoPProof.MaxMethodLength),
            Address = new Uri("https://login.example/" + new string('a', DPoPProof.MaxAddressLength - 22)),
            AccessToken = new string('t', 10_000),
            BodyHash = new byte[32],
        };
        var (jti, nonce) = (new string('"', DPoPProof.MaxJtiLength), new string('\\', DPoPProof.MaxNonceLength));
        var proof = DPoPProof.Create(Key, request, jti, Now, nonce);

        Assert.InRange(proof.Length, 1, DPoPProof.MaxLength);
        DPoPKeys.Accepted(proof, request);
    }

    [Fact]
    public void What_could_not_be_read_is_not_made()
    {
        var request = DPoPKeys.Request;
        using var otherCurve = ECDsa.Create(ECCurve.NamedCurves.nistP384);
        using var sameLength = ECDsa.Create(ECCurve.NamedCurves.brainpoolP256r1);
        var noMethod = new DPoPRequest { Method = "", Address = request.Address };
        var longAddress = new DPoPRequest { Method = "GET", Address = new Uri("https://h/".PadRight(DPoPProof.MaxAddressLength + 1, 'a')) };

        Assert.Throws<ArgumentException>("key", () => DPoPProof.Create(otherCurve, request, "j", Now));
        Assert.Throws<ArgumentException>("key", () => DPoPProof.Create(sameLength, request, "j", Now));
        Assert.Throws<ArgumentException>("key", () => DPoPProof.Thumbprint(otherCurve));
        Assert.Throws<ArgumentException>("request", () => DPoPProof.Create(Key, longAddress, "j", Now));
        Assert.Throws<ArgumentException>("request", () => DPoPProof.Create(Key, noMethod, "j", Now));
        Assert.Throws<ArgumentException>("jti", () => DPoPProof.Create(Key, request, new string('j', DPoPProof.MaxJtiLength + 1), Now));
        Assert.Throws<ArgumentException>("jti", () => DPoPProof.Create(Key, request, "a b", Now));
        Assert.Throws<ArgumentException>("nonce", () => DPoPProof.Create(Key, request, "j", Now, ""));
        Assert.Throws<ArgumentOutOfRangeException>(
            "issuedAt", () => DPoPProof.Create(Key, request, "j", DateTimeOffset.UnixEpoch.AddSeconds(-1)));
    }

    [Fact]
    public void A_request_is_described_with_sense()
    {
        var (address, tooMuch) = (DPoPKeys.Request.Address, DPoPFreshness.MaxWindow + TimeSpan.FromTicks(1));

        Assert.Throws<ArgumentException>(() => new DPoPRequest { Method = "GET", Address = new Uri("/token", UriKind.Relative) });
        Assert.Throws<ArgumentException>(() => new DPoPRequest { Method = "GET", Address = new Uri("ftp://login.example/") });
        Assert.Throws<ArgumentException>(() => new DPoPRequest { Method = "GET", Address = new Uri("https://me@login.example/") });
        Assert.Throws<ArgumentException>(() => new DPoPRequest { Method = "GET", Address = address, BodyHash = new byte[31] });
        Assert.Throws<ArgumentOutOfRangeException>("before", () => DPoPFreshness.ByClock(Now, TimeSpan.FromSeconds(-1), TimeSpan.Zero));
        Assert.Throws<ArgumentOutOfRangeException>("after", () => DPoPFreshness.ByClock(Now, TimeSpan.Zero, TimeSpan.FromSeconds(-1)));
        Assert.Throws<ArgumentOutOfRangeException>("before", () => DPoPFreshness.ByClock(Now, tooMuch, TimeSpan.Zero));
        Assert.Throws<ArgumentOutOfRangeException>("after", () => DPoPFreshness.ByClock(Now, TimeSpan.Zero, tooMuch));
    }

    [Fact]
    public async Task Another_implementation_verifies_what_is_made()
    {
        DPoPRequest[] requests =
        [
            DPoPKeys.Request,
            new() { Method = "GET", Address = new Uri("https://b\u00FCcher.example:8443/a%20b/\u4E2D?x#y"), AccessToken = "token" },
            new() { Method = "M-SEARCH", Address = new Uri("http://[::1]:80"), BodyHash = SHA256.HashData("{}"u8), AccessToken = "t" },
        ];
        var proofs = requests.Select((request, i) => DPoPProof.Create(Key, request, $"id+&<{i}>", Now, i == 0 ? null : "nonce")).ToList();

        var answer = await OtherImplementations.RunAsync("dpop.mjs", JsonSerializer.Serialize(proofs));
        var opinions = JsonElement.Parse(answer).EnumerateArray().ToList();

        Assert.Equal(requests.Length, opinions.Count);
        Assert.All(opinions, opinion => Assert.True(opinion.GetProperty("verified").GetBoolean(), opinion.ToString()));
        Assert.All(opinions, opinion => Assert.Equal(DPoPProof.Thumbprint(Key), opinion.Text("thumbprint")));
        Assert.Equal(
            [
                """{"jti":"id+&<0>","htm":"POST","htu":"https://login.example/api/v1/phone/decide","iat":1767355200}""",
                """{"jti":"id+&<1>","htm":"GET","htu":"https://xn--bcher-kva.example:8443/a%20b/%E4%B8%AD","iat":1767355200,""" +
                    $"\"nonce\":\"nonce\",\"ath\":\"{DPoPKeys.Base64Url(SHA256.HashData("token"u8))}\"}}",
                """{"jti":"id+&<2>","htm":"M-SEARCH","htu":"http://[::1]/","iat":1767355200,"nonce":"nonce",""" +
                    $"\"ath\":\"{DPoPKeys.Base64Url(SHA256.HashData("t"u8))}\",\"bh\":\"{DPoPKeys.Base64Url(SHA256.HashData("{}"u8))}\"}}",
            ],
            opinions.Select(opinion => opinion.GetProperty("claims").GetRawText()));
    }

    private static bool IsAccepted(string proof) => DPoPProof.Verify(proof, DPoPKeys.Request, DPoPKeys.Clock) is DPoPAccepted;

    private static string Target(DPoPRequest request) =>
        request.Address.GetComponents(UriComponents.SchemeAndServer | UriComponents.Path, UriFormat.UriEscaped);

    private static string Hash(DPoPRequest request) => request.BodyHash is { } hash ? Convert.ToHexString(hash.Span) : "";
}
