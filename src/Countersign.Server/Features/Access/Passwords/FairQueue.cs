using System.Diagnostics.CodeAnalysis;

namespace Countersign.Server.Features.Access.Passwords;

/// <summary>Who wants something hashed.</summary>
/// <param name="Source">IPv4 address or IPv6 /64.</param>
/// <param name="Known">Whether the browser has signed the user in before, or is in a session.</param>
internal readonly record struct Asker(string Source, bool Known);

/// <summary>
/// A bounded queue in which no source and no crowd keeps others out (D35): known browsers have a half of it, and of the turns, for
/// themselves; within each half the sources take turns, and where it is full whoever has most waiting gives way. Safe for many threads.
/// </summary>
/// <param name="bound">How many may wait of known browsers and, apart from them, of all others.</param>
internal sealed class FairQueue<T>(int bound)
    where T : class
{
    private readonly Lock _lock = new();
    private readonly Half _known = new();
    private readonly Half _others = new();
    private bool _othersTurn;

    public int Count
    {
        get
        {
            lock (_lock)
            {
                return _known.Count + _others.Count;
            }
        }
    }

    /// <param name="gaveWay">What waited and does not any more, since this took its place; null where there was room.</param>
    /// <returns>False where it is full, and nobody has clearly more waiting than this source.</returns>
    public bool TryAdd(Asker asker, T item, out T? gaveWay)
    {
        lock (_lock)
        {
            var half = asker.Known ? _known : _others;
            gaveWay = null;
            if (half.Count >= bound)
            {
                var (source, most) = half.Longest();

                // One more here and one less there must leave this source with no more than that one.
                if (most < half.WaitingOf(asker.Source) + 2)
                {
                    return false;
                }

                gaveWay = half.TakeLast(source);
            }

            half.Add(asker.Source, item);
            return true;
        }
    }

    public bool TryTake([MaybeNullWhen(false)] out T item)
    {
        lock (_lock)
        {
            var half = (_othersTurn && _others.Count > 0) || _known.Count == 0 ? _others : _known;
            _othersTurn = half == _known;
            if (half.Count == 0)
            {
                item = default;
                return false;
            }

            item = half.TakeNext();
            return true;
        }
    }

    private sealed class Half
    {
        private readonly Dictionary<string, LinkedList<T>> _lanes = new(StringComparer.Ordinal);
        private readonly LinkedList<string> _turns = new();

        public int Count { get; private set; }

        public int WaitingOf(string source) => _lanes.TryGetValue(source, out var lane) ? lane.Count : 0;

        public (string Source, int Waiting) Longest()
        {
            var longest = _lanes.MaxBy(lane => lane.Value.Count);
            return (longest.Key, longest.Value.Count);
        }

        public void Add(string source, T item)
        {
            if (!_lanes.TryGetValue(source, out var lane))
            {
                _lanes.Add(source, lane = new LinkedList<T>());
                _turns.AddLast(source);
            }

            lane.AddLast(item);
            Count++;
        }

        public T TakeNext()
        {
            var source = _turns.First!.Value;
            var lane = _lanes[source];
            var item = lane.First!.Value;
            lane.RemoveFirst();
            Count--;
            _turns.RemoveFirst();
            if (lane.Count > 0)
            {
                _turns.AddLast(source);
            }
            else
            {
                _lanes.Remove(source);
            }

            return item;
        }

        /// <summary>From a lane in which more than one waits.</summary>
        public T TakeLast(string source)
        {
            var lane = _lanes[source];
            var item = lane.Last!.Value;
            lane.RemoveLast();
            Count--;
            return item;
        }
    }
}
