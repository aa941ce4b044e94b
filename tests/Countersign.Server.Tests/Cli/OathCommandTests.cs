using System.CommandLine;
using Countersign.Server.Cli;
using Countersign.Testing;
using Microsoft.Extensions.Time.Testing;

namespace Countersign.Server.Tests.Cli;

/// <summary>What <c>countersign oath</c> computes, and what it refuses without repeating it.</summary>
public sealed class OathCommandTests
{
    private const string Key = "3132333435363738393031323334353637383930";
    private const string Key32 = "3132333435363738393031323334353637383930313233343536373839303132";
    private const string PinSha1 = "7110eda4d09e062aa5e4a390b0a572ac0d2c0220";
    private const string WithCounterAndPin = "OCRA-1:HOTP-SHA256-8:C-QN08-PSHA1";

    // RFC 4226 appendix D, RFC 6238 appendix B.
    [Theory]
    [InlineData("755224", "hotp", "--key-hex", Key, "--counter", "0")]
    [InlineData("287082", "hotp", "--key-hex", Key, "--counter", "1", "--hash", "SHA1")]
    [InlineData("94287082", "hotp", "--key-hex", Key, "--counter", "1", "--digits", "8")]
    [InlineData("94287082", "totp", "--key-hex", Key, "--time", "59", "--digits", "8")]
    [InlineData("07081804", "totp", "--key-hex", Key, "--time", "2005-03-18T01:58:29Z", "--digits", "8")]
    [InlineData("07081804", "totp", "--key-hex", Key, "--time", "2005-03-18T09:58:29.5+08:00", "--digits", "8")]
    [InlineData("07081804", "totp", "--key-hex", Key, "--time", "2005-03-18T01:58:29", "--digits", "8")]
    [InlineData("46119246", "totp", "--key-hex", Key32, "--time", "59", "--digits", "8", "--hash", "sha256")]
    [InlineData("46119246", "totp", "--key-hex", Key32, "--time", "119", "--digits", "8", "--hash", "sha256", "--period", "60")]
    [InlineData("237653", "ocra", "--suite", "OCRA-1:HOTP-SHA1-6:QN08", "--key-hex", Key, "--question", "00000000")]
    [InlineData(
        "65347737", "ocra", "--suite", WithCounterAndPin, "--key-hex", Key32, "--question", "12345678", "--counter", "0",
        "--pin-hash-hex", PinSha1)]
    [InlineData(
        "65347737", "ocra", "--suite", WithCounterAndPin, "--key-hex", Key32, "--question", "12345678", "--counter", "0", "--pin", "1234")]
    public void The_codes_of_the_standards_are_computed(string code, params string[] arguments) =>
        Assert.Equal(code + Environment.NewLine, Run(arguments));

    [Fact]
    public void Without_a_time_the_code_is_that_of_now()
    {
        var clock = new FakeTimeProvider(DateTimeOffset.FromUnixTimeSeconds(59));

        Assert.Equal("287082", Run(clock, "totp", "--key-hex", Key).TrimEnd());
        clock.Advance(TimeSpan.FromSeconds(30));
        Assert.NotEqual("287082", Run(clock, "totp", "--key-hex", Key).TrimEnd());
    }

