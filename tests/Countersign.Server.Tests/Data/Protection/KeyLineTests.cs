using System.Globalization;
using Countersign.Server.Data.Protection;

namespace Countersign.Server.Tests.Data.Protection;

/// <summary>A line of the key file is understood whole or not at all.</summary>
public sealed class KeyLineTests
{
    private static readonly DateTimeOffset At = DateTimeOffset.Parse("2026-11-24T09:00:00Z", CultureInfo.InvariantCulture);

    public static TheoryData<string> Lines =>
    [
        new KeyLine("1", null, null, null, null, new byte[KeyLine.KeyLength]).ToString(),
        new KeyLine("20261124-ab12", null, At, At.AddHours(
            1), null, [.. Enumerable.Range(7, KeyLine.KeyLength).Select(i => (byte)(i * 31))]).ToString(),
        new KeyLine("1", "audit", At, null, "hsm.key_1-b", [.. Enumerable.Range(9, KeyLine.WrappedLength).Select(i => (byte)(i * 13))])
            .ToString(),
    ];

    [Theory]
    [MemberData(nameof(Lines))]
    public void What_is_written_reads_back_and_what_was_cut_off_does_not(string text)
    {
        Assert.True(KeyLine.TryParse(text, out var line));
        Assert.Equal(text, line.ToString());
        Assert.All(Enumerable.Range(0, text.Length), length => Assert.False(KeyLine.TryParse(text.AsSpan(0, length), out _)));
    }

    [Theory]
    [InlineData("1")]
    [InlineData("1 from=2026-11-24 AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=")]
    [InlineData("1 until=2026-11-24T09:00:00Z AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=")]
    [InlineData("1 only=a only=b AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=")]
    [InlineData("1 pkcs11:key AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=")]
    [InlineData("1 pkcs11: AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=")]
    [InlineData("$ AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=")]
    [InlineData("12345678901234567 AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=")]
    [InlineData("1 a b c d e f g AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=")]
    [InlineData("1 AAAA")]
    public void What_is_no_line_is_refused(string text) => Assert.False(KeyLine.TryParse(text, out _));
}
