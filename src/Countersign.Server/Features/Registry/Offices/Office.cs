using System.Globalization;
using PhoneNumbers;

namespace Countersign.Server.Features.Registry.Offices;

/// <summary>Client services at one location: how they are reached, and when.</summary>
/// <param name="Country">ISO 3166 alpha-2.</param>
/// <param name="Name">What the location is called, by language of the product.</param>
/// <param name="Phones">E.164.</param>
/// <param name="Serves">Further countries whose clients call here.</param>
internal sealed record Office(
    string Country,
    string Region,
    IReadOnlyDictionary<string, string> Name,
    IReadOnlyList<string> Phones,
    OfficeHours Hours,
    string? Email,
    IReadOnlyList<CultureInfo> Languages,
    IReadOnlyList<string> Serves)
{
    /// <summary>The parts of the world under which locations are listed, in this order.</summary>
    public static readonly IReadOnlyList<string> Regions = ["asia-pacific", "europe", "americas", "africa-middle-east"];

    public string NameIn(CultureInfo language) => Name[language.Name];

    /// <summary>The languages that are spoken there, each in its own words.</summary>
    public string Spoken => string.Join(", ", Languages.Select(l => l.NativeName));

    public bool IsFor(string country) => Country == country || Serves.Contains(country);

    /// <summary>A number as a person abroad dials and reads it.</summary>
    public static string International(string e164)
    {
        var util = PhoneNumberUtil.GetInstance();
        return util.Format(util.Parse(e164, defaultRegion: null), PhoneNumberFormat.INTERNATIONAL);
    }
}
