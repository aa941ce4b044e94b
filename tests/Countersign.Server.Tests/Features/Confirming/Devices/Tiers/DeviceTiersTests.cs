using Countersign.Server.Features.Confirming.Devices;
using Countersign.Server.Features.Confirming.Devices.Tiers;
using Microsoft.Extensions.Options;
using Microsoft.Extensions.Time.Testing;

namespace Countersign.Server.Tests.Features.Confirming.Devices.Tiers;

/// <summary>What a device may move: of each limit the lower one, whatever an operator has configured (D2).</summary>
public sealed class DeviceTiersTests
{
    private static readonly DateTimeOffset Now = new(2026, 11, 24, 9, 0, 0, TimeSpan.Zero);

    [Theory]
    [InlineData("200/600", "1000/1500", "200/600", "inherited")]
    [InlineData("1000/1500", "200/600", "200/600", "own")]
    [InlineData("200/600", "200/600", "200/600", "own")]
    [InlineData("unlimited", "200/600", "200/600", "own")]
    [InlineData("200/1500", "250/600", "200/600", "least")]
    [InlineData("250/600", "200/1500", "200/600", "least")]
    [InlineData("200/unlimited", "250/600", "200/600", "least")]
    [InlineData("10/1500", "20/600", "10/600", "")]
    public void Until_it_is_trusted_a_device_has_the_lower_of_each_limit(string inherited, string own, string expected, string name)
    {
        var tiers = Tiers(("own", own), ("inherited", inherited), ("least", "200/600"), ("less", "200/500"));
        var device = Device(inherited: "inherited", trustedAt: Now.AddHours(1));

        Assert.Equal(expected, tiers.Of(device).ToString());
        Assert.Equal(name, tiers.NameOf(device));
    }

    /// <summary>The name is what the next device inherits: it lets through no more than the device that agreed.</summary>
    [Theory]
    [InlineData("200/1500", "250/600")]
    [InlineData("10/1500", "20/600")]
    public void What_the_next_one_inherits_is_never_more(string inherited, string own)
    {
        var tiers = Tiers(("own", own), ("inherited", inherited), ("least", "200/600"));
        var device = Device(inherited: "inherited", trustedAt: Now.AddHours(1));

        var next = tiers.Of(Device(inherited: tiers.NameOf(device), trustedAt: Now.AddHours(1)));

        Assert.True(next.IsWithin(tiers.Of(device)), next.ToString());
    }

    [Fact]
    public void Once_it_is_trusted_it_has_the_tier_of_its_kind()
    {
        var tiers = Tiers(("own", "1000/1500"), ("inherited", "200/600"));

        Assert.Equal("1000/1500", tiers.Of(Device("inherited", Now)).ToString());
        Assert.Equal("1000/1500", tiers.Of(Device(null, Now.AddHours(1))).ToString());
        Assert.Equal("0/0", tiers.Of(Device("gone", Now.AddHours(1))).ToString());
    }

    private static DeviceTiers Tiers(params (string Name, string Limits)[] all)
    {
        var options = new TierOptions();
        options.Tiers.Clear();
        foreach (var (name, limits) in all)
        {
            var parts = limits.Split('/');
            options.Tiers[name] = new Tier { PerDay = Amount(parts[0]), PerFiveDays = Amount(parts[^1]) };
        }

        return new DeviceTiers(Options.Create(options), new FakeTimeProvider(Now));
    }

    private static decimal? Amount(string text) =>
        text == "unlimited" ? null : decimal.Parse(text, System.Globalization.CultureInfo.InvariantCulture);

    private static DeviceView Device(string? inherited, DateTimeOffset? trustedAt) => new(
        Guid.Empty, Guid.Empty, default, "kind", "", "", DeviceStatus.Active, "own", inherited, null, Now, Now, trustedAt, null, null, null,
        null, Preferred: false, MostTries: 0);
}
