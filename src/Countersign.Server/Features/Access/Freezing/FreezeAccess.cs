using Countersign.Server.Data;
using Countersign.Server.Features.Access.Sessions;
using Countersign.Server.Features.Ground.Audit;
using Countersign.Server.Features.Messaging.Notices;
using Countersign.Server.Features.Registry.Users;
using Microsoft.EntityFrameworkCore;

namespace Countersign.Server.Features.Access.Freezing;

/// <summary>Freezes a user: what goes on ends and nothing new begins, in one unit of work (D10).</summary>
internal sealed class FreezeAccess(
    IEnumerable<IEndsWhenFrozen> others, EndSessions sessions, NoticeBoard notices, AuditTrail audit, TimeProvider time)
{
    /// <param name="notice">What the client says was somebody else.</param>
    public async Task RunAsync(CountersignDbContext db, UserView user, string notice, Actor by, CancellationToken ct)
    {
        var now = time.GetUtcNow();

        // The lock first: who is about to be opened again at this very moment is frozen after that.
        await UserLock.TakeAsync(db, user.Id, ct);
        var froze = await db.Set<User>().Where(u => u.Id == user.Id && u.FrozenAt == null)
            .ExecuteUpdateAsync(set => set.SetProperty(u => u.FrozenAt, now), ct) == 1;
        foreach (var other in others)
        {
            await other.EndAsync(db, user.Id, now, by, ct);
        }

        // Last: what may still begin a session has ended by now.
        var ended = await sessions.OthersAsync(db, user.Id, keep: Guid.Empty, by, ct);
        if (froze)
        {
            audit.Add(db, AuditEvents.Frozen, user.Id, by, ("notice", notice), ("sessions", ended));
            await notices.TellAsync(db, user, Notice.AccessFrozen, except: null, ct);
        }
    }
}
