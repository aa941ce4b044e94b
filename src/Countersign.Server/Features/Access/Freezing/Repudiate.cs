using Countersign.Server.Data;
using Countersign.Server.Features.Ground.Audit;
using Countersign.Server.Features.Messaging.Notices;
using Countersign.Server.Features.Registry.Users;
using Microsoft.EntityFrameworkCore;

namespace Countersign.Server.Features.Access.Freezing;

/// <summary>What a client may repudiate, or has: then the user is frozen still.</summary>
internal sealed record RepudiationView(UserView User, string Notice, DateTimeOffset At, bool Done);

/// <summary>Takes a client's word that it was somebody else, and freezes. Looking at what would be repudiated changes nothing.</summary>
internal sealed class Repudiate(Contexts contexts, IWriter writer, UserViews users, FreezeAccess freeze, TimeProvider time)
{
    /// <summary>
    /// What the token is about; null when it is unknown, too old, or was used for a freeze that is over: nobody is told which. A notice
    /// goes to several channels with one token, and people press twice: as long as the freeze lasts they get what the first press did.
    /// </summary>
    public async Task<RepudiationView?> FindAsync(string? typed, CancellationToken ct)
    {
        if (NotMe.Read(typed) is not { } token)
        {
            return null;
        }

        await using var db = contexts.Read();
        return await LiveAsync(db, token, ct) is { } found && await users.FindAsync(db, found.UserId, ct) is { } user
            && (found.UsedAt is null || user.FrozenAt is not null)
            ? new RepudiationView(user, found.Notice, found.At, Done: found.UsedAt is not null)
            : null;
    }

    /// <summary>Spends the token and freezes. False when there was nothing to spend, and nothing is frozen by it.</summary>
    public async Task<bool> RunAsync(string? typed, string source, CancellationToken ct) =>
        NotMe.Read(typed) is { } token && await writer.RunAsync((db, unit) => SpendAsync(db, token, source, unit), ct);

    private async Task<bool> SpendAsync(CountersignDbContext db, string token, string source, CancellationToken ct)
    {
        var now = time.GetUtcNow();
        var found = await LiveAsync(db, token, ct);
        if (found is null || await users.FindAsync(db, found.UserId, ct) is not { } user)
        {
            return false;
        }

        if (found.UsedAt is not null)
        {
            return user.FrozenAt is not null;
        }

        // Of two presses at once one freezes, and both are told so.
        if (await Of(db, token).Where(r => r.UsedAt == null).ExecuteUpdateAsync(set => set.SetProperty(r => r.UsedAt, now), ct) == 1)
        {
            await freeze.RunAsync(db, user, found.Notice, Actor.Client(user.Id, source), ct);
        }

        return true;
    }

    private async Task<Repudiation?> LiveAsync(CountersignDbContext db, string token, CancellationToken ct) =>
        await Of(db, token).AsNoTracking().SingleOrDefaultAsync(ct) is { } found && found.ExpiresAt > time.GetUtcNow() ? found : null;

    /// <summary>By the key alone: its end, which never changes, is looked at once it is there.</summary>
    private static IQueryable<Repudiation> Of(CountersignDbContext db, string token)
    {
        var hash = NotMe.Hash(token);
        return db.Set<Repudiation>().Where(r => r.TokenHash == hash);
    }
}
