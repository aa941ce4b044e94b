using Countersign.Server.Features.Messaging.Messages.Gateways;
using Countersign.Server.Http;

namespace Countersign.Server.Features.Messaging.Messages;

/// <summary>The channels that have a way out in this installation.</summary>
internal sealed class OpenChannels(MessageGateways gateways) : IReadinessCheck
{
    public bool Has(MessageChannel channel) => gateways.For(channel).Count > 0;

    public IEnumerable<string> Reasons() => Has(MessageChannel.Sms) ? [] : ["No gateway for SMS is configured: codes cannot be sent."];
}
