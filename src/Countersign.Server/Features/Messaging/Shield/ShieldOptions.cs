using System.ComponentModel.DataAnnotations;
using Microsoft.Extensions.Options;

namespace Countersign.Server.Features.Messaging.Shield;

/// <summary>
/// Limits against whoever has messages sent to earn by them (B3). They count only messages to numbers and addresses that nobody
/// has shown to be theirs: what a stranger does never delays an owner.
/// </summary>
internal sealed class ShieldOptions
{
    public const string Section = "Shield";

    /// <summary>To one number or address in a day.</summary>
    [Range(1, 1000)]
    public int PerRecipientDaily { get; set; } = 5;

    /// <summary>Asked for by one user in a day.</summary>
    [Range(1, 1000)]
    public int PerUserDaily { get; set; } = 10;

    /// <summary>Asked for from one source in a day.</summary>
    [Range(1, 100_000)]
    public int PerSourceDaily { get; set; } = 20;

    /// <summary>To one block of ten thousand numbers (all but the last four digits are equal) in an hour.</summary>
    [Range(1, 100_000)]
    public int PerRangeHourly { get; set; } = 20;

    /// <summary>To one country in an hour.</summary>
    [Range(1, 1_000_000)]
    public int PerCountryHourly { get; set; } = 300;

    /// <summary>
    /// Messages to unproven numbers for each that came back as a code, above which a block of numbers raises an alarm and is
    /// stopped.
    /// </summary>
    [Range(1.0, 1000.0)]
    public double AlarmRatio { get; set; } = 4;

    /// <summary>Fewer messages than these within the last hour raise no alarm.</summary>
    [Range(2, 100_000)]
    public int AlarmAtLeast { get; set; } = 10;

    /// <summary>Notices of one kind to one user by one channel in a day; further ones are told of in one message later.</summary>
    [Range(1, 1000)]
    public int NoticesOfAKindDaily { get; set; } = 10;

    /// <summary>Messages of applications to one user in a day.</summary>
    [Range(1, 10_000)]
    public int TopicMessagesPerUserDaily { get; set; } = 100;

    /// <summary>US dollars that messages to one block of ten thousand numbers may cost in a day, codes to verified numbers aside.</summary>
    [Range(typeof(decimal), "1", "100000")]
    public decimal BudgetPerRangeDaily { get; set; } = 100m;

    /// <summary>The same for one country, where <see cref="Budgets"/> names none.</summary>
    [Range(typeof(decimal), "1", "100000")]
    public decimal BudgetPerCountryDaily { get; set; } = 2_000m;

    /// <summary>US dollars in a day by ISO 3166 alpha-2 country.</summary>
    public IDictionary<string, decimal> Budgets { get; } = new Dictionary<string, decimal>(StringComparer.OrdinalIgnoreCase);

    /// <summary>Price of a message part in US dollars where <see cref="Prices"/> names none.</summary>
    [Range(typeof(decimal), "0", "10")]
    public decimal Price { get; set; } = 0.08m;

    /// <summary>
    /// Prices of a message part in US dollars by ISO 3166 alpha-2 country, or by the beginning of a number from its plus sign on: the
    /// longest one holds.
    /// </summary>
    public IDictionary<string, decimal> Prices { get; } = new Dictionary<string, decimal>(StringComparer.OrdinalIgnoreCase);

    public decimal BudgetOf(string region) => Budgets.TryGetValue(region, out var budget) ? budget : BudgetPerCountryDaily;

    /// <param name="number">E.164, or as much of it as is known.</param>
    public decimal PriceOf(string? region, string number)
    {
        var prefix = Prices.Keys.Where(k => k.StartsWith('+') && number.StartsWith(k, StringComparison.Ordinal)).MaxBy(k => k.Length);
        return Prices.TryGetValue(prefix ?? region ?? string.Empty, out var price) ? price : Price;
    }
}

/// <summary>Checks <see cref="ShieldOptions"/> at start.</summary>
[OptionsValidator]
internal sealed partial class ShieldOptionsValidator : IValidateOptions<ShieldOptions>;
