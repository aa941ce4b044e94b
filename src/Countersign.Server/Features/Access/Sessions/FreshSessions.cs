using System.Collections.Concurrent;
using Countersign.Server.Data;
using Countersign.Server.Data.Protection;
using Microsoft.EntityFrameworkCore;

namespace Countersign.Server.Features.Access.Sessions;

/// <summary>
/// Tells whether a session that has just begun was used already: until then its token may be handed out once more, because the answer that
/// carried it was lost (D36).
/// </summary>
/// <remarks>
/// First uses stand in this node's memory, so that no sign-in costs a write more. Another node, where it did not see the first use, goes by
/// the browser alone: what the token is made of has left it with the answer that brought the session.
/// </remarks>
internal sealed class FreshSessions(MasterKeys keys, TimeProvider time)
{
    /// <summary>Longer than any token is handed out again.</summary>
    private static readonly TimeSpan Kept = TimeSpan.FromMinutes(2);

    private readonly ConcurrentDictionary<Guid, DateTimeOffset> _used = new();
    private long _forgotAt;

    /// <summary>Notes that a request came with the session.</summary>
    public void Used(Session session, DateTimeOffset now)
    {
        if (now - session.CreatedAt < Kept && _used.TryAdd(session.Id, now))
        {
            Forget(now);
        }
    }

    /// <summary>Whether it is the token of a session that lives and that nobody has used.</summary>
    public async Task<bool> IsFreshAsync(CountersignDbContext db, SessionToken token, CancellationToken ct)
    {
        var now = time.GetUtcNow();
        return !_used.ContainsKey(token.SessionId)
            && await db.Set<Session>().AsNoTracking().SingleOrDefaultAsync(
                s => s.UserId == token.UserId && s.Id == token.SessionId && s.EndedAt == null, ct) is { } session
            && session.ExpiresAt > now
            && token.Matches(session.TokenHash, keys);
    }

    /// <summary>Once in a while, so that a node keeps no more than the sign-ins of some minutes.</summary>
    private void Forget(DateTimeOffset now)
    {
        var last = Interlocked.Read(ref _forgotAt);
        if (now.UtcTicks - last < Kept.Ticks || Interlocked.CompareExchange(ref _forgotAt, now.UtcTicks, last) != last)
        {
            return;
        }

        foreach (var (id, at) in _used)
        {
            if (now - at >= Kept)
            {
                _used.TryRemove(id, out _);
            }
        }
    }
}
