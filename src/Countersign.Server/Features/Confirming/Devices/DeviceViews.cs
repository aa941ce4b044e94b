using Countersign.Server.Data;
using Microsoft.EntityFrameworkCore;

namespace Countersign.Server.Features.Confirming.Devices;

/// <summary>A device and what answers for it, as they are stored.</summary>
internal sealed class DeviceRows
{
    public required Device Device { get; init; }

    public required Credential Credential { get; init; }
}

/// <summary>Reads devices for other slices.</summary>
internal static class DeviceViews
{
    /// <summary>The user's active devices: the preferred one first, then the last used.</summary>
    public static async Task<IReadOnlyList<DeviceView>> ActiveAsync(CountersignDbContext db, Guid userId, CancellationToken ct) =>
        InOrder(await RowsOf(db, userId).Where(r => r.Device.Status == DeviceStatus.Active).ToListAsync(ct)).ConvertAll(View);

    /// <summary>Whether the user has one that is active.</summary>
    public static Task<bool> AnyActiveAsync(CountersignDbContext db, Guid userId, CancellationToken ct) =>
        db.Set<Device>().AnyAsync(d => d.UserId == userId && d.Status == DeviceStatus.Active, ct);

    /// <summary>Whether the user has, or ever had, one that was active.</summary>
    public static Task<bool> EverActivatedAsync(CountersignDbContext db, Guid userId, CancellationToken ct) =>
        db.Set<Device>().AnyAsync(d => d.UserId == userId && d.ActivatedAt != null, ct);

    /// <summary>All devices that the user has or had.</summary>
    public static async Task<IReadOnlyList<DeviceView>> AllAsync(CountersignDbContext db, Guid userId, CancellationToken ct) =>
        (await RowsOf(db, userId).ToListAsync(ct)).ConvertAll(View);

    public static async Task<DeviceView?> FindAsync(CountersignDbContext db, Guid userId, Guid deviceId, CancellationToken ct) =>
        await RowsOf(db, userId).SingleOrDefaultAsync(r => r.Device.Id == deviceId, ct) is { } rows ? View(rows) : null;

    /// <summary>The rows themselves, for the engine and for kinds that read their own.</summary>
    public static IQueryable<DeviceRows> RowsOf(CountersignDbContext db, Guid userId) =>
        from d in db.Set<Device>().AsNoTracking()
        join c in db.Set<Credential>().AsNoTracking()
            on new { Owner = d.CredentialOwner, Id = d.CredentialId } equals new { Owner = c.OwnerId, c.Id }
        where d.UserId == userId
        select new DeviceRows { Device = d, Credential = c };

    public static List<DeviceRows> InOrder(IEnumerable<DeviceRows> rows) =>
        [.. rows.OrderByDescending(r => r.Device.Preferred)
            .ThenByDescending(r => r.Credential.LastUsedAt ?? DateTimeOffset.MinValue)
            .ThenBy(r => r.Device.CreatedAt)];

    private static DeviceView View(DeviceRows rows) => DeviceView.Of(rows.Device, rows.Credential);
}
