using System.Net;
using Countersign.Server.Http.Outbound;
using Countersign.Server.Tests.Guards;

namespace Countersign.Server.Tests.Http.Outbound;

/// <summary>Where calls to the outside may lead (D17).</summary>
public sealed class PublicAddressTests
{
    [Theory]
    [InlineData("1.1.1.1", true)]
    [InlineData("172.15.255.255", true)]
    [InlineData("172.32.0.0", true)]
    [InlineData("2606:4700:4700::1111", true)]
    [InlineData("::ffff:1.1.1.1", true)]
    [InlineData("0.0.0.0", false)]
    [InlineData("10.1.2.3", false)]
    [InlineData("100.64.0.1", false)]
    [InlineData("127.0.0.1", false)]
    [InlineData("127.255.255.254", false)]
    [InlineData("169.254.169.254", false)]
    [InlineData("172.16.0.1", false)]
    [InlineData("192.168.1.1", false)]
    [InlineData("198.18.0.1", false)]
    [InlineData("224.0.0.1", false)]
    [InlineData("255.255.255.255", false)]
    [InlineData("::", false)]
    [InlineData("::1", false)]
    [InlineData("::ffff:127.0.0.1", false)]
    [InlineData("::ffff:10.0.0.1", false)]
    [InlineData("::127.0.0.1", false)]
    [InlineData("64:ff9b::7f00:1", false)]
    [InlineData("64:ff9b:1::a00:1", false)]
    [InlineData("2002:7f00:1::", false)]
    [InlineData("2001::1", false)]
    [InlineData("2001:db8::1", false)]
    [InlineData("fc00::1", false)]
    [InlineData("fd12:3456::1", false)]
    [InlineData("fe80::1", false)]
    [InlineData("ff02::1", false)]
    [Claim("D17")]
    public void Only_the_public_Internets_addresses_are_called(string address, bool allowed) =>
        Assert.Equal(allowed, PublicAddress.Is(IPAddress.Parse(address)));

    [Theory]
    [InlineData("https://sms.example/x", false, true)]
    [InlineData("https://sms.example:443/", false, true)]
    [InlineData("https://sms.example:8443/", false, false)]
    [InlineData("http://sms.example/", false, false)]
    [InlineData("https://user@sms.example/", false, false)]
    [InlineData("file:///etc/passwd", false, false)]
    [InlineData("http://10.0.0.1:13013/", true, true)]
    [InlineData("ftp://10.0.0.1/", true, false)]
    public void Only_https_on_443_is_called_unless_the_operator_says_so(string address, bool allowPrivate, bool allowed) =>
        Assert.Equal(allowed, OutboundClient.Allows(new Uri(address), allowPrivate));
}
