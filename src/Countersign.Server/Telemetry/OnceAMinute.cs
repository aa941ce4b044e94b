using System.Collections.Concurrent;

namespace Countersign.Server.Telemetry;

/// <summary>
/// Tells what may happen a thousand times in an outage once a minute for each key, and then how often it was: the first time at once, the
/// rest when the minute is over. So an outage is neither silent nor a flood, and its end is told too.
/// </summary>
internal sealed class OnceAMinute<TKey>(TimeProvider time) : IDisposable
    where TKey : notnull
{
    /// <summary>Keys are few. Should one of them not be, the log has no more lines than this a minute.</summary>
    private const int MostKeys = 500;

    private static readonly TimeSpan Minute = TimeSpan.FromMinutes(1);
    private readonly ConcurrentDictionary<TKey, Untold> _minutes = new();

    /// <param name="tell">Writes the line; gets how often it was since the line before.</param>
    public void Tell(TKey key, Action<long> tell)
    {
        while (true)
        {
            if (_minutes.TryGetValue(key, out var untold))
            {
                if (untold.Add(tell))
                {
                    return;
                }

                // Its minute has just ended.
                continue;
            }

            var first = new Untold();
            if (_minutes.Count >= MostKeys)
            {
                return;
            }

            if (_minutes.TryAdd(key, first))
            {
                tell(1);
                first.Timer = time.CreateTimer(_ => EndMinute(key, first), state: null, Minute, Minute);
                return;
            }
        }
    }

    public void Dispose()
    {
        foreach (var untold in _minutes.Values)
        {
            untold.Timer?.Dispose();
        }
    }

    /// <summary>After a minute with nothing in it the next one is a first one again.</summary>
    private void EndMinute(TKey key, Untold untold)
    {
        if (untold.Take() is { } rest)
        {
            rest.Tell(rest.Count);
        }
        else
        {
            _minutes.TryRemove(key, out _);
            untold.Timer?.Dispose();
        }
    }

    /// <summary>What was not told yet of the minute that runs.</summary>
    private sealed class Untold
    {
        private readonly Lock _gate = new();
        private long _count;
        private Action<long>? _last;
        private bool _isOver;

        public ITimer? Timer { get; set; }

        /// <returns>False: too late.</returns>
        public bool Add(Action<long> tell)
        {
            lock (_gate)
            {
                if (!_isOver)
                {
                    _count++;
                    _last = tell;
                }

                return !_isOver;
            }
        }

        /// <returns>Null: there was nothing, and nothing is added any more.</returns>
        public (long Count, Action<long> Tell)? Take()
        {
            lock (_gate)
            {
                (long, Action<long>)? taken = _last is { } last ? (_count, last) : null;
                (_count, _last, _isOver) = (0, null, taken is null);
                return taken;
            }
        }
    }
}
