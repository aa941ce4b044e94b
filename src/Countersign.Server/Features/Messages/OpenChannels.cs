namespace Countersign.Server.Features.Messages;

/// <summary>The channels that have a way out in this installation.</summary>
internal sealed class OpenChannels(IEnumerable<IMessageGateway> gateways)
{
    private readonly HashSet<MessageChannel> _channels = [.. gateways.Select(g => g.Channel)];

    public bool Has(MessageChannel channel) => _channels.Contains(channel);
}
