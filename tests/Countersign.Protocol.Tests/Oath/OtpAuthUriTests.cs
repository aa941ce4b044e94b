using Countersign.Protocol.Oath;
using CsCheck;

namespace Countersign.Protocol.Tests.Oath;

public sealed class OtpAuthUriTests
{
    private static readonly byte[] Key = [.. "12345678901234567890"u8];
    private const string Secret = "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ";

    private static readonly Gen<string> Names =
        Gen.String[Gen.Char["ab Z.1@/?&=%+#\u00E9\u4E2D"], 1, 20].Where(name => name.Trim() == name && name.Length > 0);

    private static readonly Gen<OtpAuthUri> Addresses =
        from issuer in Gen.OneOf(Names, Gen.Const(""))
        from account in Names
        from key in Gen.Byte.Array[1, OtpAuthUri.MaxKeyLength]
        from parameters in OathGen.Parameters
        select new OtpAuthUri(issuer, account, key, parameters);

    [Fact]
    public void Every_parameter_is_written_out() =>
        Assert.Equal(
            $"otpauth://totp/Example%20Broker:mei.chan?secret={Secret}&issuer=Example%20Broker&algorithm=SHA256&digits=8&period=60",
            new OtpAuthUri("Example Broker", "mei.chan", Key, new TotpParameters(OathHash.Sha256, 8, 60)).ToString());

    [Fact]
    public void What_is_written_is_read_back() =>
        Addresses.Sample(address =>
        {
            Assert.InRange(address.ToString().Length, 1, OtpAuthUri.MaxLength);
            Assert.True(OtpAuthUri.TryParse(address.ToString(), out var read));
            Assert.Equal(address, read);
            Assert.Equal(address.GetHashCode(), read.GetHashCode());
            Assert.Equal((address.Issuer, address.Account, address.Parameters), (read.Issuer, read.Account, read.Parameters));
            Assert.Equal(address.Key.ToArray(), read.Key.ToArray());
        });

    [Fact]
    public void The_longest_address_can_be_read_back()
    {
        var name = string.Concat(Enumerable.Repeat('\u4E2D', OtpAuthUri.MaxNameLength));
        var address = new OtpAuthUri(
            name, name, new byte[OtpAuthUri.MaxKeyLength], new TotpParameters(OathHash.Sha512, 8, TotpParameters.MaxPeriod));

        Assert.InRange(address.ToString().Length, 2_900, OtpAuthUri.MaxLength);
        Assert.True(OtpAuthUri.TryParse(address.ToString(), out var read));
        Assert.Equal(address, read);
    }

    [Theory]
    [InlineData("otpauth://totp/mei?secret=MZXW6YTBOI", "", "mei")]
    [InlineData("OtpAuth://TOTP/mei?secret=mzxw-6ytb-oi", "", "mei")]
    [InlineData("otpauth://totp/Broker:mei?secret=MZXW6YTBOI", "Broker", "mei")]
    [InlineData("otpauth://totp/Broker%3A%20mei?secret=MZXW6YTBOI&issuer=Broker", "Broker", "mei")]
    [InlineData("otpauth://totp/mei?secret=MZXW6YTBOI&issuer=Broker", "Broker", "mei")]
    [InlineData("otpauth://totp/Old:mei?secret=MZXW6YTBOI&issuer=New", "New", "mei")]
    [InlineData("otpauth://totp/Broker:a:b?secret=MZXW6YTBOI", "Broker", "a:b")]
    [InlineData("otpauth://totp/mei?secret=MZXW6YTBOI&image=https%3A%2F%2Fx&counter=1&image=%", "", "mei")]
    [InlineData("otpauth://totp/%E4%B8%AD?secret=MZXW6YTBOI&digits=6&period=30&algorithm=sha1", "", "\u4E2D")]
    public void What_others_write_is_read(string text, string issuer, string account)
    {
        Assert.True(OtpAuthUri.TryParse(text, out var read));
        Assert.Equal((issuer, account, new TotpParameters()), (read.Issuer, read.Account, read.Parameters));
        Assert.Equal("foobar"u8.ToArray(), read.Key.ToArray());
    }

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    [InlineData("otpauth://totp/")]
    [InlineData("otpauth://totp/mei")]
    [InlineData("otpauth://totp/mei?")]
    [InlineData("otpauth://totp/mei?secret=")]
    [InlineData("otpauth://totp/mei?secret")]
    [InlineData("otpauth://totp/?secret=MZXW6YTBOI")]
    [InlineData("otpauth://hotp/mei?secret=MZXW6YTBOI&counter=0")]
    [InlineData("https://totp/mei?secret=MZXW6YTBOI")]
    [InlineData("otpauth://totp/mei?Secret=MZXW6YTBOI")]
    [InlineData("otpauth://totp/mei?secret=MZXW6YTBO1")]
    [InlineData("otpauth://totp/mei?secret=MZXW6YTBOI&secret=MZXW6YTBOI")]
    [InlineData("otpauth://totp/mei?secret=MZXW6YTBOI&digits=5")]
    [InlineData("otpauth://totp/mei?secret=MZXW6YTBOI&digits=9")]
    [InlineData("otpauth://totp/mei?secret=MZXW6YTBOI&digits=+6")]
    [InlineData("otpauth://totp/mei?secret=MZXW6YTBOI&digits=")]
    [InlineData("otpauth://totp/mei?secret=MZXW6YTBOI&period=0")]
    [InlineData("otpauth://totp/mei?secret=MZXW6YTBOI&period=172801")]
    [InlineData("otpauth://totp/mei?secret=MZXW6YTBOI&period=99999999999999999999")]
    [InlineData("otpauth://totp/mei?secret=MZXW6YTBOI&period=30#x")]
    [InlineData("otpauth://totp/mei?secret=MZXW6YTBOI&algorithm=MD5")]
    [InlineData("otpauth://totp/mei?secret=MZXW6YTBOI&issuer=a:b")]
    [InlineData("otpauth://totp/mei%?secret=MZXW6YTBOI")]
    [InlineData("otpauth://totp/mei%2?secret=MZXW6YTBOI")]
    [InlineData("otpauth://totp/mei%FF?secret=MZXW6YTBOI")]
    [InlineData("otpauth://totp/mei%0A?secret=MZXW6YTBOI")]
    public void What_is_no_such_address_is_refused(string? text) => Assert.False(OtpAuthUri.TryParse(text, out _));

