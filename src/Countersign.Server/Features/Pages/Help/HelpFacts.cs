using System.Globalization;
using Countersign.Server.Features.Access.Passwords;
using Countersign.Server.Features.Confirming.Devices.Tiers;
using Countersign.Server.Features.Confirming.Pins;
using Countersign.Server.Features.Ground.Jurisdictions;
using Countersign.Server.Http;
using Microsoft.Extensions.Localization;
using Microsoft.Extensions.Options;

namespace Countersign.Server.Features.Pages.Help;

/// <summary>What articles say of settings: <c>{message-gap}</c> in a text is what is in force here.</summary>
internal sealed class HelpFacts(
    RegimeBook regimes, IOptions<PasswordOptions> passwords, IOptions<TierOptions> tiers, IOptions<PinOptions> pins,
    IOptions<SiteOptions> site, IStringLocalizer<FrameText> frame)
{
    /// <summary>All facts, in the words of a language.</summary>
    public IReadOnlyDictionary<string, string> In(CultureInfo language)
    {
        var before = CultureInfo.CurrentUICulture;
        try
        {
            CultureInfo.CurrentUICulture = language;
            return All();
        }
        finally
        {
            CultureInfo.CurrentUICulture = before;
        }
    }

    private Dictionary<string, string> All()
    {
        var regime = regimes.Default;
        var pin = PinPolicy.Phone(pins.Value, regime);
        var facts = new Dictionary<string, string>(StringComparer.Ordinal)
        {
            ["broker"] = site.Value.Name,
            ["host"] = site.Value.Host,
            ["message-gap"] = frame.Length(regime.MessageGap),
            ["messages-per-day"] = Number(regime.MessagesPerDay),
            ["code-lifetime"] = frame.Length(regime.ChallengeLifetime),
            ["code-tries"] = Number(regime.ChallengeTries),
            ["wrong-codes"] = Number(regime.WrongResponsesUntilPasswordChange),
            ["wrong-passwords"] = Number(regime.WrongPasswordsPerSource),
            ["wrong-password-window"] = frame.Length(regime.WrongPasswordWindow),
            ["session-idle"] = frame.Length(regime.SessionIdle),
            ["session-lifetime"] = frame.Length(regime.SessionLifetime),
            ["password-minimum"] = Number(passwords.Value.MinimumLength),
            ["password-maximum"] = Number(passwords.Value.MaximumLength),
            ["trust-age"] = frame.Length(regime.TrustAge),
            ["loss-hold"] = frame.Length(regime.LossHold),
            ["after-loss"] = frame.Length(regime.AfterLoss),
            ["trust-age-unlimited"] = frame.Length(regime.TrustAgeUnlimited),
            ["pin-minimum"] = Number(pin.MinimumLength),
            ["pin-maximum"] = Number(pin.MaximumLength),
        };
        foreach (var (name, tier) in tiers.Value.Tiers)
        {
            facts[$"limit-{name}-day"] = Amount(tier.PerDay);
            facts[$"limit-{name}-five-days"] = Amount(tier.PerFiveDays);
        }

        return facts;
    }

    private string Amount(decimal? limit) =>
        limit is { } amount ? "USD " + amount.ToString("N0", CultureInfo.InvariantCulture) : frame["no_limit"];

    private static string Number(int number) => number.ToString(CultureInfo.InvariantCulture);
}
