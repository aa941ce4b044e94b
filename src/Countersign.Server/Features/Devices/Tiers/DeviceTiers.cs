using Countersign.Server.Features.Challenges;
using Countersign.Server.Features.Regimes;
using Microsoft.Extensions.Options;

namespace Countersign.Server.Features.Devices.Tiers;

/// <summary>
/// Says how much money a device may move now. Until its trust age ends it has no more than the device that confirmed its
/// enrolment had at that moment, which may itself have been held down: nobody climbs from a weak device to a strong one (D2).
/// </summary>
internal sealed class DeviceTiers(KindCatalog kinds, IOptions<TierOptions> options, TimeProvider time)
{
    /// <summary>What a tier that nobody has configured lets through.</summary>
    private static readonly Tier Nothing = new() { PerDay = 0, PerFiveDays = 0 };

    /// <summary>Name of the tier that the device has at this moment.</summary>
    public string NameOf(DeviceView device)
    {
        var own = kinds.Find(device.Kind)?.TierOf(device) ?? device.Kind;
        return device.InheritedTier is { } inherited && !IsTrusted(device) && this[inherited].IsBelow(this[own]) ? inherited : own;
    }

    /// <summary>What the device lets through at this moment.</summary>
    public Tier Of(DeviceView device) => this[NameOf(device)];

    /// <summary>Whether the device's trust age is over.</summary>
    public bool IsTrusted(DeviceView device) => device.TrustedAt is { } at && at <= time.GetUtcNow();

    /// <summary>When a device that becomes active now is trusted: unlimited ones take longer (B12).</summary>
    public DateTimeOffset TrustedAt(DeviceView device, Regime regime) =>
        time.GetUtcNow() + (this[kinds.Find(device.Kind)?.TierOf(device) ?? device.Kind].Unlimited ? regime.TrustAgeUnlimited : regime.TrustAge);

    public Tier this[string name] => options.Value.Tiers.GetValueOrDefault(name, Nothing);
}
