using System.Globalization;
using Countersign.Server.Features.Messaging.Messages.Receipts;
using Countersign.Server.Http.Outbound;

namespace Countersign.Server.Features.Messaging.Messages.Gateways;

/// <summary>SMS by Twilio's <c>Messages.json</c>, or whoever speaks the same.</summary>
internal sealed class TwilioGateway(
    GatewayOptions options, OutboundClient outbound, ReceiptHandles handles, ReceiptAddresses addresses,
    TimeProvider time) : IMessageGateway
{
    private const string MessagingService = "MG";
    private const int LongestValidity = 36_000;

    public string Id => options.Id;

    public MessageChannel Channel => MessageChannel.Sms;

    public bool Idempotent => false;

    public bool KeepsBodies => false;

    public bool PromisesReceipts => options.Receipts ?? true;

    public Task<Submission> SendAsync(OutgoingMessage message, CancellationToken ct)
    {
        var seconds = Math.Clamp((int)(message.ExpiresAt - time.GetUtcNow()).TotalSeconds, 1, LongestValidity);
        var handle = handles.Make(Id, message.UserId, message.Reference, message.Attempt);
        return TwilioApi.PostAsync(
            outbound, options, "Messages.json",
            [
                KeyValuePair.Create("To", message.Recipient),
                KeyValuePair.Create(
                    options.Sender.StartsWith(MessagingService, StringComparison.Ordinal) ? "MessagingServiceSid" : "From", options.Sender),
                KeyValuePair.Create("Body", message.Text),
                KeyValuePair.Create("StatusCallback", addresses.Of(options, handle)),
                KeyValuePair.Create("ValidityPeriod", seconds.ToString(CultureInfo.InvariantCulture)),
            ],
            ct);
    }
}
