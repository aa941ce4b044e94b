using Countersign.Server.Features.Ground.Jobs;

namespace Countersign.Server.Features.Messaging.Messages;

/// <summary>
/// Sends what is queued for one channel and class, so that a gateway for calls that hangs holds up no code by SMS, and ten thousand
/// notices none either. A message is claimed only when there is a free place to send it at once.
/// </summary>
internal sealed class OutboxSender(
    MessageChannel channel, MessageClass kind, int parallel, OutboxClaims claims, MessageSending sending, JobSignal signal) : IJob
{
    private readonly List<Task> _underWay = [];

    public string Name { get; } = $"outbox-{channel}-{kind}".ToLowerInvariant();

    public TimeSpan Every => TimeSpan.FromSeconds(1);

    public JobSignal Signal => signal;

    /// <summary>Claims as many as there are free places and begins to send them; returns how many.</summary>
    public async Task<int> RunOnceAsync(CancellationToken ct)
    {
        if (_underWay.Count == parallel)
        {
            await Task.WhenAny(_underWay).WaitAsync(ct);
        }

        await LeaveAsync();
        var claimed = await claims.TakeAsync(channel, kind, parallel - _underWay.Count, ct);
        _underWay.AddRange(claimed.Select(c => SendAsync(c, ct)));
        return claimed.Count;
    }

    /// <summary>What is under way is finished: cut off, nobody would know whether it was sent.</summary>
    public Task EndAsync() => Task.WhenAll(_underWay);

    private async Task SendAsync(Claimed claimed, CancellationToken stopping)
    {
        // Not on the job's own turn: a gateway that works before it awaits would hold up the next claim.
        await Task.Yield();
        await sending.RunAsync(claimed, stopping);
    }

    /// <summary>
    /// Gives the places of those free that have ended. One that failed is told by this turn; its claim runs out by itself.
    /// </summary>
    private async Task LeaveAsync()
    {
        while (_underWay.Find(t => t.IsCompleted) is { } ended)
        {
            _underWay.Remove(ended);
            await ended;
        }
    }
}
