using Countersign.Server.Data;
using Countersign.Server.Data.Protection;
using Countersign.Server.Features.Confirming.Challenges;
using Microsoft.EntityFrameworkCore;

namespace Countersign.Server.Features.Confirming.Devices;

/// <summary>Reads devices and opens their state. One whose state does not open, such as another row's, is none (D28).</summary>
internal sealed class DeviceViews(RowProtection protection)
{
    /// <summary>The user's active devices as the picker shows them: the preferred one first, then the last used.</summary>
    /// <param name="unreadable">Is told of those that do not open.</param>
    public async Task<IReadOnlyList<DeviceView>> ActiveAsync(CountersignDbContext db, Guid userId, CancellationToken ct, Action<Guid>? unreadable = null)
    {
        var devices = await Rows(db, userId).Where(r => r.Device.Status == DeviceStatus.Active).ToListAsync(ct);
        return [.. devices.OrderByDescending(r => r.Device.Preferred).ThenByDescending(r => r.Device.LastUsedAt ?? DateTimeOffset.MinValue).ThenBy(r => r.Device.CreatedAt).Select(Opened).OfType<DeviceView>()];

        DeviceView? Opened(Row row)
        {
            var view = Of(row.Device, row.Physical);
            if (view is null)
            {
                unreadable?.Invoke(row.Device.Id);
            }

            return view;
        }
    }

    /// <summary>The user's devices that are in one of these states.</summary>
    public async Task<IReadOnlyList<DeviceView>> WithStatusAsync(CountersignDbContext db, Guid userId, DeviceStatus[] statuses, CancellationToken ct) =>
        [.. (await Rows(db, userId).Where(r => statuses.Contains(r.Device.Status)).ToListAsync(ct)).Select(r => Of(r.Device, r.Physical)).OfType<DeviceView>()];

    public async Task<DeviceView?> FindAsync(CountersignDbContext db, Guid userId, Guid deviceId, CancellationToken ct) =>
        await Rows(db, userId).SingleOrDefaultAsync(r => r.Device.Id == deviceId, ct) is { } found ? Of(found.Device, found.Physical) : null;

    /// <summary>Null: its state does not open.</summary>
    public DeviceView? Of(Device d, PhysicalDevice? physical)
    {
        if (protection.Open(d, physical) is not { } state)
        {
            return null;
        }

        return new DeviceView(
            d.UserId, d.Id, d.Kind, d.Serial, d.Label, d.Status, physical?.Position ?? d.Position, state, physical?.Version ?? d.Version, d.CreatedAt, d.ActivatedAt, d.TrustedAt, d.LastUsedAt,
            d.InheritedTier, d.Preferred, d.PhysicalId);
    }

    private static IQueryable<Row> Rows(CountersignDbContext db, Guid userId) =>
        from d in db.Set<Device>().AsNoTracking()
        from p in db.Set<PhysicalDevice>().AsNoTracking().Where(p => p.Id == d.PhysicalId).DefaultIfEmpty()
        where d.UserId == userId
        select new Row { Device = d, Physical = p };

    private sealed class Row
    {
        public required Device Device { get; init; }

        public PhysicalDevice? Physical { get; init; }
    }
}
