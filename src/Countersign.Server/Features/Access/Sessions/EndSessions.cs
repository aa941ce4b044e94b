using Countersign.Server.Data;
using Countersign.Server.Features.Ground.Audit;
using Microsoft.EntityFrameworkCore;

namespace Countersign.Server.Features.Access.Sessions;

/// <summary>Ends sessions: signing out, revoking one or all others.</summary>
internal sealed class EndSessions(AuditTrail audit, TimeProvider time)
{
    /// <summary>Ends one session; ending one that has ended changes nothing.</summary>
    public async Task OneAsync(CountersignDbContext db, Guid userId, Guid sessionId, string what, Actor by, CancellationToken ct)
    {
        if (await EndAsync(db.Set<Session>().Where(s => s.UserId == userId && s.Id == sessionId), ct) == 1)
        {
            audit.Add(db, what, userId, by, ("session", sessionId));
        }
    }

    /// <summary>Ends every session but the one in use; returns how many.</summary>
    public async Task<int> OthersAsync(CountersignDbContext db, Guid userId, Guid keep, Actor by, CancellationToken ct)
    {
        var ended = await EndAsync(db.Set<Session>().Where(s => s.UserId == userId && s.Id != keep), ct);
        if (ended > 0)
        {
            audit.Add(db, AuditEvents.SessionRevoked, userId, by, ("kept", keep), ("ended", ended));
        }

        return ended;
    }

    /// <summary>Ends what a device signed in, but for the session in use; returns how many.</summary>
    public async Task<int> OfDeviceAsync(CountersignDbContext db, Guid userId, Guid deviceId, Guid keep, Actor by, CancellationToken ct)
    {
        var ended = await EndAsync(db.Set<Session>().Where(s => s.UserId == userId && s.DeviceId == deviceId && s.Id != keep), ct);
        if (ended > 0)
        {
            audit.Add(db, AuditEvents.SessionRevoked, userId, by, ("device", deviceId), ("ended", ended));
        }

        return ended;
    }

    private Task<int> EndAsync(IQueryable<Session> sessions, CancellationToken ct)
    {
        var now = time.GetUtcNow();
        return sessions.Where(s => s.EndedAt == null).ExecuteUpdateAsync(set => set.SetProperty(s => s.EndedAt, now), ct);
    }
}
