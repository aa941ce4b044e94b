using System.Text.RegularExpressions;
using System.Xml.Linq;
using Countersign.Server.Features.Messaging.Messages.Receipts;
using Countersign.Server.Http.Outbound;

namespace Countersign.Server.Features.Messaging.Messages.Gateways;

/// <summary>Calls by Twilio's <c>Calls.json</c>: the text is read twice, digits one by one.</summary>
internal sealed partial class TwilioVoiceGateway(
    GatewayOptions options, OutboundClient outbound, ReceiptHandles handles, ReceiptAddresses addresses) : IMessageGateway
{
    public string Id => options.Id;

    public MessageChannel Channel => MessageChannel.Voice;

    public bool Idempotent => false;

    public bool KeepsBodies => false;

    /// <summary>A call says by itself how it ended, but a phone may ring for a minute: the next gateway would ring into it.</summary>
    public bool PromisesReceipts => options.Receipts ?? false;

    public Task<Submission> SendAsync(OutgoingMessage message, CancellationToken ct) => TwilioApi.PostAsync(
        outbound, options, "Calls.json",
        [
            KeyValuePair.Create("To", message.Recipient),
            KeyValuePair.Create("From", options.Sender),
            KeyValuePair.Create("Twiml", Twiml(message.Text, message.Language)),
            KeyValuePair.Create(
                "StatusCallback", addresses.Of(options, handles.Make(Id, message.UserId, message.Reference, message.Attempt))),
        ],
        ct);

    internal static string Twiml(string text, string language)
    {
        var say = new XElement(
            "Say", new XAttribute("language", Voice(language)), Digits().Replace(text, m => string.Join(", ", m.Value.ToCharArray())));
        return new XElement("Response", say, new XElement("Pause", new XAttribute("length", 1)), new XElement(say)).ToString(
            SaveOptions.DisableFormatting);
    }

    private static string Voice(string language) => language switch
    {
        "zh-Hant" => "zh-HK",
        "zh-Hans" => "zh-CN",
        _ => "en-GB",
    };

    [GeneratedRegex("[0-9]{4,}")]
    private static partial Regex Digits();
}
