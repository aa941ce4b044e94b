using System.Diagnostics;
using System.Diagnostics.Metrics;
using System.Threading.Channels;
using Countersign.Server.Telemetry;
using Microsoft.Extensions.Options;

namespace Countersign.Server.Features.Access.Passwords;

/// <summary>
/// The bounded queue of the costly hashes: a storm of passwords fills the queue and is told to come back, and neither memory
/// nor the cheap second-factor checks suffer.
/// </summary>
internal sealed class PasswordQueue : IDisposable
{
    /// <summary>Name of the counter of hashes made.</summary>
    public const string HashCounter = "countersign.password.hashes";

    private readonly Channel<Action> _queue;
    private readonly Thread[] _workers;
    private readonly PasswordHash _hash;
    private readonly Counter<long> _hashes;
    private readonly Counter<long> _refused;

    public PasswordQueue(PasswordHash hash, IOptions<PasswordOptions> options, IMeterFactory meters)
    {
        _hash = hash;
        var meter = meters.Countersign();
        _hashes = meter.CreateCounter<long>(HashCounter, "{hash}", "Password hashes computed.");
        _refused = meter.CreateCounter<long>("countersign.password.refused", "{password}", "Passwords that found the queue full.");
        meter.CreateObservableUpDownCounter(
            "countersign.password.queue", () => _queue!.Reader.Count, "{password}", "Passwords that wait for a hash.");
        _queue = Channel.CreateBounded<Action>(options.Value.Queue);
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
    /// <returns>Null when the queue is full.</returns>
    public Task<bool>? TryCheck(string password, string? stored) => TryEnqueue(() => _hash.Matches(password, stored ?? _hash.Nobody));

    /// <summary>Makes a hash to be stored.</summary>
    /// <returns>Null when the queue is full.</returns>
    public Task<string>? TryMake(string password) => TryEnqueue(() => _hash.Make(password));

    public void Dispose()
    {
        _queue.Writer.TryComplete();
        foreach (var worker in _workers)
        {
            worker.Join();
        }
    }

    private Task<T>? TryEnqueue<T>(Func<T> hash)
    {
        var completion = new TaskCompletionSource<T>(TaskCreationOptions.RunContinuationsAsynchronously);
        var asked = Activity.Current?.Context ?? default;
        if (_queue.Writer.TryWrite(Run))
        {
            return completion.Task;
        }

        _refused.Add(1);
        return null;

        void Run()
        {
            try
            {
                using var span = Instrumentation.Source.StartActivity("hash password", ActivityKind.Internal, asked);
                var result = hash();
                _hashes.Add(1);
                completion.SetResult(result);
            }
#pragma warning disable CA1031 // It belongs to the caller, who gets it; the worker lives on.
            catch (Exception e)
#pragma warning restore CA1031
            {
                completion.SetException(e);
            }
        }
    }

    private void Work()
    {
        while (_queue.Reader.WaitToReadAsync().AsTask().GetAwaiter().GetResult())
        {
            while (_queue.Reader.TryRead(out var hash))
            {
                hash();
            }
        }
    }
}
