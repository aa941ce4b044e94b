namespace Countersign.Server.Features.Kinds.TextMessages;

internal static class TextMessageErrors
{
    public static readonly Error NoCalls = new("text_message.no_calls", ErrorKind.Conflict);
}
