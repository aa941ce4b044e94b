using System.Globalization;
using System.Net.Mail;
using System.Text.Json;
using System.Text.Json.Serialization;
using Countersign.Server.Http;
using NodaTime;
using PhoneNumbers;

namespace Countersign.Server.Features.Registry.Offices;

/// <summary>The directory as it is written. Everything in it is checked before the first request.</summary>
internal static class OfficeFile
{
    public const int MaxBytes = 256 * 1024;
    private const int MostOffices = 250;
    private const int MostOfAKind = 20;
    private const int LongestName = 60;
    private const int LongestEmail = 254;
    private const int DayMinutes = 24 * 60;

    private static readonly string[] DayNames = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"];

    /// <exception cref="InvalidDataException">Something in it cannot be used; the message says where and what.</exception>
    public static IReadOnlyList<Office> Read(ReadOnlySpan<byte> json)
    {
        List<Entry>? entries;
        try
        {
            entries = JsonSerializer.Deserialize(json, OfficeJson.Default.ListEntry);
        }
        catch (JsonException e)
        {
            throw new InvalidDataException($"It is no directory: {e.Message}", e);
        }

        Check(entries is { Count: > 0 and <= MostOffices }, "The directory", $"has to list 1 to {MostOffices} locations");
        var offices = entries!.Select(Office).ToList();
        Check(
            offices.SelectMany(o => o.Serves.Prepend(o.Country)).GroupBy(c => c).All(c => c.Count() == 1),
            "The directory",
            "names a country twice");
        return offices;
    }

    private static Office Office(Entry? entry, int index)
    {
        var place = string.Create(CultureInfo.InvariantCulture, $"Location {index + 1} ({entry?.Country ?? "without country"})");
        Check(entry is not null && IsCountry(entry.Country), place, "country has to be an ISO 3166 code of two capital letters");
        Check(
            Offices.Office.Regions.Contains(entry!.Region),
            place,
            "region has to be one of " + string.Join(", ", Offices.Office.Regions));
        Check(
            entry.Name is { } names && names.Count == Languages.All.Count && Languages.All.All(
                l => names.TryGetValue(l.Name, out var name) && !string.IsNullOrWhiteSpace(name) && name.Length <= LongestName),
            place,
            $"name has to be given in {string.Join(", ", Languages.All)}, each with at most {LongestName} characters");
        Check(entry.Phones is { Count: > 0 and <= MostOfAKind } phones
            && phones.All(IsPhone), place, "phones have to be one or more numbers in E.164 form, such as +85221234567");
        Check(
            entry.Email is null
                || (entry.Email.Length <= LongestEmail && MailAddress.TryCreate(entry.Email, out var mail) && mail.Address == entry.Email),
            place,
            "email is no address");
        Check(entry.Languages is { Count: > 0 and <= MostOfAKind } languages
            && languages.All(IsLanguage), place, "languages have to be one or more tags, such as en or yue");
        Check(entry.Serves is null
            || (entry.Serves.Count <= MostOffices && entry.Serves.All(IsCountry)), place, "serves has to list ISO 3166 codes");
        return new Office(
            entry.Country!, entry.Region!, entry.Name!, [.. entry.Phones!.OfType<string>()], Hours(entry.Hours, place), entry.Email,
            [.. entry.Languages!.Select(l => CultureInfo.GetCultureInfo(l!))], entry.Serves ?? []);
    }

    private static OfficeHours Hours(HoursEntry? hours, string place)
    {
        var zone = hours?.Zone is { } id ? DateTimeZoneProviders.Tzdb.GetZoneOrNull(id) : null;
        Check(zone is not null, place, "hours.zone has to be an IANA zone, such as Asia/Hong_Kong");
        Check(hours!.Open is { Count: > 0 and <= MostOfAKind }, place, "hours.open has to list when it is open");
        return new OfficeHours(zone!, [.. hours.Open!.Select(o => Opening(o, place))]);
    }

    private static OpeningTime Opening(OpeningEntry? opening, string place)
    {
        var days = opening?.Days?.Select(d => Array.IndexOf(DayNames, d)).Order().ToList();
        Check(
            days is { Count: > 0 } && days[0] >= 0 && days.Distinct().Count() == days.Count,
            place,
            "hours.open.days have to be among " + string.Join(", ", DayNames));
        var (from, to) = (Minute(opening!.From), Minute(opening.To));
        Check(
            from is >= 0 and < DayMinutes && to <= DayMinutes && from < to,
            place,
            "hours.open needs from and to as HH:mm, from before to, to at most 24:00");
        return new OpeningTime([.. days!.Select(d => (IsoDayOfWeek)(d + 1))], from!.Value, to!.Value);
    }

    private static int? Minute(string? clock) =>
        clock is [>= '0' and <= '2', >= '0' and <= '9', ':', >= '0' and <= '5', >= '0' and <= '9']
            ? (int.Parse(clock.AsSpan(0, 2), CultureInfo.InvariantCulture) * 60) + int.Parse(clock.AsSpan(3), CultureInfo.InvariantCulture)
            : null;

    private static bool IsCountry(string? code) =>
        code is { Length: 2 } && PhoneNumberUtil.GetInstance().GetSupportedRegions().Contains(code);

    /// <summary>Possible, not valid: a broker's free-call number may be newer than the tables of this release.</summary>
    private static bool IsPhone(string? number)
    {
        if (number is not ['+', ..]
            || number.Length > 16
            || !number.AsSpan(1).ContainsAnyInRange('0', '9')
            || number.AsSpan(1).ContainsAnyExceptInRange('0', '9'))
        {
            return false;
        }

        try
        {
            var util = PhoneNumberUtil.GetInstance();
            return util.IsPossibleNumber(util.Parse(number, defaultRegion: null));
        }
        catch (NumberParseException)
        {
            return false;
        }
    }

    private static bool IsLanguage(string? tag)
    {
        try
        {
            return tag is { Length: > 1 and <= 35 } && CultureInfo.GetCultureInfo(tag, predefinedOnly: true).NativeName.Length > 0;
        }
        catch (CultureNotFoundException)
        {
            return false;
        }
    }

    private static void Check(bool holds, string place, string rule)
    {
        if (!holds)
        {
            throw new InvalidDataException($"{place}: {rule}.");
        }
    }

    /// <summary>A location.</summary>
    internal sealed record Entry(
        string? Country, string? Region, Dictionary<string, string>? Name, List<string?>? Phones, HoursEntry? Hours, string? Email,
        List<string?>? Languages, List<string>? Serves);

    /// <summary>Its zone and opening times.</summary>
    internal sealed record HoursEntry(string? Zone, List<OpeningEntry?>? Open);

    /// <summary>Days with one opening.</summary>
    internal sealed record OpeningEntry(List<string>? Days, string? From, string? To);
}

[JsonSerializable(typeof(List<OfficeFile.Entry>))]
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
    UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow,
    AllowTrailingCommas = true,
    ReadCommentHandling = JsonCommentHandling.Skip)]
internal sealed partial class OfficeJson : JsonSerializerContext;
