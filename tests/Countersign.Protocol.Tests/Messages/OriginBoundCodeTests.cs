using System.Text.Json;
using Countersign.Protocol.Messages;
using CsCheck;

namespace Countersign.Protocol.Tests.Messages;

public sealed class OriginBoundCodeTests
{
    private static readonly Gen<string> Codes = Gen.String[Gen.Char['!', '~'].Where(c => c != '#'), 1, 12];

    private static readonly Gen<string> Labels =
        Gen.String["abcdefghijklmnopqrstuvwxyz0123456789-"].Where(s => s.Length is > 0 and < 64 && s[0] != '-' && s[^1] != '-');

    private static readonly Gen<string> Hosts =
        Labels.Array[1, 4].Select(labels => string.Join('.', labels)).Where(host => host.Length <= 253);

    private static readonly Gen<string> NearMessages = Gen.String["@#% \t\r\n\fab.1\uD800"];

    [Fact]
    public void Every_vector_reads_as_the_draft_says()
    {
        var cases = Vectors.Cases("webotp_sms.json");

        Assert.Equal(15, cases.Count);
        Assert.All(cases, AssertReadsAsExpected);
    }

    [Theory]
    [InlineData("@example.com #747723 @ecommerce.example", "ecommerce.example")]
    [InlineData("@example.com #747723 %ecommerce.example", "ecommerce.example")]
    [InlineData("@example.com #747723 ecommerce.example", null)]
    [InlineData("@example.com #747723 %", null)]
    [InlineData("@example.com #747723 ", null)]
    [InlineData("@example.com #747723\ttext", null)]
    public void An_embedded_host_has_either_marker_or_is_ignored(string message, string? embedded)
    {
        Assert.True(OriginBoundCode.TryParse(message, out var code));
        Assert.Equal("747723", code.Code);
        Assert.Equal(embedded, code.EmbeddedHost);
    }

    [Theory]
    [InlineData("first\r@example.com #1", true)]
    [InlineData("@example.com #1\r", false)]
    [InlineData("@example.com\f#1", false)]
    [InlineData("@example.com", false)]
    [InlineData("@example.com ", false)]
    [InlineData(null, false)]
    public void Only_the_last_line_counts(string? message, bool expected) =>
        Assert.Equal(expected, OriginBoundCode.TryParse(message, out _));

    [Fact]
    public void A_message_ends_with_the_code_line()
    {
        Assert.Equal(
            "Your code to sign in is 747723.\n\n@example.com #747723",
            OriginBoundCode.Format("Your code to sign in is 747723.", "example.com", "747723"));
        Assert.Equal("One\r\ntwo\n\n@example.com #1", OriginBoundCode.Format("One\r\ntwo\r\n\n", "example.com", "1"));
        Assert.Equal("@localhost #1", OriginBoundCode.Format("", "localhost", "1"));
    }

    [Theory]
    [InlineData("")]
    [InlineData("https://example.com")]
    [InlineData("example.com:443")]
    [InlineData("example.com/sign-in")]
    [InlineData("user@example.com")]
    [InlineData("Example.com")]
    [InlineData("b\u00FCcher.example")]
    [InlineData("example.com.")]
    [InlineData(".example.com")]
    [InlineData("a..b")]
    [InlineData("-a.example")]
    [InlineData("a-.example")]
    [InlineData("a_b.example")]
    [InlineData("[::1]")]
    [InlineData("exam ple.com")]
    [InlineData("example.com\n")]
    [InlineData("0123456789012345678901234567890123456789012345678901234567890123.example")]
    public void A_host_that_is_not_bare_is_refused(string host)
    {
        Assert.False(OriginBoundCode.IsHost(host));
        Assert.Throws<ArgumentException>(nameof(host), () => OriginBoundCode.Format("text", host, "1"));
    }

    [Fact]
    public void A_host_has_at_most_253_characters()
    {
        var host = string.Join('.', Enumerable.Repeat(new string('a', 50), 5))[..253];

        Assert.True(OriginBoundCode.IsHost(host));
        Assert.False(OriginBoundCode.IsHost(host + "a"));
    }

    [Theory]
    [InlineData("")]
    [InlineData("12 34")]
    [InlineData("1234\n")]
    [InlineData("12#34")]
    [InlineData("１２３４")]
    public void A_code_that_a_phone_would_cut_is_refused(string code) =>
        Assert.Throws<ArgumentException>(nameof(code), () => OriginBoundCode.Format("text", "example.com", code));

    [Fact]
    public void What_is_written_is_read_back() =>
        Gen.Select(Gen.String, Hosts, Codes).Sample((text, host, code) =>
        {
            Assert.True(OriginBoundCode.TryParse(OriginBoundCode.Format(text, host, code), out var read));
            Assert.Equal((host, code, null), (read.TopLevelHost, read.Code, read.EmbeddedHost));
        });

    [Fact]
    public void No_text_makes_the_reader_fail() =>
        Gen.OneOf(Gen.String, NearMessages).Sample(message =>
        {
            if (OriginBoundCode.TryParse(message, out var read))
            {
                Assert.Contains($"@{read.TopLevelHost} #{read.Code}", message, StringComparison.Ordinal);
            }
        });

    private static void AssertReadsAsExpected(JsonElement vector)
    {
        var message = vector.GetProperty("message").GetString();
        var expected = vector.GetProperty("expected");

        var read = OriginBoundCode.TryParse(message, out var code);

        Assert.Equal(expected.ValueKind == JsonValueKind.Object, read);
        if (code is not null)
        {
            Assert.Equal(expected.GetProperty("top_level_host").GetString(), code.TopLevelHost);
            Assert.Equal(expected.GetProperty("code").GetString(), code.Code);
            Assert.Equal(expected.GetProperty("embedded_host").GetString(), code.EmbeddedHost);
        }
    }
}
