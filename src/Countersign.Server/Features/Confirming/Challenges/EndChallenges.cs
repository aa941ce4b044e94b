using Countersign.Server.Data;
using Countersign.Server.Features.Access.Freezing;
using Countersign.Server.Features.Confirming.Devices;
using Countersign.Server.Features.Ground.Audit;
using Countersign.Server.Features.Ground.Signals;
using Microsoft.EntityFrameworkCore;

namespace Countersign.Server.Features.Confirming.Challenges;

/// <summary>Ends challenges that must not be finished, approved ones among them: what was not used yet is not used any more.</summary>
internal sealed class EndChallenges(ChallengeSignals signals, AuditTrail audit, TimeProvider time) : IEndsWhenFrozen, IEndsWithDevice
{
    /// <summary>Ends a challenge that its opener no longer wants. Ending one that has ended changes nothing.</summary>
    public async Task CancelAsync(CountersignDbContext db, ChallengeHandle handle, Opener opener, CancellationToken ct)
    {
        var (userId, id, kind, hash) = (handle.UserId, handle.Id, opener.Kind, opener.Hash);
        if (await CancelAsync(
            db.Set<Challenge>().Where(c => c.UserId == userId && c.Id == id && c.OpenerKind == kind && c.OpenerHash == hash),
            time.GetUtcNow(),
            ct) == 1)
        {
            audit.Add(db, AuditEvents.Cancelled, userId, opener.ActsFor(userId), ("challenge", id));
            signals.RaiseAfterCommit(db, id, awaited: true);
        }
    }

    /// <summary>Ends everything that a user has open: what began with a password that is no longer good must not be finished.</summary>
    public static Task AllAsync(CountersignDbContext db, Guid userId, DateTimeOffset now, CancellationToken ct) =>
        CancelAsync(db.Set<Challenge>().Where(c => c.UserId == userId), now, ct);

    /// <summary>Ends a user's challenges for a purpose that allows one at a time.</summary>
    public static Task OfPurposeAsync(CountersignDbContext db, Guid userId, string purpose, DateTimeOffset now, CancellationToken ct) =>
        CancelAsync(db.Set<Challenge>().Where(c => c.UserId == userId && c.Purpose == purpose), now, ct);

    Task IEndsWhenFrozen.EndAsync(CountersignDbContext db, Guid userId, DateTimeOffset at, Actor by, CancellationToken ct) =>
        AllAsync(db, userId, at, ct);

    /// <summary>What the device was asked is asked of another one; what it approved and nobody used yet is void.</summary>
    async Task IEndsWithDevice.EndAsync(CountersignDbContext db, Guid userId, Guid deviceId, CancellationToken ct)
    {
        var now = time.GetUtcNow();
        var asked = db.Set<Challenge>().Where(c => c.UserId == userId && c.DeviceId == deviceId);
        await asked.Where(c => c.State == ChallengeState.Approved).ExecuteUpdateAsync(
            set => set.SetProperty(c => c.State, ChallengeState.Cancelled).SetProperty(c => c.EndedAt, now).SetProperty(
                c => c.Refusal, ChallengeErrors.DeviceUnavailable.Code),
            ct);
        await asked.Where(c => c.State == ChallengeState.Prompted).ExecuteUpdateAsync(
            set => set.SetProperty(c => c.State, ChallengeState.Pending)
                .SetProperty(c => c.PromptNo, c => c.PromptNo + 1)
                .SetProperty(c => c.DeviceId, (Guid?)null)
                    .SetProperty(c => c.CredentialOwner, (Guid?)null).SetProperty(c => c.CredentialId, (Guid?)null),
            ct);
    }

    private static Task<int> CancelAsync(IQueryable<Challenge> challenges, DateTimeOffset now, CancellationToken ct) => challenges
        .Where(c => c.State == ChallengeState.Pending || c.State == ChallengeState.Prompted || c.State == ChallengeState.Approved)
        .ExecuteUpdateAsync(set => set.SetProperty(c => c.State, ChallengeState.Cancelled).SetProperty(c => c.EndedAt, now), ct);
}
