namespace Countersign.Server.Features.Clients.AccountOpening;

internal static class AccountApplicationErrors
{
    public static readonly Error Email = new("account_opening.email", ErrorKind.Invalid);
    public static readonly Error UserName = new("account_opening.user_name", ErrorKind.Invalid);
    public static readonly Error TooMany = new("account_opening.too_many", ErrorKind.Throttled);
    public static readonly Error FullName = new("account_opening.full_name", ErrorKind.Invalid);
    public static readonly Error Residence = new("account_opening.residence", ErrorKind.Invalid);
    public static readonly Error Birthday = new("account_opening.birthday", ErrorKind.Invalid);
    public static readonly Error TooYoung = new("account_opening.too_young", ErrorKind.Invalid);
    public static readonly Error Street = new("account_opening.street", ErrorKind.Invalid);
    public static readonly Error City = new("account_opening.city", ErrorKind.Invalid);
    public static readonly Error Postcode = new("account_opening.postcode", ErrorKind.Invalid);
    public static readonly Error Currency = new("account_opening.currency", ErrorKind.Invalid);
    public static readonly Error Experience = new("account_opening.experience", ErrorKind.Invalid);
    public static readonly Error Agreement = new("account_opening.agreement", ErrorKind.Invalid);
    public static readonly Error Incomplete = new("account_opening.incomplete", ErrorKind.Conflict);
    /// <summary>What is stored of it does not open.</summary>
    public static readonly Error Unreadable = new("account_opening.unreadable", ErrorKind.Conflict);
    public static readonly Error EmailFirst = new("account_opening.email_first", ErrorKind.Conflict);
    public static readonly Error UnderSettings = new("account_opening.under_settings", ErrorKind.Forbidden);
    public static readonly Error PressToSend = new("account_opening.press_to_send", ErrorKind.Conflict);
}
