using System.Linq.Expressions;
using System.Text;
using Countersign.Server.Data;
using Countersign.Server.Data.Protection;
using Countersign.Server.Features.Clients.NumberSettings;
using Countersign.Server.Features.Confirming.Challenges;
using Countersign.Server.Features.Confirming.Devices;
using Countersign.Server.Features.Confirming.Devices.Tiers;
using Countersign.Server.Features.Confirming.DeviceSettings;
using Countersign.Server.Features.Registry.PhoneNumbers;
using Countersign.Server.Features.Registry.Users;
using Microsoft.EntityFrameworkCore;

namespace Countersign.Server.Features.Kinds.TextMessages;

/// <summary>SMS devices, one for each number: waiting while the number is being verified, active while codes go there.</summary>
internal sealed class NumberDevices(DeviceTiers tiers, DeviceHistory history, RowProtection protection, UserViews users, TimeProvider time) : INumberDevices
{
    /// <summary>What stands in the history where the number, and no person, moved the device.</summary>
    private const string Source = "number";

    /// <summary>What a number may wake: what waits, or was ended by a number or a policy. What its owner reported as lost, or let rest, only its owner wakes.</summary>
    private static readonly Expression<Func<Device, bool>> Sleeping = d => d.Status == DeviceStatus.Ordered || d.Status == DeviceStatus.Revoked || d.Status == DeviceStatus.Expired;

    public async Task<Guid> WaitingAsync(CountersignDbContext db, PhoneNumber number, CancellationToken ct)
    {
        if (await FindAsync(db, number.UserId, number.Id, ct) is { } known)
        {
            // Wrong responses go on counting: asking again must not begin them anew.
            await Row(db, known.UserId, known.Id).Where(Sleeping).ExecuteUpdateAsync(set => set.SetProperty(d => d.Status, DeviceStatus.Ordered), ct);
            return known.Id;
        }

        var device = New(number, DeviceStatus.Ordered);
        db.Add(device);
        await db.SaveChangesAsync(ct);
        return device.Id;
    }

    public async Task AgreedAsync(CountersignDbContext db, PhoneNumber number, DeviceView by, CancellationToken ct)
    {
        var (device, inherited) = (await WaitingAsync(db, number, ct), tiers.NameOf(by));
        await Row(db, number.UserId, device).Where(d => d.Status == DeviceStatus.Ordered).ExecuteUpdateAsync(set => set.SetProperty(d => d.InheritedTier, inherited), ct);
    }

    /// <summary>Verified numbers to which codes may go, the preferred one first: not those whose device was reported as lost, or rests.</summary>
    public static async Task<IReadOnlyList<PhoneNumber>> AnsweringAsync(CountersignDbContext db, Guid userId, CancellationToken ct)
    {
        var silent = await Numbered(db, userId).Where(d => d.Status == DeviceStatus.Lost || d.Status == DeviceStatus.Suspended).Select(d => d.Serial).ToListAsync(ct);
        var numbers = await db.VerifiedNumbersOf(userId).OrderByDescending(n => n.Preferred).ThenBy(n => n.AddedAt).ToListAsync(ct);
        return numbers.FindAll(n => !silent.Contains(Serial(n.Id)));
    }

    Task<IReadOnlyList<PhoneNumber>> INumberDevices.AnsweringAsync(CountersignDbContext db, Guid userId, CancellationToken ct) => AnsweringAsync(db, userId, ct);

    public async Task<bool> IsLastAsync(CountersignDbContext db, Guid userId, Guid numberId, CancellationToken ct) =>
        await AnsweringAsync(db, userId, ct) is [var last] && last.Id == numberId;

    public async Task<Error?> RefusesAsync(CountersignDbContext db, PhoneNumber number, CancellationToken ct) => (await FindAsync(db, number.UserId, number.Id, ct))?.Status switch
    {
        DeviceStatus.Lost => NumberErrors.PhoneLost,
        DeviceStatus.Suspended => NumberErrors.PhoneSuspended,
        _ => null,
    };

    public async Task MoveAsync(CountersignDbContext db, PhoneNumber number, DeviceView? by, CancellationToken ct)
    {
        var serial = Serial(number.Id);
        Expression<Func<Device, bool>> others = d => d.Status == DeviceStatus.Active && d.Serial != serial;

        // The others go only once this one is there, or nothing might be left to sign in with.
        if (await Numbered(db, number.UserId).AnyAsync(others, ct) && await ActivateAsync(db, number, by is null ? null : tiers.NameOf(by), ct) is not null)
        {
            await RevokeAsync(db, number.UserId, others, ct);
        }
    }

