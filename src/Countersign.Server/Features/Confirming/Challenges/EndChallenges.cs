using Countersign.Server.Data;
using Countersign.Server.Features.Access.Freezing;
using Countersign.Server.Features.Access.Sessions;
using Countersign.Server.Features.Confirming.Devices;
using Countersign.Server.Features.Ground.Audit;
using Countersign.Server.Features.Ground.Signals;
using Microsoft.EntityFrameworkCore;

namespace Countersign.Server.Features.Confirming.Challenges;

/// <summary>Ends challenges that must not be finished, approved ones among them: what was not used yet is not used any more.</summary>
internal sealed class EndChallenges(ChallengeSignals signals, AuditTrail audit, TimeProvider time)
    : IEndsWhenFrozen, IEndsWithDevice, IEndsWithSession
{
    /// <summary>Ends a challenge that its opener no longer wants. Ending one that has ended changes nothing.</summary>
    public async Task CancelAsync(CountersignDbContext db, ChallengeHandle handle, Opener opener, CancellationToken ct)
    {
        var (userId, id, kind, hash) = (handle.UserId, handle.Id, opener.Kind, opener.Hash);
        var session = opener.SessionOf(userId);
        if (await CancelAsync(
            db,
            db.Set<Challenge>().Where(
                c => c.UserId == userId && c.Id == id && c.OpenerKind == kind && c.OpenerHash == hash
                    && (c.SessionId == null || c.SessionId == session)),
            ct) == 1)
        {
            audit.Add(db, AuditEvents.Cancelled, userId, opener.ActsFor(userId), ("challenge", id));
        }
    }

    /// <summary>Ends everything that a user has open: what began with a password that is no longer good must not be finished.</summary>
    public Task AllAsync(CountersignDbContext db, Guid userId, CancellationToken ct) =>
        CancelAsync(db, db.Set<Challenge>().Where(c => c.UserId == userId), ct);

    /// <summary>Ends a user's challenges for a purpose that allows one at a time.</summary>
    public Task OfPurposeAsync(CountersignDbContext db, Guid userId, string purpose, CancellationToken ct) =>
        CancelAsync(db, db.Set<Challenge>().Where(c => c.UserId == userId && c.Purpose == purpose), ct);

    Task IEndsWhenFrozen.EndAsync(CountersignDbContext db, Guid userId, DateTimeOffset at, Actor by, CancellationToken ct) =>
        AllAsync(db, userId, ct);

    async Task IEndsWithSession.EndAsync(CountersignDbContext db, Guid userId, Actor by, CancellationToken ct)
    {
        var left = await OpenOnes(db.Set<Challenge>().Where(
                c => c.UserId == userId && c.SessionId != null
                    && !db.Set<Session>().Any(s => s.UserId == userId && s.Id == c.SessionId && s.EndedAt == null)))
            .Select(c => new { c.Id, c.SessionId }).ToListAsync(ct);
        foreach (var challenge in left)
        {
            if (await CancelAsync(db, db.Set<Challenge>().Where(c => c.UserId == userId && c.Id == challenge.Id), ct) == 1)
            {
                audit.Add(
                    db, AuditEvents.Cancelled, userId, by, ("challenge", challenge.Id), ("session", challenge.SessionId));
            }
        }
    }

    /// <summary>What the device was asked is asked of another one; what it approved and nobody used yet is void.</summary>
    async Task IEndsWithDevice.EndAsync(CountersignDbContext db, Guid userId, Guid deviceId, CancellationToken ct)
    {
        var now = time.GetUtcNow();
        var asked = db.Set<Challenge>().Where(c => c.UserId == userId && c.DeviceId == deviceId);
        await RaiseAsync(db, asked.Where(c => c.State == ChallengeState.Approved || c.State == ChallengeState.Prompted), ct);
        await asked.Where(c => c.State == ChallengeState.Approved).ExecuteUpdateAsync(
            set => set.SetProperty(c => c.State, ChallengeState.Cancelled)
                .SetProperty(c => c.EndedAt, now)
                .SetProperty(c => c.Refusal, ChallengeErrors.DeviceUnavailable.Code),
            ct);
        await asked.Where(c => c.State == ChallengeState.Prompted).ExecuteUpdateAsync(
            set => set.SetProperty(c => c.State, ChallengeState.Pending)
                .SetProperty(c => c.PromptNo, c => c.PromptNo + 1)
                .SetProperty(c => c.DeviceId, (Guid?)null)
                .SetProperty(c => c.CredentialOwner, (Guid?)null)
                .SetProperty(c => c.CredentialId, (Guid?)null),
            ct);
    }

    private async Task<int> CancelAsync(CountersignDbContext db, IQueryable<Challenge> challenges, CancellationToken ct)
    {
        var now = time.GetUtcNow();
        var open = OpenOnes(challenges);
        await RaiseAsync(db, open, ct);
        return await open.ExecuteUpdateAsync(
            set => set.SetProperty(c => c.State, ChallengeState.Cancelled).SetProperty(c => c.EndedAt, now), ct);
    }

    private static IQueryable<Challenge> OpenOnes(IQueryable<Challenge> challenges) => challenges.Where(
        c => c.State == ChallengeState.Pending || c.State == ChallengeState.Prompted || c.State == ChallengeState.Approved);

    /// <summary>Pages that wait for them look again once they have ended.</summary>
    private async Task RaiseAsync(CountersignDbContext db, IQueryable<Challenge> ending, CancellationToken ct)
    {
        foreach (var id in await ending.Where(c => c.Awaited).Select(c => c.Id).ToListAsync(ct))
        {
            signals.RaiseAfterCommit(db, id, awaited: true);
        }
    }
}
