using System.Text.RegularExpressions;
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
    public void Every_example_of_the_README_is_compiled_here()
    {
        var source = Lines(File.ReadAllText(Path.Combine(AppContext.BaseDirectory, "readme", "ReadmeTests.cs")));
        var examples = Example()
            .Matches(File.ReadAllText(Path.Combine(AppContext.BaseDirectory, "readme", "README.md")))
            .Select(match => Lines(match.Groups[1].Value))
            .ToList();

        Assert.Equal(4, examples.Count);
        Assert.All(examples, example => Assert.Contains(example, source, StringComparison.Ordinal));
    }

    private static string Lines(string text) => string.Join('\n', text.Split('\n').Select(line => line.Trim()));

    [GeneratedRegex("```csharp\n(.*?)\n```", RegexOptions.Singleline)]
    private static partial Regex Example();
}
