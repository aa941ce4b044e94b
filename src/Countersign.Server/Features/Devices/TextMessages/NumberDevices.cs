using System.Linq.Expressions;
using System.Text;
using Countersign.Server.Data;
using Countersign.Server.Data.Protection;
using Countersign.Server.Features.Devices.Lifecycle;
using Countersign.Server.Features.PhoneNumbers;
using Countersign.Server.Features.Regimes;
using Microsoft.EntityFrameworkCore;

namespace Countersign.Server.Features.Devices.TextMessages;

/// <summary>SMS devices, one for each number: waiting while the number is being verified, active while codes go there.</summary>
internal sealed class NumberDevices(DeviceHistory history, RowProtection protection, RegimeBook regimes, TimeProvider time) : INumberDevices
{
    /// <summary>What stands in the history where the number, and no person, moved the device.</summary>
    private const string Source = "number";

    public async Task<Guid> WaitingAsync(CountersignDbContext db, PhoneNumber number, CancellationToken ct)
    {
        if (await FindAsync(db, number.UserId, number.Id, ct) is { } known)
        {
            // Wrong responses go on counting: asking again must not begin them anew.
            await Row(db, known.UserId, known.Id).Where(d => d.Status != DeviceStatus.Active).ExecuteUpdateAsync(set => set.SetProperty(d => d.Status, DeviceStatus.Ordered), ct);
            return known.Id;
        }

        var device = New(number, DeviceStatus.Ordered);
        db.Add(device);
        await db.SaveChangesAsync(ct);
        return device.Id;
    }

    public async Task MoveAsync(CountersignDbContext db, PhoneNumber number, CancellationToken ct)
    {
        var serial = Serial(number.Id);
        if (await RevokeAsync(db, number.UserId, d => d.Status == DeviceStatus.Active && d.Serial != serial, ct))
        {
            await ActivateAsync(db, number, ct);
        }
    }

    public async Task EndAsync(CountersignDbContext db, Guid userId, Guid numberId, CancellationToken ct)
    {
        var serial = Serial(numberId);
        await RevokeAsync(db, userId, d => d.Serial == serial, ct);
        await LookAgainAsync(db, userId, ct);
    }

    public Task LookAgainAsync(CountersignDbContext db, Guid userId, CancellationToken ct) => AutomaticEnrolment.RequestAsync(db, userId, time.GetUtcNow(), ct);

    /// <summary>Makes the number's device the one that gets codes: the same row again where there was one, so that its wrong responses still count.</summary>
    public async Task<Guid> ActivateAsync(CountersignDbContext db, PhoneNumber number, CancellationToken ct)
    {
        var now = time.GetUtcNow();
        var trustedAt = (number.VerifiedAt ?? now) + regimes.Default.TrustAge;
        if (await FindAsync(db, number.UserId, number.Id, ct) is { } known)
        {
            await Row(db, known.UserId, known.Id).ExecuteUpdateAsync(
                set => set.SetProperty(d => d.Status, DeviceStatus.Active).SetProperty(d => d.ActivatedAt, now).SetProperty(d => d.TrustedAt, trustedAt).SetProperty(d => d.EndedAt, (DateTimeOffset?)null), ct);
            history.Add(db, known.UserId, known.Id, DeviceEventKind.Activated, by: null, Source);
            return known.Id;
        }

        var device = New(number, DeviceStatus.Active);
        (device.ActivatedAt, device.TrustedAt) = (now, trustedAt);
        db.Add(device);
        history.Add(db, device.UserId, device.Id, DeviceEventKind.Activated, by: null, Source);
        return device.Id;
    }

    /// <summary>Ends those of the user's devices that stand for numbers, one by one, so that each has its line of history.</summary>
    private async Task<bool> RevokeAsync(CountersignDbContext db, Guid userId, Expression<Func<Device, bool>> which, CancellationToken ct)
    {
        var now = time.GetUtcNow();
        var ids = await db.Set<Device>().Where(d => d.UserId == userId && d.Kind == TextMessageKind.KindId && d.Status != DeviceStatus.Revoked).Where(which).Select(d => d.Id).ToListAsync(ct);
        foreach (var id in ids)
        {
            await Row(db, userId, id).ExecuteUpdateAsync(set => set.SetProperty(d => d.Status, DeviceStatus.Revoked).SetProperty(d => d.EndedAt, now).SetProperty(d => d.Preferred, false), ct);
            history.Add(db, userId, id, DeviceEventKind.Removed, by: null, Source);
        }

        return ids.Count > 0;
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
        return db.Set<Device>().AsNoTracking().SingleOrDefaultAsync(d => d.UserId == userId && d.Kind == TextMessageKind.KindId && d.Serial == serial, ct);
    }

    private static IQueryable<Device> Row(CountersignDbContext db, Guid userId, Guid id) => db.Set<Device>().Where(d => d.UserId == userId && d.Id == id);

    private static string Serial(Guid numberId) => numberId.ToString("N");
}
