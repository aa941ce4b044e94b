using System.Text.Json;
using Countersign.Protocol.DPoP;

namespace Countersign.Protocol.Tests.DPoP;

/// <summary>Which addresses are one (RFC 9449 §4.3 number 9, RFC 3986 §6.2).</summary>
public sealed class DPoPAddressTests
{
    [Theory]
    [InlineData("https://login.example/token", "https://login.example/token")]
    [InlineData("https://login.example/token", "HTTPS://LOGIN.example:443/token?a=b&c#d")]
    [InlineData("https://login.example/token?own=query", "https://login.example/token#")]
    [InlineData("https://login.example", "https://login.example:/")]
    [InlineData("https://login.example/", "https://login.example?x")]
    [InlineData("http://login.example:8080/", "http://login.example:8080")]
    [InlineData("http://login.example/", "http://login.example:80/")]
    [InlineData("https://login.example/~a%2fb", "https://login.example/%7Ea%2Fb")]
    [InlineData("https://login.example/a/b", "https://login.example/./a/x/../b")]
    [InlineData("https://b\u00FCcher.example/", "https://xn--bcher-kva.example/")]
    [InlineData("https://[2001:db8::1]/", "https://[2001:0DB8:0:0::1]/")]
    public void They_are_one(string own, string htu) => Assert.Null(Judged(own, htu));

    [Theory]
    [InlineData("https://login.example/token", "https://login.example/Token")]
    [InlineData("https://login.example/token", "https://login.example/token/")]
    [InlineData("https://login.example/token", "https://login.example//token")]
    [InlineData("https://login.example/token", "http://login.example/token")]
    [InlineData("https://login.example/token", "http://login.example:443/token")]
    [InlineData("https://login.example/token", "https://login.example:444/token")]
    [InlineData("https://login.example/token", "https://login.example./token")]
    [InlineData("https://login.example/token", "https://login.example.evil.example/token")]
    [InlineData("https://login.example/token", "https://evil.example/https://login.example/token")]
    [InlineData("https://login.example/a%2Fb", "https://login.example/a/b")]
    public void They_are_two(string own, string htu)
    {
        Assert.Null(Judged(htu, htu));
        Assert.Equal(DPoPFault.WrongAddress, Judged(own, htu));
    }

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    [InlineData("/token")]
    [InlineData("login.example/token")]
    [InlineData("//login.example/token")]
    [InlineData("ftp://login.example/token")]
    [InlineData("https:login.example/token")]
    [InlineData("https:/login.example/token")]
    [InlineData("https:\\\\login.example\\token")]
    [InlineData("https://login.example\\@evil.example/token")]
    [InlineData("https://me@login.example/token")]
    [InlineData("https://@login.example/token")]
    [InlineData(" https://login.example/token")]
    [InlineData("https://login.example/token\n")]
    [InlineData("https://login.example/to ken")]
    [InlineData("https://login.example/\u4E2D")]
    [InlineData("https://b\u00FCcher.example/")]
    [InlineData("https://login.example/%zz")]
    [InlineData("https://login.example/%2")]
    [InlineData("https://login.example:99999/")]
    [InlineData("https://:443/")]
    [InlineData("https://")]
    public void It_is_none(string? htu)
    {
        var same = Uri.TryCreate(htu, UriKind.Absolute, out var address) && address.Scheme == "https" && address.UserInfo.Length == 0;

        Assert.Equal(DPoPFault.WrongAddress, Judged("https://login.example/token", htu));
        Assert.Equal(DPoPFault.WrongAddress, Judged(same ? htu! : "https://login.example/", htu));
    }

    [Fact]
    public void A_long_one_is_not_read()
    {
        var longest = "https://login.example/".PadRight(DPoPProof.MaxAddressLength, 'a');

        Assert.Null(Judged(longest, longest));
        Assert.Equal(DPoPFault.WrongAddress, Judged(longest + "a", longest + "a"));
    }

    private static DPoPFault? Judged(string own, string? htu)
    {
        var claims = JsonSerializer.SerializeToUtf8Bytes(new { jti = "j", htm = "GET", htu, iat = DPoPKeys.Now.ToUnixTimeSeconds() });
        var request = new DPoPRequest { Method = "GET", Address = new Uri(own) };
        return (DPoPProof.Verify(DPoPKeys.Signed(claims), request, DPoPKeys.Clock) as DPoPRefused)?.Fault;
    }
}
