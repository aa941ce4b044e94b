using Countersign.Server.Data;
using Countersign.Server.Features.Ground.Audit;
using Microsoft.EntityFrameworkCore;

namespace Countersign.Server.Features.Confirming.Devices;

/// <summary>Writes and reads what happened to a user's devices. Nothing of it is ever deleted.</summary>
internal sealed class DeviceHistory(TimeProvider time)
{
    private const int Most = 200;

    /// <param name="with">The device that agreed; null where none was asked.</param>
    public void Add(CountersignDbContext db, Guid userId, Guid deviceId, DeviceEventKind what, Actor by, Guid? with)
    {
        var now = time.GetUtcNow();
        db.Add(new DeviceEvent
        {
            UserId = userId,
            Id = Guid.CreateVersion7(now),
            DeviceId = deviceId,
            At = now,
            What = what,
            ByDeviceId = with,
            ActorKind = by.Kind,
            ActorId = by.Id,
            Source = by.Source,
        });
    }

    /// <summary>The newest lines of one device, the newest first.</summary>
    public static async Task<IReadOnlyList<DeviceEvent>> OfAsync(
        CountersignDbContext db, Guid userId, Guid deviceId, CancellationToken ct) =>
        await db.Set<DeviceEvent>().AsNoTracking().Where(e => e.UserId == userId && e.DeviceId == deviceId)
            .OrderByDescending(e => e.At).ThenByDescending(e => e.Id).Take(Most).ToListAsync(ct);
}
