namespace Countersign.Server.Features.Messaging.Messages;

/// <summary>Why a receipt is refused.</summary>
internal static class MessageErrors
{
    public static readonly Error UnknownReceipt = new("messages.receipt_unknown", ErrorKind.Missing);

    public static readonly Error WrongSignature = new("messages.receipt_signature", ErrorKind.Forbidden);

    public static readonly Error InvalidReceipt = new("messages.receipt_invalid", ErrorKind.Invalid);
}