    [Fact]
    public void Text_that_is_not_Unicode_is_refused()
    {
        Assert.False(OtpAuthUri.TryParse("otpauth://totp/mei\uD800?secret=MZXW6YTBOI", out _));
        Assert.Throws<ArgumentException>("account", () => new OtpAuthUri("Broker", "\uDC00", Key, new TotpParameters()));
    }

    [Fact]
    public void An_address_is_read_up_to_its_limit()
    {
        var address = $"otpauth://totp/mei?secret={Secret}&x=";

        Assert.True(OtpAuthUri.TryParse(address.PadRight(OtpAuthUri.MaxLength, 'x'), out _));
        Assert.False(OtpAuthUri.TryParse(address.PadRight(OtpAuthUri.MaxLength + 1, 'x'), out _));
    }

    [Theory]
    [InlineData("a:b", "mei", "issuer")]
    [InlineData(" ", "mei", "issuer")]
    [InlineData("a\n", "mei", "issuer")]
    [InlineData("Broker", "", "account")]
    [InlineData("Broker", " mei", "account")]
    [InlineData("Broker", "m\0i", "account")]
    [InlineData("", "a:b", "account")]
    public void A_name_that_could_not_be_read_back_is_refused(string issuer, string account, string parameter) =>
        Assert.Throws<ArgumentException>(parameter, () => new OtpAuthUri(issuer, account, Key, new TotpParameters()));

    [Fact]
    public void The_limits_hold()
    {
        var name = new string('a', OtpAuthUri.MaxNameLength);

        Assert.Throws<ArgumentException>("issuer", () => new OtpAuthUri(name + "a", "mei", Key, new TotpParameters()));
        Assert.Throws<ArgumentException>("account", () => new OtpAuthUri(name, name + "a", Key, new TotpParameters()));
        Assert.Throws<ArgumentException>("key", () => new OtpAuthUri(name, name, [], new TotpParameters()));
        Assert.Throws<ArgumentException>(
            "key", () => new OtpAuthUri(name, name, new byte[OtpAuthUri.MaxKeyLength + 1], new TotpParameters()));
    }

    [Fact]
    public void Addresses_differ_by_each_of_their_parts()
    {
        var one = new OtpAuthUri("Broker", "mei", Key, new TotpParameters());

        Assert.NotEqual(one, new OtpAuthUri("Other", "mei", Key, new TotpParameters()));
        Assert.NotEqual(one, new OtpAuthUri("Broker", "eva", Key, new TotpParameters()));
        Assert.NotEqual(one, new OtpAuthUri("Broker", "mei", Key.AsSpan(1), new TotpParameters()));
        Assert.NotEqual(one, new OtpAuthUri("Broker", "mei", Key, new TotpParameters(digits: 8)));
    }
}
