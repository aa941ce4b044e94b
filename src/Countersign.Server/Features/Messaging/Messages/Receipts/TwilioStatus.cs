using Countersign.Server.Features.Messaging.Messages.Gateways;

namespace Countersign.Server.Features.Messaging.Messages.Receipts;

/// <summary>Reads the status of a message or a call from the form that Twilio posts.</summary>
internal static class TwilioStatus
{
    public static Result<Receipt> Read(IFormCollection form)
    {
        var text = form["MessageStatus"] is { Count: > 0 } message ? message.ToString() : form["CallStatus"].ToString();
        ReceiptStatus? status = text switch
        {
            "accepted" or "scheduled" or "queued" or "sending" or "initiated" or "ringing" or "in-progress" => ReceiptStatus.Pending,
            "sent" => ReceiptStatus.Sent,
            "delivered" or "read" or "completed" => ReceiptStatus.Delivered,
            "undelivered" or "failed" or "canceled" or "busy" or "no-answer" => ReceiptStatus.Failed,
            _ => null,
        };
        if (status is null)
        {
            return MessageErrors.InvalidReceipt;
        }

        var sid = form["MessageSid"] is { Count: > 0 } ofMessage ? ofMessage.ToString() : form["CallSid"].ToString();
        return new Receipt(
            status.Value, GatewayCode.Clean(form["ErrorCode"]) ?? (status == ReceiptStatus.Failed ? text : null), GatewayCode.CleanId(sid));
    }
}
