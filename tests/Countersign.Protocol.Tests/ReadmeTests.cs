using System.Security.Cryptography;
using System.Text.RegularExpressions;
using Countersign.Protocol.DPoP;
using Countersign.Protocol.Oath;

namespace Countersign.Protocol.Tests;

/// <summary>The examples of the package's README stand here too, so that they compile and do what is said of them.</summary>
public sealed partial class ReadmeTests
{
    private static readonly byte[] Key = [.. "12345678901234567890"u8];

    [Fact]
    public void A_time_based_code_is_accepted_once()
    {
        var key = Key;
        var receivedAt = DateTimeOffset.FromUnixTimeSeconds(59);
        const string typed = "287082";
        const long lastAcceptedStep = 0;

        var app = new TotpParameters();
        var step = Totp.FindStep(key, typed, receivedAt, app, stepsBack: 1, stepsAhead: 0);
        var accepted = step is { } found && found > lastAcceptedStep;

        Assert.True(accepted);
    }

    [Fact]
    public void An_address_is_made_and_read()
    {
        var key = Key;

        var address = new OtpAuthUri("Example Broker", "mei.chan", key, new TotpParameters()).ToString();
        var valid = OtpAuthUri.TryParse(address, out var read);
        var shown = Base32.Encode(key);

        Assert.True(valid);
        Assert.Equal(key, read!.Key.ToArray());
        Assert.Contains(shown, address, StringComparison.Ordinal);
    }

    [Fact]
    public void An_event_based_code_is_found()
    {
        var key = Key;

        var code = Hotp.Compute(key, counter: 7);
        var counter = Hotp.FindCounter(key, code, from: 5, window: 10);
        var expectedNext = counter + 1;

        Assert.Equal(8, expectedNext);
    }

    [Fact]
    public void A_response_is_right()
    {
        var key = Key;

        var suite = OcraSuite.Parse("OCRA-1:HOTP-SHA256-8:QN08-PSHA1");
        var response = Ocra.Compute(suite, key, new OcraInput { Question = "12345678", PinHash = OcraPin.Hash(OathHash.Sha1, "1234") });
        var right = Ocra.Verify(
            suite, key, new OcraInput { Question = "12345678", PinHash = OcraPin.Hash(OathHash.Sha1, "1234") }, response);

        Assert.True(right);
    }

    [Fact]
    public void A_proof_is_made_and_verified()
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var (body, issuedAt) = ("{}"u8.ToArray(), DateTimeOffset.FromUnixTimeSeconds(59));
        var (nonceKey, random, receivedAt) = (new byte[DPoPNonce.MinKeyLength], new byte[DPoPNonce.RandomLength], issuedAt);

        var first = Verified(Made(key, body, "first", issuedAt, nonce: null), body, receivedAt, nonceKey, random);
        var second = Verified(Made(key, body, "second", issuedAt, first.NextNonce), body, receivedAt, nonceKey, random);

        Assert.Equal(("use_dpop_nonce", null), (first.Error, second.Error));
        Assert.Equal((DPoPProof.Thumbprint(key), "second"), second.Once);
    }

    [Fact]
    public void Every_example_of_the_README_is_compiled_here()
    {
        var source = Lines(File.ReadAllText(Path.Combine(AppContext.BaseDirectory, "readme", "ReadmeTests.cs")));
        var examples = Example()
            .Matches(File.ReadAllText(Path.Combine(AppContext.BaseDirectory, "readme", "README.md")))
            .Select(match => Lines(match.Groups[1].Value))
            .ToList();

        Assert.Equal(6, examples.Count);
        Assert.All(examples, example => Assert.Contains(example, source, StringComparison.Ordinal));
    }

    private static string Made(ECDsa key, byte[] body, string jti, DateTimeOffset issuedAt, string? nonce)
    {
        var address = new Uri("https://login.example/api/v1/sign-ins");
        var request = new DPoPRequest { Method = "POST", Address = address, BodyHash = SHA256.HashData(body) };
        var proof = DPoPProof.Create(key, request, jti, issuedAt, nonce);
        return proof;
    }

    private static (string? Error, (string, string) Once, string NextNonce) Verified(
        string proof, byte[] body, DateTimeOffset receivedAt, byte[] nonceKey, byte[] random)
    {
        var address = new Uri("https://login.example/api/v1/sign-ins");
        var request = new DPoPRequest { Method = "POST", Address = address, BodyHash = SHA256.HashData(body) };
        var verdict = DPoPProof.Verify(proof, request, DPoPFreshness.ByNonce(receivedAt, nonceKey));
        var error = (verdict as DPoPRefused)?.Error;
        var once = verdict is DPoPAccepted accepted ? (accepted.Thumbprint, accepted.Jti, accepted.RememberUntil) : default;
        var nextNonce = DPoPNonce.Make(nonceKey, receivedAt, random);
        return (error, (once.Thumbprint, once.Jti), nextNonce);
    }

    private static string Lines(string text) => string.Join('\n', text.Split('\n').Select(line => line.Trim()));

    [GeneratedRegex("```csharp\n(.*?)\n```", RegexOptions.Singleline)]
    private static partial Regex Example();
}
