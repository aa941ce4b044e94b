using System.Linq.Expressions;
using Countersign.Server.Data;
using Countersign.Server.Features.Ground.Audit;
using Microsoft.EntityFrameworkCore;

namespace Countersign.Server.Features.Access.Sessions;

/// <summary>Ends sessions: signing out, revoking one or all others.</summary>
internal sealed class EndSessions(IEnumerable<IEndsWithSession> joined, AuditTrail audit, TimeProvider time)
{
    /// <summary>Ends one session; ending one that has ended changes nothing.</summary>
    public async Task OneAsync(CountersignDbContext db, Guid userId, Guid sessionId, string what, Actor by, CancellationToken ct)
    {
        if (await EndAsync(db, userId, s => s.Id == sessionId, by, ct) == 1)
        {
            audit.Add(db, what, userId, by, ("session", sessionId));
        }
    }

    /// <summary>Ends every session but the one in use; returns how many.</summary>
    public async Task<int> OthersAsync(CountersignDbContext db, Guid userId, Guid keep, Actor by, CancellationToken ct)
    {
        var ended = await EndAsync(db, userId, s => s.Id != keep, by, ct);
        if (ended > 0)
        {
            audit.Add(db, AuditEvents.SessionRevoked, userId, by, ("kept", keep), ("ended", ended));
        }

        return ended;
    }

    /// <summary>Ends what a device signed in, but for the session in use; returns how many.</summary>
    public async Task<int> OfDeviceAsync(CountersignDbContext db, Guid userId, Guid deviceId, Guid keep, Actor by, CancellationToken ct)
    {
        var ended = await EndAsync(db, userId, s => s.DeviceId == deviceId && s.Id != keep, by, ct);
        if (ended > 0)
        {
            audit.Add(db, AuditEvents.SessionRevoked, userId, by, ("device", deviceId), ("ended", ended));
        }

        return ended;
    }

    private async Task<int> EndAsync(
        CountersignDbContext db, Guid userId, Expression<Func<Session, bool>> which, Actor by, CancellationToken ct)
    {
        var now = time.GetUtcNow();
        var ended = await db.Set<Session>().Where(s => s.UserId == userId && s.EndedAt == null).Where(which).ExecuteUpdateAsync(
            set => set.SetProperty(s => s.EndedAt, now), ct);
        if (ended > 0)
        {
            foreach (var thing in joined)
            {
                await thing.EndAsync(db, userId, by, ct);
            }
        }

        return ended;
    }
}
