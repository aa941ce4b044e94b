namespace Countersign.Server.Features.SigningIn.SignIn;

internal static class SignInErrors
{
    /// <summary>Unknown user, wrong password, user without a password: one answer.</summary>
    public static readonly Error Wrong = new("sign_in.wrong", ErrorKind.Invalid);
    public static readonly Error Locked = new("sign_in.locked", ErrorKind.Throttled);
    public static readonly Error NameMissing = new("sign_in.name_missing", ErrorKind.Invalid);
    public static readonly Error PasswordMissing = new("sign_in.password_missing", ErrorKind.Invalid);
}
