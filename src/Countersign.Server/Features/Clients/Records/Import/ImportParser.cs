using System.Globalization;
using Countersign.Server.Features.Access.Passwords;
using Countersign.Server.Features.Ground.Imports;
using Countersign.Server.Features.Registry.Accounts;
using Countersign.Server.Features.Registry.PhoneNumbers;
using Countersign.Server.Features.Registry.Users;
using Countersign.Server.Http;
using NodaTime;

namespace Countersign.Server.Features.Clients.Records.Import;

/// <summary>Reads the fields of one row. Knows no file and no database.</summary>
internal sealed class ImportParser(PasswordPolicy passwords, PasswordBlocklist blocklist, string serviceName, TimeProvider time)
{
    public const int LongestField = 4_000;
    private const int LongestNumber = 32;
    private const int LongestName = 200;

    /// <summary>Reads one row; adds to <paramref name="bad"/> what is wrong with it and then returns null.</summary>
    /// <param name="field">A column's text; empty where the file has no such column.</param>
    public ImportRow? Read(int line, Func<string, string> field, ICollection<BadRow> bad)
    {
        var before = bad.Count;
        void Bad(string column, string why) => bad.Add(new BadRow(line, column, why));
        var person = ReadPerson(field, Bad);
        var account = ReadAccount(field, Bad);
        var user = ReadUser(field, Bad, person.Number, account.TimeZone);
        var role = ReadRole(field, Bad);
        return bad.Count == before ? new ImportRow(line, person, user, account, role) : null;
    }

    /// <summary>Reads what the user is to the account; null where nothing is said.</summary>
    public static AccountRole? ReadRole(Func<string, string> field, Action<string, string> bad)
    {
        var text = field(ImportColumns.Role).Trim();
        var role = AccountRoles.Parse(text);
        if (text.Length > 0 && role is null)
        {
            bad(ImportColumns.Role, $"is none of {AccountRoles.All}");
        }

        return role;
    }

    /// <summary>Reads what is said of a person; tells <paramref name="bad"/> each column that is wrong, and why.</summary>
    public static PersonFacts ReadPerson(Func<string, string> field, Action<string, string> bad) => new(
        Text(field, bad, ImportColumns.Person, 64),
        Text(field, bad, ImportColumns.Name, LongestName),
        Country(field, bad, ImportColumns.Residence),
        HolderParser.Read(field, bad));

    /// <summary>Reads what is said of an account; tells <paramref name="bad"/> each column that is wrong, and why.</summary>
    public AccountFacts ReadAccount(Func<string, string> field, Action<string, string> bad)
    {
        var zone = Text(field, bad, ImportColumns.Zone, 64);
        var ownZone = zone.Length > 0 ? DateTimeZoneProviders.Tzdb.GetZoneOrNull(zone) : null;
        if (zone.Length > 0 && ownZone is null)
        {
            bad(ImportColumns.Zone, "is no IANA time zone, such as Asia/Hong_Kong");
        }

        var currency = Text(field, bad, ImportColumns.EquityCurrency, 3);
        if (currency.Length > 0 && !(currency.Length == 3 && currency.All(char.IsAsciiLetterUpper)))
        {
            bad(ImportColumns.EquityCurrency, "is no ISO 4217 currency of three capital letters");
        }

        if (!decimal.TryParse(
            Text(field, bad, ImportColumns.Equity, 30), NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var equity)
            || equity > 100_000_000_000_000m
            || decimal.Round(equity, 4) != equity)
        {
            Fail(
                field,
                bad,
                ImportColumns.Equity,
                "is no amount from 0 to 100,000,000,000,000 with a decimal point and at most four decimals");
        }

        if (!DateOnly.TryParseExact(
            Text(field, bad, ImportColumns.EquityAsOf, 10), "yyyy-MM-dd", CultureInfo.InvariantCulture, DateTimeStyles.None, out var asOf))
        {
            Fail(field, bad, ImportColumns.EquityAsOf, "is no date like 2026-11-24");
        }
        else if (ownZone is not null && FactTime.Fault(asOf, ownZone, time.GetUtcNow()) is { } fault)
        {
            bad(ImportColumns.EquityAsOf, fault);
        }

        var number = Text(field, bad, ImportColumns.Account, LongestNumber);
        if (!number.All(c => char.IsAsciiLetterOrDigit(c) || c is '-' or '.'))
        {
            bad(ImportColumns.Account, "holds other characters than letters, digits, - and .");
        }

        return new AccountFacts(
            number, Country(field, bad, ImportColumns.Jurisdiction), zone, equity,
            currency, asOf);
    }