    public async Task EndAsync(CountersignDbContext db, Guid userId, Guid numberId, CancellationToken ct)
    {
        var serial = Serial(numberId);
        await RevokeAsync(db, userId, d => d.Serial == serial && d.Status != DeviceStatus.Lost, ct);
        await LookAgainAsync(db, userId, ct);
    }

    public Task LookAgainAsync(CountersignDbContext db, Guid userId, CancellationToken ct) => AutomaticEnrolment.RequestAsync(db, userId, time.GetUtcNow(), ct);

    /// <summary>
    /// Makes the number's device the one that gets codes: the same row again where there was one, so that its wrong responses still
    /// count. Null where it may not: no number wakes what was reported as lost, or rests.
    /// </summary>
    /// <param name="inherited">Tier of the device that agreed to it; null leaves what there is.</param>
    public async Task<Guid?> ActivateAsync(CountersignDbContext db, PhoneNumber number, string? inherited, CancellationToken ct)
    {
        var known = await FindAsync(db, number.UserId, number.Id, ct);
        if (known?.Status == DeviceStatus.Active)
        {
            return known.Id;
        }

        var now = time.GetUtcNow();

        // Whoever has the phone by now: what was trusted before it ended says nothing about it.
        var regime = (await users.FindAsync(db, number.UserId, ct))!.Regime;
        var trusted = (known?.ActivatedAt is null ? number.VerifiedAt ?? now : now) + regime.TrustAge;
        if (known is null)
        {
            known = New(number, DeviceStatus.Active);
            (known.ActivatedAt, known.TrustedAt, known.InheritedTier) = (now, trusted, inherited);
            db.Add(known);
        }
        else if (await Row(db, known.UserId, known.Id).Where(Sleeping).ExecuteUpdateAsync(
            set => set.SetProperty(d => d.Status, DeviceStatus.Active).SetProperty(d => d.ActivatedAt, now).SetProperty(d => d.EndedAt, (DateTimeOffset?)null)
                .SetProperty(d => d.TrustedAt, trusted).SetProperty(d => d.InheritedTier, d => inherited ?? d.InheritedTier),
            ct) == 0)
        {
            return null;
        }

        history.Add(db, known.UserId, known.Id, DeviceEventKind.Activated, by: null, Source);
        return known.Id;
    }

    /// <summary>Ends those of the user's devices that stand for numbers, one by one, so that each has its line of history.</summary>
    private async Task RevokeAsync(CountersignDbContext db, Guid userId, Expression<Func<Device, bool>> which, CancellationToken ct)
    {
        var now = time.GetUtcNow();
        foreach (var id in await Numbered(db, userId).Where(d => d.Status != DeviceStatus.Revoked).Where(which).Select(d => d.Id).ToListAsync(ct))
        {
            await Row(db, userId, id).ExecuteUpdateAsync(set => set.SetProperty(d => d.Status, DeviceStatus.Revoked).SetProperty(d => d.EndedAt, now).SetProperty(d => d.Preferred, false), ct);
            history.Add(db, userId, id, DeviceEventKind.Removed, by: null, Source);
        }
    }

    private Device New(PhoneNumber number, DeviceStatus status)
    {
        var now = time.GetUtcNow();
        var id = Guid.CreateVersion7(now);
        return new Device
        {
            UserId = number.UserId,
            Id = id,
            Kind = TextMessageKind.KindId,
            Serial = Serial(number.Id),
            Label = MobileNumber.Mask(number.E164),
            Status = status,
            State = protection.Protect(Device.StateColumn, number.UserId, id, Encoding.UTF8.GetBytes(number.E164)),
            CreatedAt = now,
        };
    }

    private static Task<Device?> FindAsync(CountersignDbContext db, Guid userId, Guid numberId, CancellationToken ct)
    {
        var serial = Serial(numberId);
        return Numbered(db, userId).AsNoTracking().SingleOrDefaultAsync(d => d.Serial == serial, ct);
    }

    private static IQueryable<Device> Numbered(CountersignDbContext db, Guid userId) => db.Set<Device>().Where(d => d.UserId == userId && d.Kind == TextMessageKind.KindId);

    private static IQueryable<Device> Row(CountersignDbContext db, Guid userId, Guid id) => db.Set<Device>().Where(d => d.UserId == userId && d.Id == id);

    private static string Serial(Guid numberId) => numberId.ToString("N");
}
