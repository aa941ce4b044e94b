namespace Countersign.Server.Features.Kinds.AuthenticatorApps;

internal static class AuthenticatorAppErrors
{
    public static readonly Error Digits = new("totp.digits", ErrorKind.Invalid);
}
