using Countersign.Server.Features.Ground.Jurisdictions;
using Microsoft.Extensions.Options;

namespace Countersign.Server.Features.Confirming.Devices.Tiers;

/// <summary>
/// Says how much money a device may move now. Until its trust age ends it has no more than the device that confirmed its
/// enrolment had at that moment, which may itself have been held down: nobody climbs from a weak device to a strong one (D2).
/// </summary>
internal sealed class DeviceTiers(IOptions<TierOptions> options, TimeProvider time)
{
    /// <summary>What a tier that nobody has configured lets through.</summary>
    private static readonly Tier Nothing = new() { PerDay = 0, PerFiveDays = 0 };

    /// <summary>What the device lets through at this moment.</summary>
    public Tier Of(DeviceView device) =>
        HeldBy(device) is { } inherited ? Tier.LowerOf(this[inherited], this[device.Tier]) : this[device.Tier];

    /// <summary>
    /// Name of the tier that the device has at this moment, which those that it confirms inherit. Where neither its own nor the
    /// inherited one is the lower in both limits it is the highest that is within both; empty, and so nothing, where there is none.
    /// </summary>
    public string NameOf(DeviceView device)
    {
        var now = Of(device);
        return this[device.Tier].IsWithin(now) ? device.Tier
            : HeldBy(device) is { } inherited && this[inherited].IsWithin(now) ? inherited
            : options.Value.Tiers.Where(t => t.Value.IsWithin(now))
                .OrderByDescending(t => t.Value.PerDay)
                .ThenByDescending(t => t.Value.PerFiveDays)
                    .Select(t => t.Key).FirstOrDefault(string.Empty);
    }

    /// <summary>Whether the device has less than its kind until it is trusted.</summary>
    public bool IsHeldDown(DeviceView device) => !this[device.Tier].IsWithin(Of(device));

    /// <summary>Whether the device's trust age is over.</summary>
    public bool IsTrusted(DeviceView device) => device.TrustedAt is { } at && at <= time.GetUtcNow();

    /// <summary>When a device that becomes active now is trusted: unlimited ones take longer (B12).</summary>
    /// <param name="tier">Name of its own tier.</param>
    public DateTimeOffset TrustedAt(string tier, Regime regime) =>
        time.GetUtcNow() + (this[tier].Unlimited ? regime.TrustAgeUnlimited : regime.TrustAge);

    private string? HeldBy(DeviceView device) => IsTrusted(device) ? null : device.Reach;

    public Tier this[string name] => options.Value.Tiers.GetValueOrDefault(name, Nothing);
}
