using Countersign.Server.Features.Messaging.Messages;
using Countersign.Server.Features.Messaging.Messages.Gateways;
using Microsoft.Extensions.Options;

namespace Countersign.Server.Tests.Hosting;

/// <summary>All that a node does for the outbox, once and to the end: what is overdue, and one batch of each channel.</summary>
internal sealed class OutboxRound(OutboxClaims claims, MessageSending sending, OutboxSweep sweep, IOptions<MessagesOptions> options)
{
    private static readonly MessageChannel[] Channels = Enum.GetValues<MessageChannel>();

    /// <summary>Returns how many rows it moved.</summary>
    public async Task<int> RunOnceAsync(CancellationToken ct)
    {
        var moved = await sweep.RunOnceAsync(ct);
        foreach (var channel in Channels.TakeWhile(_ => !ct.IsCancellationRequested))
        {
            var claimed = await claims.TakeAsync(channel, options.Value.Parallel, ct);
            await Task.WhenAll(claimed.Select(c => sending.RunAsync(c, ct)));
            moved += claimed.Count;
        }

        return moved;
    }
}
