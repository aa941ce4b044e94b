using System.Globalization;

namespace Countersign.Server.Features.Devices.Tiers;

/// <summary>How much money a device may move out, in US dollars. Null: without limit.</summary>
internal sealed class Tier
{
    public decimal? PerDay { get; set; }

    public decimal? PerFiveDays { get; set; }

    public bool Unlimited => PerDay is null && PerFiveDays is null;

    /// <summary>Whether this one lets less through: the day's limit counts first, then that of five business days.</summary>
    public bool IsBelow(Tier other) => (Amount(PerDay), Amount(PerFiveDays)).CompareTo((Amount(other.PerDay), Amount(other.PerFiveDays))) < 0;

    /// <summary>A day's limit and that of five business days, such as <c>200000/600000</c>.</summary>
    public override string ToString() => Unlimited ? "unlimited" : string.Create(CultureInfo.InvariantCulture, $"{PerDay}/{PerFiveDays}");

    private static decimal Amount(decimal? limit) => limit ?? decimal.MaxValue;
}
