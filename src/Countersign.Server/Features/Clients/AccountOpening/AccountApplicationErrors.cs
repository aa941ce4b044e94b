
namespace Countersign.Server.Features.Clients.AccountOpening;

internal static class AccountApplicationErrors
{
    public static readonly Error Email = new("application.email", ErrorKind.Invalid);
    public static readonly Error UserName = new("application.user_name", ErrorKind.Invalid);
    public static readonly Error TooMany = new("application.too_many", ErrorKind.Throttled);
    public static readonly Error FullName = new("application.full_name", ErrorKind.Invalid);
    public static readonly Error Residence = new("application.residence", ErrorKind.Invalid);
    public static readonly Error Birthday = new("application.birthday", ErrorKind.Invalid);
    public static readonly Error TooYoung = new("application.too_young", ErrorKind.Invalid);
    public static readonly Error Street = new("application.street", ErrorKind.Invalid);
    public static readonly Error City = new("application.city", ErrorKind.Invalid);
    public static readonly Error Postcode = new("application.postcode", ErrorKind.Invalid);
    public static readonly Error Currency = new("application.currency", ErrorKind.Invalid);
    public static readonly Error Experience = new("application.experience", ErrorKind.Invalid);
    public static readonly Error Agreement = new("application.agreement", ErrorKind.Invalid);
    public static readonly Error Incomplete = new("application.incomplete", ErrorKind.Conflict);
    /// <summary>What is stored of it does not open.</summary>
    public static readonly Error Unreadable = new("application.unreadable", ErrorKind.Conflict);
    public static readonly Error EmailFirst = new("application.email_first", ErrorKind.Conflict);
    public static readonly Error UnderSettings = new("application.under_settings", ErrorKind.Forbidden);
    public static readonly Error PressToSend = new("application.press_to_send", ErrorKind.Conflict);
}
