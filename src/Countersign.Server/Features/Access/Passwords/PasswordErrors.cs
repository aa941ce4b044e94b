namespace Countersign.Server.Features.Access.Passwords;

internal static class PasswordErrors
{
    public static readonly Error Overloaded = new("password.overloaded", ErrorKind.Overloaded) { RetryAfter = TimeSpan.FromSeconds(5) };
    public static readonly Error TooShort = new("password.too_short", ErrorKind.Invalid);
    public static readonly Error TooLong = new("password.too_long", ErrorKind.Invalid);
    public static readonly Error Common = new("password.common", ErrorKind.Invalid);
    public static readonly Error TooMany = new("password.too_many", ErrorKind.Throttled);
    public static readonly Error CurrentMissing = new("password.current_missing", ErrorKind.Invalid);
    public static readonly Error CurrentWrong = new("password.current_wrong", ErrorKind.Invalid);
    public static readonly Error SameAsCurrent = new("password.same_as_current", ErrorKind.Invalid);

    public static readonly Error ChangedMeanwhile = new("password.changed_meanwhile", ErrorKind.Conflict);

    /// <summary>The refusal for a rule that a new password breaks.</summary>
    public static Error Of(string rule, PasswordPolicy policy) => rule switch
    {
        PasswordRules.TooShort => TooShort with { Arguments = [policy.MinimumLength] },
        PasswordRules.TooLong => TooLong with { Arguments = [policy.MaximumLength] },
        _ => Common,
    };
}
