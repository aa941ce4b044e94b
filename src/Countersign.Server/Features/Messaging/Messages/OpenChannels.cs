using Countersign.Server.Features.Messaging.Messages.Gateways;

namespace Countersign.Server.Features.Messaging.Messages;

/// <summary>The channels that have a way out in this installation.</summary>
internal sealed class OpenChannels(MessageGateways gateways)
{
    public bool Has(MessageChannel channel) => gateways.For(channel).Count > 0;
}
