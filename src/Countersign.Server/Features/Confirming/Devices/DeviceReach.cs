using Countersign.Server.Data;
using Countersign.Server.Features.Confirming.Devices.Tiers;
using Countersign.Server.Features.Registry.Users;
using Microsoft.EntityFrameworkCore;

namespace Countersign.Server.Features.Confirming.Devices;

/// <summary>
/// Says how far a device reaches and how high a user's bar lies (D1, D2). Until it is trusted a device reaches no further than what
/// confirmed it. What a weaker device suspended or reported as lost goes on counting in the bar for the loss hold, or a weaker device
/// would open the way for itself by ending the stronger one first.
/// </summary>
internal sealed class DeviceReach(KindCatalog kinds, DeviceTiers tiers, UserViews users, TimeProvider time)
{
    public Reach Of(DeviceView device) => new(
        tiers.NameOf(device),
        tiers.IsTrusted(device) ? kinds.Strength(device.Kind) : Confirmed(device.Kind, device.Reach, device.ReachStrength));

    /// <param name="trustedBy">Devices that are trusted later than that count for no more than what confirmed them; null: now.</param>
    public async Task<UserBar> BarAsync(CountersignDbContext db, UserView user, DateTimeOffset? trustedBy, CancellationToken ct)
    {
        var now = time.GetUtcNow();
        var (at, hold) = (trustedBy ?? now, user.Regime.LossHold);
        return new UserBar([.. (await CountingAsync(db, user.Id, now - hold, ct)).Select(Count)], now);

        Counted Count(Counting device)
        {
            var own = kinds.Strength(device.Kind);
            return device.WasTrusted || device.TrustedAt <= at
                ? new Counted(own, own, OwnFrom: null, device.HeldSince + hold)
                : new Counted(Untrusted(device), own, device.TrustedAt, device.HeldSince + hold);
        }
    }

    /// <summary>
    /// From when a device that does not reach the bar does, if nothing else happens; null where time alone does not do it.
    /// </summary>
    public DateTimeOffset? ReachesFrom(DeviceView device, UserBar bar)
    {
        var asItIs = bar.EnoughFrom(Of(device).Strength);
        var trusted = bar.EnoughFrom(kinds.Strength(device.Kind)) is { } from ? Later(from, device.TrustedAt) : null;
        return asItIs <= trusted || trusted is null ? asItIs : trusted;
    }

    /// <summary>Before when none of these devices reaches the bar; null where one does, or none will by waiting.</summary>
    public async Task<DateTimeOffset?> NoneReachesBeforeAsync(
        CountersignDbContext db, UserView user, IReadOnlyList<DeviceView> devices, CancellationToken ct)
    {
        var bar = await BarAsync(db, user, trustedBy: null, ct);
        return devices.Any(d => Of(d).Strength >= bar.Height) ? null : devices.Min(d => ReachesFrom(d, bar));
    }

    /// <summary>
    /// The loss hold of what a device is about to suspend or to report as lost, where that device is below the bar of this moment; null
    /// where it is at the bar, or none agrees.
    /// </summary>
    public async Task<LossHold?> HoldAsync(CountersignDbContext db, DeviceView? with, CancellationToken ct)
    {
        if (with is null || await users.FindAsync(db, with.UserId, ct) is not { } user
            || Of(with).Strength >= (await BarAsync(db, user, trustedBy: null, ct)).Height)
        {
            return null;
        }

        var now = time.GetUtcNow();
        return new LossHold(now, now + user.Regime.LossHold);
    }

    /// <summary>
    /// Until when something is not trusted because a weaker device has suspended a stronger one, or reported it as lost, and what
    /// confirmed this one is weaker too (D1). Null where nothing holds it back.
    /// </summary>
    /// <param name="confirmed">The strength of what confirmed it, as it was then; null where nothing had to.</param>
    public async Task<DateTimeOffset?> HeldBackUntilAsync(
        CountersignDbContext db, UserView user, int? confirmed, CancellationToken ct)
    {
        var after = user.Regime.AfterLoss;
        var ended = await CountingAsync(db, user.Id, time.GetUtcNow() - after, ct);
        return ended.Where(d => confirmed < (d.WasTrusted ? kinds.Strength(d.Kind) : Untrusted(d))).Max(d => d.HeldSince) + after;
    }

    /// <summary>Whether the user has a device that is active and trusted.</summary>
    public Task<bool> AnyActiveTrustedAsync(CountersignDbContext db, Guid userId, CancellationToken ct)
    {
        var now = time.GetUtcNow();
        return db.Set<Device>().AnyAsync(d => d.UserId == userId && d.Status == DeviceStatus.Active && d.TrustedAt <= now, ct);
    }

    public static DateTimeOffset? Later(DateTimeOffset? one, DateTimeOffset? other) => one > other || other is null ? one : other;

    private int Untrusted(Counting device) => Confirmed(device.Kind, device.Reach, device.ReachStrength);

    /// <summary>The release before wrote the tier alone: most of those have the name of a kind, and all others reach nowhere.</summary>
    private int Confirmed(string kind, string? tier, int? strength) =>
        Math.Min(kinds.Strength(kind), strength ?? (tier is null ? int.MaxValue : kinds.Strength(tier)));

    private static async Task<IReadOnlyList<Counting>> CountingAsync(
        CountersignDbContext db, Guid userId, DateTimeOffset since, CancellationToken ct) =>
        await db.Set<Device>().Where(d => d.UserId == userId && (d.Status == DeviceStatus.Active || d.HeldSince > since))
            .Select(d => new Counting(d.Kind, d.TrustedAt, d.WasTrusted, d.Reach, d.ReachStrength, d.HeldSince)).ToListAsync(ct);

    private sealed record Counting(
        string Kind, DateTimeOffset? TrustedAt, bool WasTrusted, string? Reach, int? ReachStrength, DateTimeOffset? HeldSince);
}
