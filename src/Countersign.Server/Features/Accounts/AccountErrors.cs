namespace Countersign.Server.Features.Accounts;

internal static class AccountErrors
{
    public static readonly Error Unknown = new("account.unknown", ErrorKind.Missing);
    public static readonly Error CountryForbidden = new("account.country_forbidden", ErrorKind.Forbidden);
    public static readonly Error UserOfAnother = new("account.user_of_another", ErrorKind.Conflict);
}
