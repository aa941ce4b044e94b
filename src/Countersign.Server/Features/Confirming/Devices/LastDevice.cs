using Countersign.Server.Data;
using Countersign.Server.Features.Registry.PhoneNumbers;
using Microsoft.EntityFrameworkCore;

namespace Countersign.Server.Features.Confirming.Devices;

/// <summary>Says whether a user would have nothing left to sign in with.</summary>
internal sealed class LastDevice(KindCatalog kinds)
{
    /// <summary>Whether the device is the only active one, and no verified number could get text messages in its place.</summary>
    public async Task<bool> IsAsync(CountersignDbContext db, Guid userId, Guid deviceId, CancellationToken ct)
    {
        var device = await db.Set<Device>().AsNoTracking().SingleOrDefaultAsync(
            d => d.UserId == userId && d.Id == deviceId && d.Status == DeviceStatus.Active, ct);
        return device is not null && !await HasOtherAsync(db, userId, deviceId, ct)
            && (kinds.Find(device.Kind)?.Traits.Channel == KindChannel.Sms || (await AnsweringNumbersAsync(db, userId, ct)).Count == 0);
    }

    public static Task<bool> HasOtherAsync(CountersignDbContext db, Guid userId, Guid deviceId, CancellationToken ct) =>
        db.Set<Device>().AnyAsync(d => d.UserId == userId && d.Id != deviceId && d.Status == DeviceStatus.Active, ct);

    /// <summary>
    /// Verified numbers to which codes may go, the preferred one first: not those whose device was reported as lost, or rests.
    /// </summary>
    public static async Task<IReadOnlyList<PhoneNumber>> AnsweringNumbersAsync(CountersignDbContext db, Guid userId, CancellationToken ct)
    {
        var silent = await DeviceViews.RowsOf(db, userId)
            .Where(r => r.Device.Status == DeviceStatus.Lost || r.Device.Status == DeviceStatus.Suspended)
                .Select(r => r.Credential.Serial).ToListAsync(ct);
        var numbers = await db.VerifiedNumbersOf(userId).OrderByDescending(n => n.Preferred).ThenBy(n => n.AddedAt).ToListAsync(ct);
        return numbers.FindAll(n => !silent.Contains(n.Id.ToString("N")));
    }
}
