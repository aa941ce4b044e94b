using System.Diagnostics;
using System.Diagnostics.Metrics;
using Countersign.Server.Telemetry;
using Microsoft.Extensions.Options;

namespace Countersign.Server.Features.Access.Passwords;

/// <summary>
/// The fair, bounded queue of the costly hashes: of a storm of passwords most are told to come back, and neither memory, nor the cheap
/// second-factor checks, nor the owners suffer (D35).
/// </summary>
internal sealed class PasswordQueue : IDisposable
{
    /// <summary>Name of the counter of hashes made.</summary>
    public const string HashCounter = "countersign.password.hashes";

    private readonly FairQueue<Wish> _queue;
    private readonly SemaphoreSlim _waiting = new(0);
    private readonly CancellationTokenSource _stopping = new();
    private readonly Thread[] _workers;
    private readonly PasswordHash _hash;
    private readonly TimeProvider _time;
    private readonly TimeSpan _patience;
    private readonly Counter<long> _hashes;
    private readonly Counter<long> _refused;

    public PasswordQueue(PasswordHash hash, IOptions<PasswordOptions> options, IMeterFactory meters, TimeProvider time)
    {
        (_hash, _time, _patience) = (hash, time, options.Value.Patience);
        var meter = meters.Countersign();
        _hashes = meter.CreateCounter<long>(HashCounter, "{hash}", "Password hashes computed.");
        _refused = meter.CreateCounter<long>(
            "countersign.password.refused", "{password}", "Passwords that found the queue full, gave way in it, or waited too long.");
        meter.CreateObservableUpDownCounter(
            "countersign.password.queue", () => _queue!.Count, "{password}", "Passwords that wait for a hash.");
        _queue = new FairQueue<Wish>(options.Value.Queue);
        _workers = new Thread[options.Value.Workers == 0 ? Environment.ProcessorCount : options.Value.Workers];
        for (var i = 0; i < _workers.Length; i++)
        {
            // Below normal: while passwords are hashed, everything else goes first.
            _workers[i] = new Thread(Work)
            {
                IsBackground = true,
                Name = $"countersign-passwords-{i}",
                Priority = ThreadPriority.BelowNormal,
            };
            _workers[i].Start();
        }
    }

    /// <summary>Checks a password; a null hash costs the same and never matches.</summary>
    /// <returns>Null when nobody looked at it: there were too many.</returns>
    public async Task<bool?> CheckAsync(Asker asker, string password, string? stored) =>
        await HashAsync(asker, () => _hash.Matches(password, stored ?? _hash.Nobody)) is { } looked ? looked.Value : null;

    /// <summary>Makes a hash to be stored.</summary>
    /// <returns>Null when there were too many.</returns>
    public async Task<string?> MakeAsync(Asker asker, string password) => (await HashAsync(asker, () => _hash.Make(password)))?.Value;

    public void Dispose()
    {
        _stopping.Cancel();
        foreach (var worker in _workers)
        {
            worker.Join();
        }

        while (_queue.TryTake(out var left))
        {
            left.Refuse();
        }

        _waiting.Dispose();
        _stopping.Dispose();
    }

    private Task<Made<T>?> HashAsync<T>(Asker asker, Func<T> hash)
    {
        var wish = new Wish<T>(hash, Activity.Current?.Context ?? default, _time.GetTimestamp());
        if (!_queue.TryAdd(asker, wish, out var gaveWay))
        {
            _refused.Add(1);
            return Task.FromResult<Made<T>?>(null);
        }

        if (gaveWay is null)
        {
            _waiting.Release();
        }
        else
        {
            _refused.Add(1);
            gaveWay.Refuse();
        }

        return wish.Ended;
    }

    private void Work()
    {
        while (IsAnyWaiting())
        {
            if (!_queue.TryTake(out var wish))
            {
                continue;
            }

            // Whoever waits so long has gone, or tries again.
            if (_time.GetElapsedTime(wish.Since) > _patience)
            {
                _refused.Add(1);
                wish.Refuse();
                continue;
            }

            wish.Run(_hashes);
        }
    }

    private bool IsAnyWaiting()
    {
        try
        {
            _waiting.Wait(_stopping.Token);
            return true;
        }
        catch (OperationCanceledException)
        {
            return false;
        }
    }

    private sealed record Made<T>(T Value);

    private abstract class Wish(long since)
    {
        public long Since => since;

        public abstract void Run(Counter<long> hashes);

        public abstract void Refuse();
    }

    private sealed class Wish<T>(Func<T> hash, ActivityContext asked, long since) : Wish(since)
    {
        private readonly TaskCompletionSource<Made<T>?> _ended = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public Task<Made<T>?> Ended => _ended.Task;

        public override void Run(Counter<long> hashes)
        {
            try
            {
                using var span = Instrumentation.Source.StartActivity("hash password", ActivityKind.Internal, asked);
                var made = new Made<T>(hash());
                hashes.Add(1);
                _ended.SetResult(made);
            }
#pragma warning disable CA1031 // It belongs to the caller, who gets it; the worker lives on.
            catch (Exception e)
#pragma warning restore CA1031
            {
                _ended.SetException(e);
            }
        }

        public override void Refuse() => _ended.SetResult(null);
    }
}
