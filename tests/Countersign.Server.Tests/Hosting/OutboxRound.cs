using Countersign.Server.Features.Messaging.Messages;
using Countersign.Server.Features.Messaging.Messages.Gateways;
using Microsoft.Extensions.Options;

namespace Countersign.Server.Tests.Hosting;

/// <summary>All that a node does for the outbox, once and to the end: what is overdue, and one batch of each channel and class.</summary>
internal sealed class OutboxRound(OutboxClaims claims, MessageSending sending, OutboxSweep sweep, IOptions<MessagesOptions> options)
{
    /// <summary>Returns how many rows it moved.</summary>
    public async Task<int> RunOnceAsync(CancellationToken ct)
    {
        var moved = await sweep.RunOnceAsync(ct);
        foreach (var (channel, kind) in OutboxSignal.All.TakeWhile(_ => !ct.IsCancellationRequested))
        {
            var claimed = await claims.TakeAsync(channel, kind, options.Value.Places(kind), ct);
            await Task.WhenAll(claimed.Select(c => sending.RunAsync(c, ct)));
            moved += claimed.Count;
        }

        return moved;
    }
}
