using System.Globalization;
using System.Net;
using System.Text;
using Countersign.Server.Features.Messaging.Messages.Receipts;
using Countersign.Server.Http.Outbound;

namespace Countersign.Server.Features.Messaging.Messages.Gateways;

/// <summary>
/// SMS by Kannel's <c>sendsms</c>, which carries SMPP. Values travel in headers and the text in the body, so that no access log
/// on the way holds them. Kannel names no message in its answer: only the handle in the receipt's address does.
/// </summary>
internal sealed class KannelGateway(
    GatewayOptions options, OutboundClient outbound, ReceiptHandles handles, ReceiptAddresses addresses,
    TimeProvider time) : IMessageGateway
{
    /// <summary>Receipts wanted: delivered (1), not delivered (2), rejected by the centre (16).</summary>
    private const string ReceiptMask = "19";

    /// <summary>
    /// %d is the kind of receipt, %D holds the network's error code, %F the centre's name of the message. Never %A: it holds the
    /// text.
    /// </summary>
    private const string ReceiptQuery = "?status=%d&meta=%D&foreign=%F";

    private const string Gsm7 = "0";
    private const string Ucs2 = "2";

    public string Id => options.Id;

    public MessageChannel Channel => MessageChannel.Sms;

    public bool Idempotent => false;

    public bool KeepsBodies => false;

    public bool PromisesReceipts => options.Receipts ?? true;

    public async Task<Submission> SendAsync(OutgoingMessage message, CancellationToken ct)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, options.Url);
        request.Content = new StringContent(message.Text, Encoding.UTF8, "text/plain");
        var minutes = Math.Max(1, (int)(message.ExpiresAt - time.GetUtcNow()).TotalMinutes);
        var handle = handles.Make(Id, message.UserId, message.Reference, message.Attempt);
        Span<(string Name, string Value)> headers =
        [
            ("X-Kannel-Username", options.User),
            ("X-Kannel-Password", options.Password),
            ("X-Kannel-From", options.Sender),
            ("X-Kannel-To", message.Recipient),

            // Kannel does not choose by itself: Chinese under coding 0 arrives as question marks.
            ("X-Kannel-Coding", SmsText.IsGsm7(message.Text) ? Gsm7 : Ucs2),
            ("X-Kannel-Validity", minutes.ToString(CultureInfo.InvariantCulture)),
            ("X-Kannel-DLR-Mask", ReceiptMask),
            ("X-Kannel-DLR-Url", addresses.Of(options, handle) + ReceiptQuery),
        ];
        foreach (var (name, value) in headers)
        {
            request.Headers.TryAddWithoutValidation(name, value);
        }

        return await outbound.SendAsync(request, options.AllowPrivateAddress, options.Timeout, ct) switch
        {
            // "0: Accepted for delivery" and "3: Queued for later delivery": both are Kannel's from here on.
            OutboundAnswer.Answered { Status: HttpStatusCode.Accepted } => new Submission.Accepted(),
            OutboundAnswer.Answered answer when GatewayCode.IsTemporary(
                answer.Status) => new Submission.Unavailable(GatewayCode.Of(answer.Status)),
            OutboundAnswer.Answered answer => new Submission.Refused(GatewayCode.Of(answer.Status)),
            OutboundAnswer.NotSent not => new Submission.Unavailable(not.Reason),
            OutboundAnswer.Lost lost => new Submission.Lost(lost.Reason),
            _ => throw new System.Diagnostics.UnreachableException(),
        };
    }
}
