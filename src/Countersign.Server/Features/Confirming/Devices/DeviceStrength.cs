using Countersign.Server.Data;
using Countersign.Server.Features.Registry.Users;
using Microsoft.EntityFrameworkCore;

namespace Countersign.Server.Features.Confirming.Devices;

/// <summary>
/// Says how strong a device must be to agree to something: as strong as the strongest that is the client's, or was a moment ago.
/// One that was suspended or reported as lost within the trust age still counts, or a weaker device would open the way for itself by
/// ending the stronger one first.
/// </summary>
internal sealed class DeviceStrength(KindCatalog kinds, TimeProvider time)
{
    /// <summary>For what a device adds.</summary>
    public async Task<int> StrongestAsync(CountersignDbContext db, UserView user, CancellationToken ct) =>
        Most(await HeldAsync(db, user, time.GetUtcNow(), ct));

    /// <summary>
    /// For what is taken away: devices that are trusted decide, where there is one. What a thief added a moment ago must not keep
    /// the client from removing it.
    /// </summary>
    public async Task<int> StrongestTrustedAsync(CountersignDbContext db, UserView user, CancellationToken ct)
    {
        var held = await HeldAsync(db, user, time.GetUtcNow(), ct);
        return Most(held.Any(h => h.Trusted) ? held.Where(h => h.Trusted) : held);
    }

    /// <summary>For opening what was frozen at an instant: what was trusted then, whatever has become of it since (D26).</summary>
    public async Task<int> StrongestTrustedAtAsync(CountersignDbContext db, UserView user, DateTimeOffset at, CancellationToken ct) =>
        Most((await HeldAsync(db, user, at, ct)).Where(h => h.Trusted));

    /// <summary>Whether the user has a device that is active and trusted.</summary>
    public Task<bool> AnyActiveTrustedAsync(CountersignDbContext db, Guid userId, CancellationToken ct)
    {
        var now = time.GetUtcNow();
        return db.Set<Device>().AnyAsync(d => d.UserId == userId && d.Status == DeviceStatus.Active && d.TrustedAt <= now, ct);
    }

    private static async Task<IReadOnlyList<(string Kind, bool Trusted)>> HeldAsync(
        CountersignDbContext db, UserView user, DateTimeOffset at, CancellationToken ct)
    {
        var since = at - user.Regime.TrustAge;
        var held = await db.Set<Device>()
            .Where(d => d.UserId == user.Id
                && (d.Status == DeviceStatus.Active
                    || ((d.Status == DeviceStatus.Suspended || d.Status == DeviceStatus.Lost) && d.EndedAt > since)))
            .Select(d => new { d.Kind, Trusted = d.TrustedAt != null && d.TrustedAt <= at }).Distinct().ToListAsync(ct);
        return held.ConvertAll(d => (d.Kind, d.Trusted));
    }

    private int Most(IEnumerable<(string Kind, bool Trusted)> held) => held.Select(h => kinds.Strength(h.Kind)).DefaultIfEmpty().Max();
}
