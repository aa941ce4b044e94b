namespace Countersign.Server.Features.Accounts;

internal static class AccountErrors
{
    public static readonly Error Unknown = new("account.unknown", ErrorKind.Missing);
}
