using System.Collections.Concurrent;
using System.Threading.Channels;

namespace Countersign.Server.Features.Ground.Signals;

/// <summary>Wakes the pages that wait for a challenge on this node. A wake-up says only "look again".</summary>
internal sealed class ChallengeSignals
{
    private readonly ConcurrentDictionary<Guid, Waiter[]> _waiters = new();

    /// <summary>Raised for challenges that pages of other nodes may wait for.</summary>
    public event Action<Guid>? Elsewhere;

    /// <summary>Starts to listen. Subscribe first, then read the state: a change in between is not lost.</summary>
    public Waiter Subscribe(Guid challengeId)
    {
        var waiter = new Waiter(this, challengeId);
        _waiters.AddOrUpdate(challengeId, _ => [waiter], (_, others) => [.. others, waiter]);
        return waiter;
    }

    /// <summary>Wakes this node's pages and, where pages wait at all, tells the other nodes.</summary>
    public void Raise(Guid challengeId, bool awaited)
    {
        RaiseHere(challengeId);
        if (awaited)
        {
            Elsewhere?.Invoke(challengeId);
        }
    }

    public void RaiseHere(Guid challengeId)
    {
        if (_waiters.TryGetValue(challengeId, out var waiters))
        {
            foreach (var waiter in waiters)
            {
                waiter.Wake();
            }
        }
    }

    /// <summary>After the link between nodes was down nobody knows what was missed: everybody looks again.</summary>
    public void RaiseAllHere()
    {
        foreach (var id in _waiters.Keys)
        {
            RaiseHere(id);
        }
    }

    private void Remove(Waiter waiter)
    {
        while (_waiters.TryGetValue(waiter.ChallengeId, out var waiters))
        {
            var others = Array.FindAll(waiters, w => w != waiter);
            if (others.Length == 0
                ? _waiters.TryRemove(KeyValuePair.Create(waiter.ChallengeId, waiters))
                : _waiters.TryUpdate(waiter.ChallengeId, others, waiters))
            {
                return;
            }
        }
    }

    /// <summary>One waiting page.</summary>
    internal sealed class Waiter(ChallengeSignals signals, Guid challengeId) : IDisposable
    {
        private readonly Channel<bool> _wakes = Channel.CreateBounded<bool>(
            new BoundedChannelOptions(1) { FullMode = BoundedChannelFullMode.DropWrite });

        public Guid ChallengeId => challengeId;

        public void Wake() => _wakes.Writer.TryWrite(true);

        /// <summary>Returns at the next wake-up.</summary>
        public async Task NextAsync(CancellationToken ct) => await _wakes.Reader.ReadAsync(ct);

        public void Dispose() => signals.Remove(this);
    }
}
