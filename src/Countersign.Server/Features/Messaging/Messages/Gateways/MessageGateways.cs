using Countersign.Server.Features.Messaging.Messages.Receipts;
using Countersign.Server.Http.Outbound;
using Microsoft.Extensions.Options;

namespace Countersign.Server.Features.Messaging.Messages.Gateways;

/// <summary>
/// All ways out, by channel and in order of preference: those that are configured, then those that a mode or a test brings.
/// </summary>
internal sealed class MessageGateways
{
    private readonly ILookup<MessageChannel, IMessageGateway> _byChannel;

    public MessageGateways(
        IOptions<MessagesOptions> options, IEnumerable<IMessageGateway> others, OutboundClient outbound, ReceiptHandles handles,
        ReceiptAddresses addresses, TimeProvider time)
    {
        Configured = options.Value.Gateways.ToDictionary(g => g.Id, StringComparer.Ordinal);
        var configured = options.Value.Gateways.SelectMany(g => g.Carries.Select(c => Make(g, c, outbound, handles, addresses, time)));
        _byChannel = configured.Concat(others).ToLookup(g => g.Channel);
    }

    /// <summary>The settings by id, for receipts.</summary>
    public IReadOnlyDictionary<string, GatewayOptions> Configured { get; }

    public IReadOnlyList<IMessageGateway> For(MessageChannel channel) => [.. _byChannel[channel]];

    /// <summary>The gateway of an earlier attempt; null when it is no longer configured.</summary>
    public IMessageGateway? Find(MessageChannel channel, string? id) => _byChannel[channel].FirstOrDefault(g => g.Id == id);

    private static IMessageGateway Make(
        GatewayOptions gateway, MessageChannel channel, OutboundClient outbound, ReceiptHandles handles, ReceiptAddresses addresses,
        TimeProvider time) => gateway.Kind switch
        {
            GatewayKind.Kannel => new KannelGateway(gateway, outbound, handles, addresses, time),
            GatewayKind.Twilio when channel == MessageChannel.Voice => new TwilioVoiceGateway(gateway, outbound, handles, addresses),
            GatewayKind.Twilio => new TwilioGateway(gateway, outbound, handles, addresses, time),
            GatewayKind.Webhook => new WebhookGateway(gateway, channel, outbound, handles, time),
            GatewayKind.Smtp => new SmtpGateway(gateway, time),
            _ => throw new System.Diagnostics.UnreachableException(),
        };
}
