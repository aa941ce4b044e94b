using System.Globalization;

namespace Countersign.Server.Features.Confirming.Devices.Tiers;

/// <summary>How much money a device may move out, in US dollars. Null: without limit.</summary>
internal sealed class Tier
{
    public decimal? PerDay { get; set; }

    public decimal? PerFiveDays { get; set; }

    public bool Unlimited => PerDay is null && PerFiveDays is null;

    /// <summary>Of each limit the lower one.</summary>
    public static Tier LowerOf(Tier one, Tier other) =>
        new() { PerDay = Lower(one.PerDay, other.PerDay), PerFiveDays = Lower(one.PerFiveDays, other.PerFiveDays) };

    /// <summary>Whether this one lets through no more, neither a day nor in five business days.</summary>
    public bool IsWithin(Tier other) => Amount(PerDay) <= Amount(other.PerDay) && Amount(PerFiveDays) <= Amount(other.PerFiveDays);

    /// <summary>A day's limit and that of five business days, such as <c>200000/600000</c>.</summary>
    public override string ToString() => Unlimited ? "unlimited" : string.Create(CultureInfo.InvariantCulture, $"{PerDay}/{PerFiveDays}");

    private static decimal? Lower(decimal? one, decimal? other) => Amount(one) <= Amount(other) ? one : other;

    private static decimal Amount(decimal? limit) => limit ?? decimal.MaxValue;
}
