using Countersign.Server.Data;
using Countersign.Server.Data.Protection;
using Countersign.Server.Features.Challenges;
using Microsoft.EntityFrameworkCore;

namespace Countersign.Server.Features.Devices;

/// <summary>Reads devices and opens their state.</summary>
internal sealed class DeviceViews(RowProtection protection)
{
    /// <summary>The user's active devices, the last used one first.</summary>
    public async Task<IReadOnlyList<DeviceView>> ActiveAsync(CountersignDbContext db, Guid userId, CancellationToken ct)
    {
        var devices = await db.Set<Device>().AsNoTracking().Where(d => d.UserId == userId && d.Status == DeviceStatus.Active).ToListAsync(ct);
        return [.. devices.OrderByDescending(d => d.LastUsedAt ?? DateTimeOffset.MinValue).ThenBy(d => d.CreatedAt).Select(Of)];
    }

    public async Task<DeviceView?> FindAsync(CountersignDbContext db, Guid userId, Guid deviceId, CancellationToken ct) =>
        await db.Set<Device>().AsNoTracking().SingleOrDefaultAsync(d => d.UserId == userId && d.Id == deviceId, ct) is { } device ? Of(device) : null;

    public DeviceView Of(Device d) => new(
        d.UserId, d.Id, d.Kind, d.Serial, d.Label, d.Status, d.Position, protection.Unprotect(Device.StateColumn, d.UserId, d.Id, d.State), d.ActivatedAt, d.TrustedAt, d.LastUsedAt);
}
