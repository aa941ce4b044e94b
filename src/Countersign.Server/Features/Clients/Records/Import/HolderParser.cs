using System.Globalization;
using Countersign.Server.Features.Registry.People;
using Countersign.Server.Http;

namespace Countersign.Server.Features.Clients.Records.Import;

/// <summary>Reads what a row says of a person beside the name: what PIN rules and caller checks need.</summary>
internal static class HolderParser
{
    private const int LongestName = 200;
    private const int LongestAddress = 300;
    private const int LongestCity = 100;
    private const int MostAddresses = 10;
    private const int MostRelatives = 20;
    private const int MostOthers = 10;
    private const char Separator = '|';

    public static HolderDetails Read(Func<string, string> field, Action<string, string> bad) => new(
        ReadBirthday(field, bad),
        List(field, bad, ImportColumns.Addresses, MostAddresses, LongestAddress),
        ReadRelatives(field, bad),
        ReadHome(field, bad),
        Address(field, bad, ImportColumns.OfficeStreet, ImportColumns.OfficeNumber, ImportColumns.OfficePostcode, ImportColumns.OfficeCity),
        List(field, bad, ImportColumns.OtherNames, MostOthers, LongestName),
        List(field, bad, ImportColumns.IdentityNumbers, MostOthers, HolderAddress.LongestShortPart),
        List(field, bad, ImportColumns.Teams, MostOthers, LongestCity));

    private static DateOnly? ReadBirthday(Func<string, string> field, Action<string, string> bad)
    {
        var text = field(ImportColumns.Birthday).Trim();
        var birthday = ReadDate(text);
        if (text.Length > 0 && birthday is null)
        {
            bad(ImportColumns.Birthday, "is no date like 1980-05-01");
        }

        return birthday;
    }

    private static Relative[] ReadRelatives(Func<string, string> field, Action<string, string> bad)
    {
        var relatives = Parts(field(ImportColumns.Relatives)).Select(ReadRelative).ToArray();
        if (relatives.Length > MostRelatives || relatives.Any(r => r.Name.Length is 0 or > LongestName))
        {
            bad(ImportColumns.Relatives, $"holds more than {MostRelatives} relatives, or one without a name");
        }

        return relatives;
    }

    /// <summary><c>Name</c> or <c>Name 2001-02-03</c>.</summary>
    private static Relative ReadRelative(string text)
    {
        var at = text.LastIndexOf(' ');
        return at > 0 && ReadDate(text[(at + 1)..]) is { } birthday ? new Relative(text[..at].Trim(), birthday) : new Relative(text, null);
    }

    private static HolderAddress? ReadHome(Func<string, string> field, Action<string, string> bad)
    {
        var country = field(ImportColumns.HomeCountry).Trim();
        var home = Address(
            field, bad, ImportColumns.HomeStreet, ImportColumns.HomeNumber, ImportColumns.HomePostcode, ImportColumns.HomeCity);
        if (country.Length > 0 && !Countries.All.Contains(country))
        {
            bad(ImportColumns.HomeCountry, "is no ISO 3166 country of two capital letters");
        }
        else if (country.Length > 0 && home is null)
        {
            bad(ImportColumns.HomeCountry, "is there without an address");
        }

        return home is null || country.Length == 0 ? home : home with { Country = country };
    }

    private static HolderAddress? Address(
        Func<string, string> field, Action<string, string> bad, string street, string number, string postcode, string city)
    {
        var address = new HolderAddress(
            Part(field, bad, street, HolderAddress.LongestLine),
            Part(field, bad, number, HolderAddress.LongestShortPart),
            Part(field, bad, postcode, HolderAddress.LongestShortPart),
            Part(field, bad, city, LongestCity));
        return address == new HolderAddress(null, null, null, null) ? null : address;
    }

    private static string? Part(Func<string, string> field, Action<string, string> bad, string column, int longest)
    {
        var text = field(column).Trim();
        if (text.Length > longest)
        {
            bad(column, $"is longer than {longest} characters");
        }
        else if (!HolderAddress.IsPrinted(text))
        {
            bad(column, "holds characters that are no text");
        }

        return text.Length > 0 ? text : null;
    }

    private static string[] List(Func<string, string> field, Action<string, string> bad, string column, int most, int longest)
    {
        var parts = Parts(field(column));
        if (parts.Length > most || parts.Any(p => p.Length > longest))
        {
            bad(column, $"holds more than {most} entries, or one longer than {longest} characters");
        }

        return parts;
    }

    private static DateOnly? ReadDate(string text) =>
        DateOnly.TryParseExact(text, "yyyy-MM-dd", CultureInfo.InvariantCulture, DateTimeStyles.None, out var date) ? date : null;

    private static string[] Parts(string text) =>
        text.Split(Separator, StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
}
