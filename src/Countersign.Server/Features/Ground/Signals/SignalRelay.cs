using System.Threading.Channels;
using Countersign.Server.Data;
using Npgsql;

namespace Countersign.Server.Features.Ground.Signals;

/// <summary>
/// Carries wake-ups between nodes by LISTEN and NOTIFY. NOTIFY goes out after the unit of work, never inside it, where it
/// would take a lock over the whole database, and ids that come together travel together.
/// </summary>
internal sealed partial class SignalRelay(
    Contexts contexts, ChallengeSignals signals, TimeProvider time, ILogger<SignalRelay> logger) : BackgroundService
{
    private const string Topic = "countersign_challenges";
    private const int IdsPerMessage = 200;
    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(1);

    private bool _wasUp;

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        if (contexts.Postgres is not { } source)
        {
            return;
        }

        var outgoing = Channel.CreateBounded<Guid>(
            new BoundedChannelOptions(10_000) { FullMode = BoundedChannelFullMode.DropOldest, SingleReader = true });
        void Send(Guid id) => outgoing.Writer.TryWrite(id);
        signals.Elsewhere += Send;
        try
        {
            await Task.WhenAll(
                ForeverAsync(ListenAsync, stoppingToken),
                ForeverAsync(ct => NotifyAsync(source, outgoing.Reader, ct), stoppingToken));
        }
        finally
        {
            signals.Elsewhere -= Send;
        }
    }

    private async Task ForeverAsync(Func<CancellationToken, Task> work, CancellationToken ct)
    {
        while (!ct.IsCancellationRequested)
        {
            try
            {
                await work(ct);
            }
            catch (OperationCanceledException) when (ct.IsCancellationRequested)
            {
                return;
            }
            catch (NpgsqlException e)
            {
                LogLinkDown(e.SqlState);
                ForgetIdle();
                await Task.Delay(Pause, time, ct).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            }
        }
    }

    /// <summary>
    /// Where the link was up: most likely the server went away, and with it every connection that waits to be used. One that cannot be had
    /// says nothing about the others.
    /// </summary>
    private void ForgetIdle()
    {
        if (Interlocked.Exchange(ref _wasUp, false))
        {
            contexts.ForgetIdle();
        }
    }

    private async Task ListenAsync(CancellationToken ct)
    {
        await using var connection = contexts.Listener();
        await connection.OpenAsync(ct);
        connection.Notification += (_, e) =>
        {
            foreach (var id in e.Payload.Split(','))
            {
                if (Guid.TryParseExact(id, "N", out var challengeId))
                {
                    signals.RaiseHere(challengeId);
                }
            }
        };
        await using (var listen = new NpgsqlCommand($"LISTEN {Topic}", connection))
        {
            await listen.ExecuteNonQueryAsync(ct);
        }

        Volatile.Write(ref _wasUp, true);
        signals.RaiseAllHere();
        while (true)
        {
            await connection.WaitAsync(ct);
        }
    }

    private static async Task NotifyAsync(NpgsqlDataSource source, ChannelReader<Guid> outgoing, CancellationToken ct)
    {
        var ids = new HashSet<Guid>();
        while (await outgoing.WaitToReadAsync(ct))
        {
            ids.Clear();
            while (ids.Count < IdsPerMessage && outgoing.TryRead(out var id))
            {
                ids.Add(id);
            }

            await using var notify = source.CreateCommand("SELECT pg_notify($1, $2)");
            notify.Parameters.Add(new NpgsqlParameter { Value = Topic });
            notify.Parameters.Add(new NpgsqlParameter { Value = string.Join(',', ids.Select(id => id.ToString("N"))) });
            await notify.ExecuteNonQueryAsync(ct);
        }
    }

    [LoggerMessage(
        3001,
        LogLevel.Warning,
        "The link that wakes pages on other nodes is down ({SqlState}); pages look by themselves until it is back.")]
    private partial void LogLinkDown(string? sqlState);
}
