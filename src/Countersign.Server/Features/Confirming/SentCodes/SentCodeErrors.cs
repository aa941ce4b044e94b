namespace Countersign.Server.Features.Confirming.SentCodes;

internal static class SentCodeErrors
{
    public static readonly Error Wait = new("sent_code.wait", ErrorKind.Throttled);
    public static readonly Error NotSent = new("sent_code.not_sent", ErrorKind.Conflict);
    public static readonly Error SixDigits = new("sent_code.six_digits", ErrorKind.Invalid);
}
