using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Countersign.Protocol.DPoP;

namespace Countersign.Protocol.Tests.DPoP;

/// <summary>Proofs by other implementations: those that are kept, and those that they make now.</summary>
public sealed class DPoPVectorTests
{
    private static readonly IReadOnlyList<JsonElement> Kept = Vectors.Cases("dpop.json");

    public static TheoryData<string> Names => [.. Kept.Select(vector => vector.Text("name"))];

    [Theory]
    [MemberData(nameof(Names))]
    public void Every_vector_is_judged_as_it_says(string name) => AssertIsJudged(Kept.Single(vector => vector.Text("name") == name));

    [Fact]
    public void Every_fault_of_a_proof_has_a_vector() =>
        Assert.Equal(
            Enum.GetNames<DPoPFault>().Order(StringComparer.Ordinal),
            Kept.Select(vector => vector.Text("expect")).Where(expect => expect != "accepted").Distinct().Order(StringComparer.Ordinal));

    [Fact]
    public async Task Proofs_that_are_made_now_are_judged_as_the_kept_ones()
    {
        var file = JsonElement.Parse(await OtherImplementations.RunAsync("dpop-vectors.mjs"));
        var made = file.GetProperty("cases").EnumerateArray().ToList();

        Assert.Equal(Kept.Select(vector => vector.Text("name")), made.Select(vector => vector.Text("name")));
        Assert.All(made, AssertIsJudged);
    }

    [Fact]
    public void What_is_told_says_only_whether_a_new_nonce_helps() =>
        Assert.All(Enum.GetValues<DPoPFault>(), fault => Assert.Equal(
            fault.ToString().StartsWith("Nonce", StringComparison.Ordinal) ? "use_dpop_nonce" : "invalid_dpop_proof",
            new DPoPRefused(fault).Error));

    private static void AssertIsJudged(JsonElement vector)
    {
        var verdict = DPoPProof.Verify(vector.Text("proof"), Request(vector), Freshness(vector));

        if (verdict is DPoPAccepted accepted)
        {
            var claims = JsonElement.Parse(DPoPKeys.FromBase64Url(vector.Text("proof").Split('.')[1]));
            Assert.Equal("accepted", vector.Text("expect"));
            Assert.Equal((vector.Text("jkt"), claims.Text("jti")), (accepted.Thumbprint, accepted.Jti));
            Assert.True(JsonElement.DeepEquals(claims, accepted.Claims));
            Assert.Equal(vector.TryGetProperty("nonce_key_hex", out _) ? claims.Text("nonce") : null, accepted.Nonce);
        }
        else
        {
            Assert.Equal(vector.Text("expect"), Assert.IsType<DPoPRefused>(verdict).Fault.ToString());
        }
    }

    private static DPoPRequest Request(JsonElement vector) => new()
    {
        Method = vector.Text("method"),
        Address = new Uri(vector.Text("address")),
        AccessToken = vector.TryGetProperty("access_token", out var token) ? token.GetString() : null,
        BodyHash = vector.TryGetProperty("body", out var body) ? Hash(body.GetString()!) : null,
    };

    private static ReadOnlyMemory<byte>? Hash(string body) => SHA256.HashData(Encoding.UTF8.GetBytes(body));

    private static DPoPFreshness Freshness(JsonElement vector)
    {
        var now = DateTimeOffset.FromUnixTimeSeconds(vector.GetProperty("now").GetInt64());
        return vector.TryGetProperty("nonce_key_hex", out _)
            ? DPoPFreshness.ByNonce(now, DPoPKeys.NonceKey, vector.Bytes("nonce_key_hex"))
            : DPoPFreshness.ByClock(now, TimeSpan.FromSeconds(60), TimeSpan.FromSeconds(30));
    }
}