    [Theory]
    [InlineData("--key-hex takes", "hotp", "--key-hex", "31323", "--counter", "0")]
    [InlineData("--key-hex takes", "hotp", "--key-hex", "0x3132", "--counter", "0")]
    [InlineData("--key-hex takes", "hotp", "--key-hex", "", "--counter", "0")]
    [InlineData("--counter takes", "hotp", "--key-hex", Key, "--counter", "-1")]
    [InlineData("--counter takes", "hotp", "--key-hex", Key, "--counter", "9223372036854775808")]
    [InlineData("--digits takes", "hotp", "--key-hex", Key, "--counter", "0", "--digits", "9")]
    [InlineData("--hash takes", "hotp", "--key-hex", Key, "--counter", "0", "--hash", "md5")]
    [InlineData("does not know", "hotp", "--key-hex", Key, "--counter", "0", "3132")]
    [InlineData("--period takes", "totp", "--key-hex", Key, "--period", "0")]
    [InlineData("--time takes", "totp", "--key-hex", Key, "--time", "1969-12-31T23:59:59Z")]
    [InlineData("--time takes", "totp", "--key-hex", Key, "--time", "99999999999999")]
    [InlineData("--time takes", "totp", "--key-hex", Key, "--time", "31/01/2026")]
    [InlineData("--suite takes", "ocra", "--suite", "OCRA-1", "--key-hex", Key, "--question", "1")]
    [InlineData("--suite is missing", "ocra", "--key-hex", Key, "--question", "1")]
    [InlineData("--question is missing", "ocra", "--suite", WithCounterAndPin, "--key-hex", Key)]
    [InlineData("--counter:", "ocra", "--suite", WithCounterAndPin, "--key-hex", Key, "--question", "1", "--pin", "1234")]
    [InlineData("--pin-hash-hex:", "ocra", "--suite", WithCounterAndPin, "--key-hex", Key, "--question", "1", "--counter", "0")]
    [InlineData(
        "Either --pin", "ocra", "--suite", WithCounterAndPin, "--key-hex", Key, "--question", "1", "--counter", "0", "--pin", "1",
        "--pin-hash-hex", PinSha1)]
    [InlineData("--pin:", "ocra", "--suite", "OCRA-1:HOTP-SHA1-6:QN08", "--key-hex", Key, "--question", "1", "--pin", "1")]
    [InlineData("--question:", "ocra", "--suite", "OCRA-1:HOTP-SHA1-6:QN08", "--key-hex", Key, "--question", "x")]
    [InlineData("--session-hex:", "ocra", "--suite", "OCRA-1:HOTP-SHA1-6:QN08", "--key-hex", Key, "--question", "1", "--session-hex", "00")]
    [InlineData("--time-hex:", "ocra", "--suite", "OCRA-1:HOTP-SHA1-6:QN08", "--key-hex", Key, "--question", "1", "--time-hex", "0")]
    [InlineData(
        "--time-hex takes", "ocra", "--suite", "OCRA-1:HOTP-SHA1-6:QN08-T1M", "--key-hex", Key, "--question", "1", "--time-hex",
        "8000000000000000")]
    [InlineData("stands alone", "ocra", "--file", "-", "--key-hex", Key)]
    public void What_is_wrong_is_named_and_not_repeated(string named, params string[] arguments)
    {
        var refused = Assert.Throws<StartException>(() => Run(arguments));

        Assert.Contains(named, refused.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("3132", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Keys_are_not_repeated_when_the_command_line_cannot_be_read()
    {
        foreach (string[] arguments in new[]
        {
            new[] { "hotp", "--key", Key },
            ["hotp", "--key-hex"],
            ["hotp", Key],
            ["totp", "--key-hex", Key, "--key-hex", Key],
            [Key],
            ["--key-hex", Key],
        })
        {
            using var written = new StringWriter();
            try
            {
                Assert.NotEqual(0, Invoke(TimeProvider.System, written, arguments));
            }
            catch (StartException e)
            {
                written.Write(e.Message);
            }

            Assert.DoesNotContain("3132", written.ToString(), StringComparison.Ordinal);
        }
    }

    [Fact]
    public void A_file_is_answered_line_by_line_in_order()
    {
        using var folder = new TestFolder();
        var file = Path.Combine(folder.Path, "requests");
        var (suite, upper) = (WithCounterAndPin, PinSha1.ToUpperInvariant());
        File.WriteAllText(file, $$"""
            {"suite":"OCRA-1:HOTP-SHA1-6:QN08","key_hex":"{{Key}}","question":"00000000","note":["passed over"]}

            {"suite":"{{suite}}","key_hex":"{{Key32}}","question":"12345678","counter":0,"pin_hash_hex":"{{upper}}","session_hex":null}
            {"suite":"{{suite}}","key_hex":"{{Key32}}","question":"12345678","counter":"0","pin_hash_hex":"{{PinSha1}}","time_hex":null}
            """.ReplaceLineEndings("\r\n"));

        Assert.Equal(["237653", "65347737", "65347737", ""], Run("ocra", "--file", file).Split(Environment.NewLine));
    }

    [Theory]
    [InlineData("nonsense 3132", "line 2: a JSON object")]
    [InlineData("[]", "line 2: a JSON object")]
    [InlineData("""{"suite":"OCRA-1:HOTP-SHA1-6:QN08","key_hex":"3132","question":"1","question":"2"}""", "line 2: a JSON object")]
    [InlineData("""{"key_hex":"3132","question":"1"}""", "line 2: suite is missing")]
    [InlineData("""{"suite":"OCRA-1:HOTP-SHA1-6:QN08","key_hex":"3132","question":1}""", "line 2: question takes text")]
    [InlineData("""{"suite":"OCRA-1:HOTP-SHA1-6:QN08","key_hex":"3132xx","question":"1"}""", "line 2: key_hex takes")]
    [InlineData("""{"suite":"OCRA-1:HOTP-SHA1-6:QN08","key_hex":"3132","question":"x"}""", "line 2: question: ")]
    [InlineData("""{"suite":"OCRA-1:HOTP-SHA1-6:C-QN08","key_hex":"3132","question":"1"}""", "line 2: counter: ")]
    [InlineData("""{"suite":"OCRA-1:HOTP-SHA1-6:C-QN08","key_hex":"3132","question":"1","counter":1.5}""", "line 2: counter takes")]
    [InlineData("""{"suite":"OCRA-1:HOTP-SHA1-6:C-QN08","key_hex":"3132","question":"1","counter":"1\u0000"}""", "line 2: counter takes")]
    [InlineData(
        """{"suite":"OCRA-1:HOTP-SHA1-6:QN08-S064","key_hex":"3132","question":"1","session_hex":"0"}""", "line 2: session_hex takes")]
    public void A_bad_line_stops_it_and_is_named(string line, string named)
    {
        using var folder = new TestFolder();
        var file = Path.Combine(folder.Path, "requests");
        var good = $$"""{"suite":"OCRA-1:HOTP-SHA1-6:QN08","key_hex":"{{Key}}","question":"00000000"}""";
        File.WriteAllLines(file, [good, line, good]);
        using var output = new StringWriter();

        var refused = Assert.Throws<StartException>(() => Invoke(TimeProvider.System, output, "ocra", "--file", file));

        Assert.StartsWith(named, refused.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("3132", refused.Message, StringComparison.Ordinal);
        Assert.Equal("237653" + Environment.NewLine, output.ToString());
    }

    [Fact]
    public void A_line_has_a_limit_and_a_file_is_UTF_8()
    {
        using var folder = new TestFolder();
        var file = Path.Combine(folder.Path, "requests");

        File.WriteAllText(file, new string(' ', 8_192) + "\n");
        Assert.Empty(Run("ocra", "--file", file));
        File.WriteAllText(file, new string(' ', 8_193) + "\n");
        Assert.StartsWith(
            "line 1: a line has", Assert.Throws<StartException>(() => Run("ocra", "--file", file)).Message, StringComparison.Ordinal);
        File.WriteAllBytes(file, [0x22, 0xFF, 0x22]);
        Assert.StartsWith("--file: ", Assert.Throws<StartException>(() => Run("ocra", "--file", file)).Message, StringComparison.Ordinal);
        Assert.Throws<FileNotFoundException>(() => Run("ocra", "--file", Path.Combine(folder.Path, "none")));
    }

    private static string Run(params string[] arguments) => Run(TimeProvider.System, arguments);

    private static string Run(TimeProvider time, params string[] arguments)
    {
        using var output = new StringWriter();
        Assert.Equal(0, Invoke(time, output, arguments));
        return output.ToString();
    }

    private static int Invoke(TimeProvider time, StringWriter output, params string[] arguments) =>
        OathCommand.Create(time).Parse(arguments).Invoke(
            new InvocationConfiguration { EnableDefaultExceptionHandler = false, Output = output, Error = output });
}
