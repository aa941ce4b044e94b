using System.Security.Cryptography;
using System.Text;
using Countersign.Protocol.DPoP;

namespace Countersign.Protocol.Tests.DPoP;

/// <summary>The proofs that RFC 9449 prints.</summary>
public sealed class DPoPRfcTests
{
    private const string Thumbprint = "0ZcOCORZNYy-DWpqq30jZyJGHTN0d2HglBV3uiguA4I";
    private const string AccessToken = "Kz~8mXK1EalYznwH-LC-1fBAo.4Ljp~zsPE_NeO.gxU";

    private const string Header =
        "eyJ0eXAiOiJkcG9wK2p3dCIsImFsZyI6IkVTMjU2IiwiandrIjp7Imt0eSI6IkVDIiwieCI6Imw4dEZyaHgtMzR0VjNoUklDUkRZOXpDa0RscEJoRjQyVVFVZldW" +
        "QVdCRnMiLCJ5IjoiOVZFNGpmX09rX282NHpiVFRsY3VOSmFqSG10NnY5VERWclUwQ2R2R1JEQSIsImNydiI6IlAtMjU2In19";

    private const string Figure2 =
        $"{Header}.eyJqdGkiOiItQndDM0VTYzZhY2MybFRjIiwiaHRtIjoiUE9TVCIsImh0dSI6Imh0dHBzOi8vc2VydmVyLmV4YW1wbGUuY29tL3Rva2VuIiwia" +
        "WF0IjoxNTYyMjYyNjE2fQ.2-GxA6T8lP4vfrg8v-FdWP0A0zdrj8igiMLvqRMUvwnQg4PtFLbdLXiOSsX0x7NVY-FNyJK70nfbV37xRZT3Lg";

    private const string Figure7 =
        $"{Header}.eyJqdGkiOiItQndDM0VTYzZhY2MybFRjIiwiaHRtIjoiUE9TVCIsImh0dSI6Imh0dHBzOi8vc2VydmVyLmV4YW1wbGUuY29tL3Rva2VuIiwia" +
        "WF0IjoxNTYyMjY1Mjk2fQ.pAqut2IRDm_De6PR93SYmGBPXpwrAk90e8cP2hjiaG5QsGSuKDYW7_X620BxqhvYC8ynrrvZLTk41mSRroapUA";

    private const string Figure13 =
        $"{Header}.eyJqdGkiOiJlMWozVl9iS2ljOC1MQUVCIiwiaHRtIjoiR0VUIiwiaHR1IjoiaHR0cHM6Ly9yZXNvdXJjZS5leGFtcGxlLm9yZy9wcm90ZWN0Z" +
        "WRyZXNvdXJjZSIsImlhdCI6MTU2MjI2MjYxOCwiYXRoIjoiZlVIeU8ycjJaM0RaNTNFc05yV0JiMHhXWG9hTnk1OUlpS0NBcWtzbVFFbyJ9" +
        ".2oW9RP35yRqzhrtNP86L-Ey71EOptxRimPPToA1plemAgR6pxHF8y6-yqyVnmcw6Fy1dqd-jfxSYoMxhAJpLjA";

    [Theory]
    [InlineData(Figure2, 1_562_262_616)]
    [InlineData(Figure7, 1_562_265_296)]
    public void The_proofs_for_a_token_are_accepted(string proof, long issuedAt)
    {
        var accepted = DPoPKeys.Accepted(proof, TokenRequest(), At(issuedAt));

        Assert.Equal((Thumbprint, "-BwC3ESc6acc2lTc"), (accepted.Thumbprint, accepted.Jti));
        Assert.Equal(issuedAt, accepted.IssuedAt.ToUnixTimeSeconds());
        Assert.Null(accepted.Nonce);
    }

    [Fact]
    public void The_proof_for_a_resource_is_accepted_with_its_token_only()
    {
        var accepted = DPoPKeys.Accepted(Figure13, ResourceRequest(AccessToken), At(1_562_262_618));

        Assert.Equal((Thumbprint, "e1j3V_bKic8-LAEB"), (accepted.Thumbprint, accepted.Jti));
        Assert.Equal("fUHyO2r2Z3DZ53EsNrWBb0xWXoaNy59IiKCAqksmQEo", accepted.Claims.Text("ath"));
        Assert.Equal(DPoPFault.WrongAccessToken, DPoPKeys.FaultOf(Figure13, ResourceRequest(null), At(1_562_262_618)));
    }

    // RFC 7638 §3.1 has an example of RSA only; this is the members that §3.2 names for EC keys, in the order of §3.
    [Fact]
    public void The_thumbprint_is_the_hash_of_the_required_members()
    {
        var members = $$"""{"crv":"P-256","kty":"EC","x":"{{DPoPKeys.Jwk["x"]}}","y":"{{DPoPKeys.Jwk["y"]}}"}""";

        Assert.Equal(DPoPKeys.Base64Url(SHA256.HashData(Encoding.UTF8.GetBytes(members))), DPoPProof.Thumbprint(DPoPKeys.Signer));
    }

    private static DPoPFreshness At(long seconds) =>
        DPoPFreshness.ByClock(DateTimeOffset.FromUnixTimeSeconds(seconds), TimeSpan.Zero, TimeSpan.Zero);

    private static DPoPRequest TokenRequest() => new() { Method = "POST", Address = new Uri("https://server.example.com/token") };

    private static DPoPRequest ResourceRequest(string? token) =>
        new() { Method = "GET", Address = new Uri("https://resource.example.org/protectedresource"), AccessToken = token };
}
