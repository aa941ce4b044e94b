using Countersign.Server.Features.Ground.Jurisdictions;
using Countersign.Server.Features.Messaging.Messages;
using Countersign.Server.Features.Messaging.Notices;
using Countersign.Server.Features.Messaging.Shield;
using Countersign.Server.Features.Registry.PhoneNumbers;
using Microsoft.Extensions.Options;

namespace Countersign.Server.Features.Clients.Records.Import;

/// <summary>SMS to numbers of one country, and what they cost.</summary>
/// <param name="Region">ISO 3166.</param>
/// <param name="Cost">US dollars.</param>
internal sealed record CountryCost(string Region, int Clients, int Parts, decimal Cost);

/// <summary>Says what the notices of an import cost at most: clients who have a device already are not told.</summary>
internal sealed class ImportCosts(MessageTexts texts, NotMe notMe, RegimeBook regimes, IOptions<ShieldOptions> shield)
{
    private const string Template = "notice-device-enrolled";

    /// <summary>By country, the dearest first.</summary>
    public IReadOnlyList<CountryCost> Of(IEnumerable<UserFacts> users) =>
    [
        .. from user in users
           where user is { Mobile: not null, MobileVerifiedAt: not null }
           let number = user.Mobile!.Value.E164
           let region = NumberRange.Of(number).Region
           let parts = PartsFor(user, number)
           group (Parts: parts, Cost: parts * shield.Value.PriceOf(region, number)) by region into country
           let cost = country.Sum(c => c.Cost)
           orderby cost descending, country.Key
           select new CountryCost(country.Key, country.Count(), country.Sum(c => c.Parts), cost),
    ];

    private int PartsFor(UserFacts user, string number)
    {
        var content = new MessageContent(
            user.Language ?? "en", [user.Name, string.Empty, MobileNumber.Mask(number)], notMe.ExampleIn(regimes.Default));
        return SmsText.Parts(texts.Render(Template, MessageChannel.Sms, content).Body);
    }
}
