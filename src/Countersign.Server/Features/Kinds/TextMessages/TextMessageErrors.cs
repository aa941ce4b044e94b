namespace Countersign.Server.Features.Kinds.TextMessages;

internal static class TextMessageErrors
{
    public static readonly Error Wait = new("text_message.wait", ErrorKind.Throttled);
    public static readonly Error NotSent = new("text_message.not_sent", ErrorKind.Conflict);
    public static readonly Error SixDigits = new("text_message.six_digits", ErrorKind.Invalid);
    public static readonly Error NoCalls = new("text_message.no_calls", ErrorKind.Conflict);
}
