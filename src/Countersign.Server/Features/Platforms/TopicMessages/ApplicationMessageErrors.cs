namespace Countersign.Server.Features.Platforms.TopicMessages;

internal static class ApplicationMessageErrors
{
    public static readonly Error TooManyUsers = new("message.too_many_users", ErrorKind.Conflict);
    public static readonly Error UserUnknown = new("message.user_unknown", ErrorKind.Missing);
    public static readonly Error Unknown = new("message.unknown", ErrorKind.Missing);
}
