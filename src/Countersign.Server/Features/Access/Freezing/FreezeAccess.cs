using Countersign.Server.Data;
using Countersign.Server.Features.Access.Sessions;
using Countersign.Server.Features.Confirming.Challenges;
using Countersign.Server.Features.Ground.Audit;
using Countersign.Server.Features.Messaging.Notices;
using Countersign.Server.Features.Registry.Users;
using Microsoft.EntityFrameworkCore;

namespace Countersign.Server.Features.Access.Freezing;

/// <summary>What a client may repudiate.</summary>
internal sealed record RepudiationView(UserView User, string Notice, DateTimeOffset At);

/// <summary>
/// Freezes a user: challenges and sessions end and nothing new begins, in one transaction (D10). Looking at what would be
/// repudiated changes nothing.
/// </summary>
internal sealed class FreezeAccess(Contexts contexts, IWriter writer, UserViews users, EndSessions sessions, NoticeBoard notices, AuditTrail audit, TimeProvider time)
{
    /// <summary>What the token is about; null when it is unknown, used or too old: nobody is told which.</summary>
    public async Task<RepudiationView?> FindAsync(string? typed, CancellationToken ct)
    {
        if (NotMe.Read(typed) is not { } token)
        {
            return null;
        }

        await using var db = contexts.Read();
        return await Live(db, token).SingleOrDefaultAsync(ct) is { } found && await users.FindAsync(db, found.UserId, ct) is { } user ? new RepudiationView(user, found.Notice, found.At) : null;
    }

    /// <summary>Spends the token and freezes. False when there was nothing to spend.</summary>
    public async Task<bool> RunAsync(string? typed, string source, CancellationToken ct) =>
        NotMe.Read(typed) is { } token && await writer.RunAsync((db, unit) => FreezeAsync(db, token, source, unit), ct);

    private async Task<bool> FreezeAsync(CountersignDbContext db, string token, string source, CancellationToken ct)
    {
        var now = time.GetUtcNow();
        var found = await Live(db, token).SingleOrDefaultAsync(ct);
        if (found is null || await users.FindAsync(db, found.UserId, ct) is not { } user
            || await Live(db, token).ExecuteUpdateAsync(set => set.SetProperty(r => r.UsedAt, now), ct) == 0)
        {
            return false;
        }

        await db.Set<User>().Where(u => u.Id == user.Id && u.FrozenAt == null).ExecuteUpdateAsync(set => set.SetProperty(u => u.FrozenAt, now), ct);
        await ChallengePrompting.CancelAllAsync(db, user.Id, now, ct);
        var ended = await sessions.OthersAsync(db, user.Id, keep: Guid.Empty, Actor.Client(user.Id, source), ct);
        audit.Add(db, AuditEvents.Frozen, user.Id, Actor.Client(user.Id, source), ("notice", found.Notice), ("sessions", ended));
        await notices.TellAsync(db, user, Notice.AccessFrozen, except: null, ct);
        return true;
    }

    private IQueryable<Repudiation> Live(CountersignDbContext db, string token)
    {
        var (hash, now) = (NotMe.Hash(token), time.GetUtcNow());
        return db.Set<Repudiation>().Where(r => r.TokenHash == hash && r.UsedAt == null && r.ExpiresAt > now);
    }
}