    /// <summary>Reads what is said of a user; tells <paramref name="bad"/> each column that is wrong, and why.</summary>
    public UserFacts ReadUser(Func<string, string> field, Action<string, string> bad, string person, string zone)
    {
        var userName = Text(field, bad, ImportColumns.User, UserName.MaximumLength);
        if (!UserName.TryParse(userName, out var normalised) && userName.Length > 0)
        {
            bad(ImportColumns.User, "is no user name");
        }

        return ReadUser(field, bad, userName, normalised, person, zone);
    }

    private static string Text(Func<string, string> field, Action<string, string> bad, string column, int longest)
    {
        var text = field(column).Trim();
        if (text.Length == 0)
        {
            bad(column, "is empty");
        }
        else if (text.Length > longest)
        {
            bad(column, $"is longer than {longest} characters");
        }
        else if (text.Any(c => char.IsControl(c) || char.IsSurrogate(c) && !IsPaired(text)))
        {
            bad(column, "holds characters that are no text");
        }

        return text;
    }

    private static string Country(Func<string, string> field, Action<string, string> bad, string column) =>
        Text(field, bad, column, 2) is { Length: 2 } code && code.All(char.IsAsciiLetterUpper)
            ? code
            : Fail(field, bad, column, "is no ISO 3166 country of two capital letters");

    /// <summary>An empty field has been told already.</summary>
    private static string Fail(Func<string, string> field, Action<string, string> bad, string column, string why)
    {
        if (field(column).Trim().Length > 0)
        {
            bad(column, why);
        }

        return string.Empty;
    }

    private UserFacts ReadUser(
        Func<string, string> field, Action<string, string> bad, string userName, UserName normalised, string person, string zone)
    {
        var email = field(ImportColumns.Email).Trim();
        EmailAddress? address = EmailAddress.TryParse(email, out var read) ? read : null;
        if (email.Length > 0 && address is null)
        {
            bad(ImportColumns.Email, "is no e-mail address");
        }

        var tag = field(ImportColumns.Language).Trim();
        var language = Languages.Match(tag);
        if (tag.Length > 0 && language is null)
        {
            bad(ImportColumns.Language, "is none of en, zh-Hant, zh-Hans");
        }

        var mobileText = field(ImportColumns.Mobile).Trim();
        MobileNumber? mobile = MobileNumber.TryParse(mobileText, out var number) ? number : null;
        if (mobileText.Length > 0 && mobile is null)
        {
            bad(ImportColumns.Mobile, "is no international number (+852…) that can receive SMS");
        }

        var verifiedText = field(ImportColumns.MobileVerifiedAt).Trim();
        DateTimeOffset? verifiedAt = null;
        if (verifiedText.Length > 0)
        {
            if (DateTimeOffset.TryParseExact(
                verifiedText, ["yyyy-MM-dd'T'HH:mm:sszzz", "yyyy-MM-dd'T'HH:mm:ss'Z'"], CultureInfo.InvariantCulture,
                DateTimeStyles.AssumeUniversal, out var at))
            {
                verifiedAt = at.ToUniversalTime();
                if (FactTime.Fault(at, time.GetUtcNow()) is { } fault)
                {
                    bad(ImportColumns.MobileVerifiedAt, fault);
                }
            }
            else
            {
                bad(ImportColumns.MobileVerifiedAt, "is no instant like 2026-11-24T09:00:00Z");
            }

            if (mobileText.Length == 0)
            {
                bad(ImportColumns.MobileVerifiedAt, "is there without a mobile");
            }
        }

        var password = field(ImportColumns.InitialPassword);
        if (password.Length > 0 && PasswordRules.Check(password, passwords, blocklist, userName, serviceName) is { } broken)
        {
            bad(ImportColumns.InitialPassword, "is refused by the rule " + broken);
        }

        return new UserFacts(
            userName, normalised.Value ?? string.Empty, person, address, language?.Name, zone, mobile, verifiedAt,
            password.Length > 0 ? password : null);
    }

    private static bool IsPaired(string text) => text.EnumerateRunes().All(r => r != System.Text.Rune.ReplacementChar);
}
