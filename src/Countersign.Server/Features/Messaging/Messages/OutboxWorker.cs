using Countersign.Server.Features.Messaging.Messages.Gateways;
using Microsoft.Extensions.Options;

namespace Countersign.Server.Features.Messaging.Messages;

/// <summary>
/// Sends what is queued: a sender for each channel, so that a gateway for calls that hangs holds up no code by SMS, and one
/// loop for what is overdue. A message is claimed only when there is a free place to send it at once.
/// </summary>
internal sealed partial class OutboxWorker(
    OutboxClaims claims, MessageSending sending, OutboxSweep sweep, OutboxSignal signal, MessageGateways gateways,
    IOptions<MessagesOptions> options, TimeProvider time, ILogger<OutboxWorker> logger) : BackgroundService
{
    private static readonly TimeSpan Poll = TimeSpan.FromSeconds(1);
    private static readonly MessageChannel[] Channels = Enum.GetValues<MessageChannel>();

    protected override Task ExecuteAsync(CancellationToken stoppingToken) => Task.WhenAll(
        [SweepAsync(stoppingToken), .. Channels.Where(c => gateways.For(c).Count > 0).Select(c => SendAsync(c, stoppingToken))]);

    /// <summary>Looks after what is overdue and sends one batch of each channel; returns how many rows it moved.</summary>
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

    private async Task SweepAsync(CancellationToken stopping)
    {
        while (!stopping.IsCancellationRequested)
        {
            await TryAsync(
                async () =>
                {
                    while (await sweep.RunOnceAsync(stopping) > 0)
                    {
                    }
                },
                stopping);
            await Task.Delay(Poll, time, stopping).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    private async Task SendAsync(MessageChannel channel, CancellationToken stopping)
    {
        using var places = new SemaphoreSlim(options.Value.Parallel);
        while (!stopping.IsCancellationRequested)
        {
            var begun = 0;
            await TryAsync(async () => begun = await FillAsync(channel, places, stopping), stopping);
            if (begun == 0)
            {
                await WaitAsync(channel, stopping);
            }
        }

        // What is under way is finished: cut off, nobody would know whether it was sent.
        for (var i = 0; i < options.Value.Parallel; i++)
        {
            await places.WaitAsync(CancellationToken.None);
        }
    }

    /// <summary>Claims as many as there are free places and begins to send them; returns how many.</summary>
    private async Task<int> FillAsync(MessageChannel channel, SemaphoreSlim places, CancellationToken stopping)
    {
        await places.WaitAsync(stopping);
        var free = 1;
        while (free < options.Value.Parallel && await places.WaitAsync(TimeSpan.Zero, CancellationToken.None))
        {
            free++;
        }

        var begun = 0;
        try
        {
            var claimed = await claims.TakeAsync(channel, free, stopping);
            foreach (var one in claimed)
            {
                begun++;
                _ = SendAndLeaveAsync(one, places, stopping);
            }

            return begun;
        }
        finally
        {
            if (free > begun)
            {
                places.Release(free - begun);
            }
        }
    }

    private async Task SendAndLeaveAsync(Claimed claimed, SemaphoreSlim places, CancellationToken stopping)
    {
        try
        {
            // Not on the loop's own turn: a gateway that works before it awaits would hold up the next claim.
            await Task.Yield();
            await TryAsync(() => sending.RunAsync(claimed, stopping), stopping);
        }
        finally
        {
            places.Release();
        }
    }

    private async Task TryAsync(Func<Task> step, CancellationToken stopping)
    {
        try
        {
            await step();
        }
        catch (OperationCanceledException) when (stopping.IsCancellationRequested)
        {
            // The server stops.
        }
#pragma warning disable CA1031 // The top of a background loop: the database may be away; the rows wait.
        catch (Exception e)
#pragma warning restore CA1031
        {
            LogFailed(e);
            await Task.Delay(Poll, time, stopping).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    private async Task WaitAsync(MessageChannel channel, CancellationToken ct)
    {
        // Both waits end together: one that was left behind would swallow the next wake-up.
        using var either = CancellationTokenSource.CreateLinkedTokenSource(ct);
        await Task.WhenAny(signal.NextAsync(channel, either.Token), Task.Delay(Poll, time, either.Token));
        await either.CancelAsync();
    }

    [LoggerMessage(2001, LogLevel.Error, "The outbox failed and will try again.")]
    private partial void LogFailed(Exception exception);
}
