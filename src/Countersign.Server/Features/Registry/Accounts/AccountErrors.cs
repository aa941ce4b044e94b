namespace Countersign.Server.Features.Registry.Accounts;

internal static class AccountErrors
{
    public static readonly Error Unknown = new("account.unknown", ErrorKind.Missing);
    public static readonly Error CountryForbidden = new("account.country_forbidden", ErrorKind.Forbidden);
    public static readonly Error UserOfAnother = new("account.user_of_another", ErrorKind.Conflict);

    /// <summary>What is stored of a person does not open, and nobody writes over it. Takes the person's number.</summary>
    public static readonly Error PersonUnreadable = new("account.person_unreadable", ErrorKind.Conflict);
}
