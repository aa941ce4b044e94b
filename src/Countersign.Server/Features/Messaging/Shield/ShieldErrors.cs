namespace Countersign.Server.Features.Messaging.Shield;

internal static class ShieldErrors
{
    /// <summary>One answer for every limit: which one it was would tell an attacker how to go round it.</summary>
    public static readonly Error TooMany = new("message.too_many", ErrorKind.Throttled);
    public static readonly Error Stopped = new("message.stopped", ErrorKind.Conflict);
    public static readonly Error DoNotCall = new("message.do_not_call", ErrorKind.Conflict);
    public static readonly Error QuietHours = new("message.quiet_hours", ErrorKind.Conflict);
}
