using Countersign.Server.Data;

namespace Countersign.Server.Features.Ground.Jobs;

/// <summary>The turns of one job on this node.</summary>
internal sealed partial class JobLoop(IJob job, JobLeases leases, TimeProvider time, ILogger<JobLoop> logger)
{
    /// <summary>
    /// Short, so that codes go out soon after an outage. A job whose turns are further apart is tried again at its next one.
    /// </summary>
    private static readonly TimeSpan LongestBackOff = TimeSpan.FromSeconds(10);

    private static readonly TimeSpan ShortestTerm = TimeSpan.FromSeconds(30);

    private readonly Guid _node = Guid.CreateVersion7(time.GetUtcNow());
    private Task<bool>? _tick;
    private bool _leases;
    private int _failures;
    private DateTimeOffset _failedSince;

    /// <summary>How long a lease lasts: a turn may be late without losing it.</summary>
    private TimeSpan Term => job.Every * 3 > ShortestTerm ? job.Every * 3 : ShortestTerm;

    public async Task RunAsync(CancellationToken stopping)
    {
        // A job that works before it awaits would hold up the others, and the start.
        await Task.Yield();
        if (job.Unhurried)
        {
            Patience.Lift();
        }

        using var timer = new PeriodicTimer(job.Every, time);
        if (job.WaitsFirst)
        {
            await WaitAsync(timer, stopping);
        }

        while (!stopping.IsCancellationRequested)
        {
            var done = await TryAsync(() => TurnAsync(stopping), stopping);

            // What fails here may work on another node. A stop gives the lease back by itself.
            if (done is null && _leases && !stopping.IsCancellationRequested)
            {
                await TryAsync(ReturnAsync, stopping);
            }

            if (done is null or 0)
            {
                await WaitAsync(timer, stopping);
            }
        }

        await TryAsync(EndAsync, stopping);
    }

    /// <returns>How many things were done; null where the turn failed.</returns>
    private async Task<int?> TryAsync(Func<Task<int>> turn, CancellationToken stopping)
    {
        try
        {
            return await turn();
        }
        catch (OperationCanceledException) when (stopping.IsCancellationRequested)
        {
            return null;
        }
#pragma warning disable CA1031 // The top of a background loop: what was not done now is done at a later turn.
        catch (Exception e)
#pragma warning restore CA1031
        {
            Failed(e);
            return null;
        }
    }

    private async Task<int> TurnAsync(CancellationToken stopping)
    {
        if (job.Leased && !await leases.TakeAsync(job.Name, _node, Term, stopping))
        {
            return 0;
        }

        _leases = job.Leased;
        var done = await job.RunOnceAsync(stopping);
        Works();
        return done;
    }

    private async Task<int> ReturnAsync()
    {
        _leases = false;
        await leases.ReturnAsync(job.Name, _node);
        return 0;
    }

    private async Task<int> EndAsync()
    {
        try
        {
            await job.EndAsync();
        }
        finally
        {
            if (job.Leased)
            {
                await ReturnAsync();
            }
        }

        return 0;
    }

    /// <summary>
    /// Until the next turn: when the time has come, or somebody wakes the job. After failures some of the turns are left out.
    /// </summary>
    private async Task WaitAsync(PeriodicTimer timer, CancellationToken stopping)
    {
        var until = time.GetUtcNow() + BackOff();
        using var either = CancellationTokenSource.CreateLinkedTokenSource(stopping);
        var woken = job.Signal?.WokenAsync(either.Token) ?? Task.Delay(Timeout.InfiniteTimeSpan, time, either.Token);
        do
        {
            // A tick that was waited for and not taken is the next wait's: a timer has one at a time.
            _tick ??= timer.WaitForNextTickAsync(stopping).AsTask();
            if (await Task.WhenAny(_tick, woken) == _tick)
            {
                _tick = null;
            }
        }
        while (!stopping.IsCancellationRequested && !woken.IsCompleted && time.GetUtcNow() < until);

        // Ended, not left behind: it would swallow the next wake-up.
        await either.CancelAsync();
        await woken.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
    }

    private TimeSpan BackOff()
    {
        if (_failures < 2)
        {
            return TimeSpan.Zero;
        }

        var wait = job.Every * (1 << Math.Min(_failures - 1, 10));
        return wait < LongestBackOff ? wait : LongestBackOff;
    }

    private void Works()
    {
        if (_failures > 0)
        {
            LogWorks(job.Name, time.GetUtcNow() - _failedSince);
            _failures = 0;
        }
    }

    private void Failed(Exception exception)
    {
        if (_failures++ == 0)
        {
            _failedSince = time.GetUtcNow();
            var cause = exception.GetBaseException();
            LogFailed(job.Name, $"{cause.GetType().Name}: {cause.Message.ReplaceLineEndings(" ")}");
        }

        LogFault(exception, job.Name);
    }

    [LoggerMessage(1001, LogLevel.Error, "The job {Job} failed and will be tried again: {Why}")]
    private partial void LogFailed(string job, string why);

    [LoggerMessage(1002, LogLevel.Information, "The job {Job} works again, after {Outage}.")]
    private partial void LogWorks(string job, TimeSpan outage);

    [LoggerMessage(1003, LogLevel.Debug, "What failed in the job {Job}.")]
    private partial void LogFault(Exception exception, string job);
}
