using Countersign.Server.Data;
using Countersign.Server.Features.Ground.Audit;
using Countersign.Server.Features.Messaging.Notices;
using Countersign.Server.Features.Registry.Users;
using Microsoft.EntityFrameworkCore;

namespace Countersign.Server.Features.Access.Freezing;

/// <summary>What a client may repudiate.</summary>
internal sealed record RepudiationView(UserView User, string Notice, DateTimeOffset At);

/// <summary>Takes a client's word that it was somebody else, and freezes. Looking at what would be repudiated changes nothing.</summary>
internal sealed class Repudiate(Contexts contexts, IWriter writer, UserViews users, FreezeAccess freeze, TimeProvider time)
{
    /// <summary>What the token is about; null when it is unknown, used or too old: nobody is told which.</summary>
    public async Task<RepudiationView?> FindAsync(string? typed, CancellationToken ct)
    {
        if (NotMe.Read(typed) is not { } token)
        {
            return null;
        }

        await using var db = contexts.Read();
        return await LiveAsync(db, token, ct) is { } found && await users.FindAsync(db, found.UserId, ct) is { } user
            ? new RepudiationView(user, found.Notice, found.At)
            : null;
    }

    /// <summary>Spends the token and freezes. False when there was nothing to spend.</summary>
    public async Task<bool> RunAsync(string? typed, string source, CancellationToken ct) =>
        NotMe.Read(typed) is { } token && await writer.RunAsync((db, unit) => SpendAsync(db, token, source, unit), ct);

    private async Task<bool> SpendAsync(CountersignDbContext db, string token, string source, CancellationToken ct)
    {
        var now = time.GetUtcNow();
        var found = await LiveAsync(db, token, ct);
        if (found is null || await users.FindAsync(db, found.UserId, ct) is not { } user
            || await Unused(db, token).ExecuteUpdateAsync(set => set.SetProperty(r => r.UsedAt, now), ct) == 0)
        {
            return false;
        }

        await freeze.RunAsync(db, user, found.Notice, Actor.Client(user.Id, source), ct);
        return true;
    }

    private async Task<Repudiation?> LiveAsync(CountersignDbContext db, string token, CancellationToken ct) =>
        await Unused(db, token).AsNoTracking().SingleOrDefaultAsync(ct) is { } found && found.ExpiresAt > time.GetUtcNow() ? found : null;

    /// <summary>By the key alone: its end, which never changes, is looked at once it is there.</summary>
    private static IQueryable<Repudiation> Unused(CountersignDbContext db, string token)
    {
        var hash = NotMe.Hash(token);
        return db.Set<Repudiation>().Where(r => r.TokenHash == hash && r.UsedAt == null);
    }
}
