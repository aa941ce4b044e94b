namespace Countersign.Server.Features.Confirming.Pins;

/// <summary>Why a PIN is not taken. The text names the rule and never what is known of the person.</summary>
internal static class PinErrors
{
    public static readonly Error Length = new("pin.length", ErrorKind.Invalid);
    public static readonly Error ExactLength = new("pin.exact_length", ErrorKind.Invalid);
    public static readonly Error Characters = new("pin.characters", ErrorKind.Invalid);
    public static readonly Error DigitsOnly = new("pin.digits_only", ErrorKind.Invalid);
    public static readonly Error Birthday = new("pin.birthday", ErrorKind.Invalid);
    public static readonly Error Address = new("pin.address", ErrorKind.Invalid);
    public static readonly Error IdentityNumber = new("pin.identity_number", ErrorKind.Invalid);
    public static readonly Error PhoneNumber = new("pin.phone_number", ErrorKind.Invalid);
    public static readonly Error Initials = new("pin.initials", ErrorKind.Invalid);
    public static readonly Error Name = new("pin.name", ErrorKind.Invalid);
    public static readonly Error Place = new("pin.place", ErrorKind.Invalid);
    public static readonly Error Team = new("pin.team", ErrorKind.Invalid);
    public static readonly Error Sequence = new("pin.sequence", ErrorKind.Invalid);
    public static readonly Error Repeated = new("pin.repeated", ErrorKind.Invalid);
    public static readonly Error KeyboardWalk = new("pin.keyboard_walk", ErrorKind.Invalid);
    public static readonly Error Common = new("pin.common", ErrorKind.Invalid);

    /// <summary>The refusal of a PIN that is too short or too long.</summary>
    public static Error LengthOf(PinPolicy policy) => policy.MinimumLength == policy.MaximumLength
        ? ExactLength with { Arguments = [policy.MinimumLength] }
        : Length with { Arguments = [policy.MinimumLength, policy.MaximumLength] };
}
