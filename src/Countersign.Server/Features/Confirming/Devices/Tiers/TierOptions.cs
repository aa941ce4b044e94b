using Microsoft.Extensions.Options;

namespace Countersign.Server.Features.Confirming.Devices.Tiers;

/// <summary>The tiers by name. A kind has the one of its own name, unless it says otherwise.</summary>
internal sealed class TierOptions
{
    public const string Section = "Devices";

    /// <summary>S27. A kind whose tier is not here moves no money.</summary>
    public Dictionary<string, Tier> Tiers { get; } = new(StringComparer.Ordinal)
    {
        ["sms"] = new() { PerDay = 200_000, PerFiveDays = 600_000 },
        ["code-card"] = new() { PerDay = 200_000, PerFiveDays = 600_000 },
        ["online-card"] = new() { PerDay = 200_000, PerFiveDays = 600_000 },
        ["temporary-code"] = new() { PerDay = 50_000, PerFiveDays = 100_000 },
        ["phone-app"] = new() { PerDay = 200_000, PerFiveDays = 600_000 },
        ["totp"] = new() { PerDay = 200_000, PerFiveDays = 600_000 },
        ["passkey-synced"] = new() { PerDay = 200_000, PerFiveDays = 600_000 },
        ["passkey-bound"] = new() { PerDay = 1_000_000, PerFiveDays = 1_500_000 },
        ["dsc"] = new() { PerDay = 1_000_000, PerFiveDays = 1_500_000 },
        ["dsc-plus"] = new(),
        ["gold"] = new(),
        ["platinum"] = new(),
    };
}

/// <summary>Checks <see cref="TierOptions"/> at start.</summary>
internal sealed class TierOptionsValidator : IValidateOptions<TierOptions>
{
    private const decimal Most = 1_000_000_000;

    public ValidateOptionsResult Validate(string? name, TierOptions options)
    {
        var wrong = options.Tiers.Where(t => t.Value.PerDay is < 0 or > Most
            || t.Value.PerFiveDays is < 0 or > Most
            || t.Value.PerDay > t.Value.PerFiveDays
            || (t.Value.PerDay is null && t.Value.PerFiveDays is not null))
            .Select(t => $"Devices:Tiers:{t.Key} must have amounts from 0 to {Most:N0}, and no more a day than in five days.").ToList();
        return wrong.Count == 0 ? ValidateOptionsResult.Success : ValidateOptionsResult.Fail(wrong);
    }
}
