namespace Countersign.Server.Features.Clients.Records.Import;

/// <summary>The columns of an import file; the order is free. <c>docs/import.md</c> describes each.</summary>
internal static class ImportColumns
{
    public const string Person = "person";
    public const string Name = "name";
    public const string User = "user";
    public const string Email = "email";
    public const string Language = "language";
    public const string Role = "role";
    public const string Account = "account";
    public const string Jurisdiction = "jurisdiction";
    public const string Residence = "residence";
    public const string Zone = "zone";
    public const string Equity = "equity";
    public const string EquityCurrency = "equity_currency";
    public const string EquityAsOf = "equity_as_of";
    public const string Birthday = "birthday";
    public const string Addresses = "addresses";
    public const string Relatives = "relatives";
    public const string HomeStreet = "home_street";
    public const string HomeNumber = "home_number";
    public const string HomePostcode = "home_postcode";
    public const string HomeCity = "home_city";
    public const string HomeCountry = "home_country";
    public const string OfficeStreet = "office_street";
    public const string OfficeNumber = "office_number";
    public const string OfficePostcode = "office_postcode";
    public const string OfficeCity = "office_city";
    public const string OtherNames = "other_names";
    public const string IdentityNumbers = "identity_numbers";
    public const string Teams = "teams";
    public const string Mobile = "mobile";
    public const string MobileVerifiedAt = "mobile_verified_at";
    public const string InitialPassword = "initial_password";

    public static readonly IReadOnlyList<string> Required =
    [
        Person, Name, User, Account, Jurisdiction, Residence, Zone, Equity, EquityCurrency, EquityAsOf,
    ];
    public static readonly IReadOnlyList<string> Optional =
    [
        Role, Email, Language, Birthday, Addresses, Relatives, HomeStreet, HomeNumber, HomePostcode, HomeCity,
        HomeCountry,
        OfficeStreet, OfficeNumber, OfficePostcode, OfficeCity,
        OtherNames, IdentityNumbers, Teams, Mobile, MobileVerifiedAt, InitialPassword,
    ];
}
