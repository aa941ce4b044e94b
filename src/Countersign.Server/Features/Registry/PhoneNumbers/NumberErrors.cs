namespace Countersign.Server.Features.Registry.PhoneNumbers;

internal static class NumberErrors
{
    public static readonly Error Missing = new("number.missing", ErrorKind.Invalid);
    public static readonly Error Unreadable = new("number.unreadable", ErrorKind.Invalid);
    public static readonly Error TooShort = new("number.too_short", ErrorKind.Invalid);
    public static readonly Error TooLong = new("number.too_long", ErrorKind.Invalid);
    public static readonly Error NotInUse = new("number.not_in_use", ErrorKind.Invalid);
    public static readonly Error NoTextMessages = new("number.no_text_messages", ErrorKind.Invalid);
    public static readonly Error Virtual = new("number.virtual", ErrorKind.Invalid);
    public static readonly Error Country = new("number.country", ErrorKind.Invalid);
    public static readonly Error AlreadyYours = new("number.already_yours", ErrorKind.Invalid);
    public static readonly Error TooMany = new("number.too_many", ErrorKind.Conflict);
    public static readonly Error Gone = new("number.gone", ErrorKind.Missing);
    public static readonly Error NotVerified = new("number.not_verified", ErrorKind.Conflict);
    public static readonly Error AlreadyVerified = new("number.already_verified", ErrorKind.Conflict);
    public static readonly Error OnlyOne = new("number.only_one", ErrorKind.Conflict);
    public static readonly Error PhoneLost = new("number.phone_lost", ErrorKind.Conflict);
    public static readonly Error PhoneSuspended = new("number.phone_suspended", ErrorKind.Conflict);
    public static readonly Error TooNew = new("number.too_new", ErrorKind.Forbidden);
}
