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
    private static readonly SqlQuery<DeviceRows> Active = Where("d.user_id = $1 AND d.status = 'Active'");
    private static readonly SqlQuery<DeviceRows> One = Where("d.user_id = $1 AND d.id = $2 AND d.status = $3");

    /// <summary>The user's active devices: the preferred one first, then the last used.</summary>
    public static async Task<IReadOnlyList<DeviceView>> ActiveAsync(CountersignDbContext db, Guid userId, CancellationToken ct) =>
        InOrder(await db.ActiveDevicesAsync(userId, ct)).ConvertAll(View);

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

    /// <summary>One device, while it has that status.</summary>
    public static ValueTask<DeviceRows?> DeviceAsync(
        this CountersignDbContext db, Guid userId, Guid deviceId, DeviceStatus status, CancellationToken ct) =>
        db.ReadOneAsync(One, [userId, deviceId, status.ToString()], ct);

    /// <summary>Those that are active, in no order.</summary>
    public static ValueTask<IReadOnlyList<DeviceRows>> ActiveDevicesAsync(
        this CountersignDbContext db, Guid userId, CancellationToken ct) => db.ReadAsync(Active, [userId], ct);

    public static List<DeviceRows> InOrder(IEnumerable<DeviceRows> rows) =>
        [.. rows.OrderByDescending(r => r.Device.Preferred)
            .ThenByDescending(r => r.Credential.LastUsedAt ?? DateTimeOffset.MinValue)
            .ThenBy(r => r.Device.CreatedAt)];

    private static SqlQuery<DeviceRows> Where(string condition) => new(model =>
    {
        var (d, k) = (Rows<Device>.Of(model), Rows<Credential>.Of(model));
        return (
            $"""
            SELECT {d.Columns("d")}, {k.Columns("k")}
            FROM devices d JOIN credentials k ON k.owner_id = d.credential_owner AND k.id = d.credential_id
            WHERE {condition}
            """,
            row => new DeviceRows { Device = d.Read(row, 0), Credential = k.Read(row, d.Width) });
    });

    private static DeviceView View(DeviceRows rows) => DeviceView.Of(rows.Device, rows.Credential);
}
