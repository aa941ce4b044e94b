using Countersign.Server.Data;
using Countersign.Server.Features.Clients.NumberSettings;
using Countersign.Server.Features.Confirming.Challenges;
using Countersign.Server.Features.Confirming.Devices;
using Countersign.Server.Features.Ground.Audit;
using Countersign.Server.Features.Registry.Users;
using Microsoft.EntityFrameworkCore;

namespace Countersign.Server.Features.Confirming.DeviceSettings;

/// <summary>
/// Ends a thing for everybody who answers with it: when it was used for the last time, or somebody reported it as lost. All of them
/// are users of one person, so that no stranger can aim it.
/// </summary>
internal sealed class RetireThing(DeviceHistory history, DeviceNotices notices, INumberDevices numbers, UserViews users, AuditTrail audit, TimeProvider time)
{
    private static readonly DeviceStatus[] Held = [DeviceStatus.Ordered, DeviceStatus.Shipped, DeviceStatus.Active, DeviceStatus.Suspended];

    /// <summary>It has given its last answer.</summary>
    public Task UsedUpAsync(CountersignDbContext db, Guid physicalId, Actor actor, CancellationToken ct) =>
        EndAsync(db, physicalId, DeviceStatus.Expired, DeviceEventKind.Expired, AuditEvents.DeviceExpired, by: null, byKind: string.Empty, actor, ct);

    /// <summary>Whoever found it must not answer for another user either.</summary>
    public Task LostAsync(CountersignDbContext db, Guid physicalId, DeviceView by, Actor actor, CancellationToken ct) =>
        EndAsync(db, physicalId, DeviceStatus.Lost, DeviceEventKind.Lost, AuditEvents.DeviceLost, by.Id, by.Kind, actor, ct);

    /// <summary>One of its users has removed it. Where no other one holds it or waits for it, it is never used again.</summary>
    public static async Task RemovedAsync(CountersignDbContext db, Guid physicalId, CancellationToken ct)
    {
        if (!await db.Set<Device>().AnyAsync(d => d.PhysicalId == physicalId && Held.Contains(d.Status), ct))
        {
            await RetireAsync(db, physicalId, ct);
        }
    }

    private async Task EndAsync(
        CountersignDbContext db, Guid physicalId, DeviceStatus to, DeviceEventKind what, string audited, Guid? by, string byKind, Actor actor, CancellationToken ct)
    {
        await RetireAsync(db, physicalId, ct);
        var now = time.GetUtcNow();
        var rows = await db.Set<Device>().AsNoTracking().Where(d => d.PhysicalId == physicalId && Held.Contains(d.Status)).Select(d => new { d.UserId, d.Id, d.Kind, d.Label }).ToListAsync(ct);
        foreach (var row in rows)
        {
            await db.Set<Device>().Where(d => d.UserId == row.UserId && d.Id == row.Id)
                .ExecuteUpdateAsync(set => set.SetProperty(d => d.Status, to).SetProperty(d => d.EndedAt, now).SetProperty(d => d.Preferred, false), ct);
            history.Add(db, row.UserId, row.Id, what, by, actor.Source ?? string.Empty);
            audit.Add(db, audited, row.UserId, actor, ("device", row.Id), ("kind", row.Kind), ("by", by));
            await numbers.LookAgainAsync(db, row.UserId, ct);
            if (await users.FindAsync(db, row.UserId, ct) is { } user)
            {
                await notices.TellAsync(db, user, what, row.Kind, row.Label, byKind, ct);
            }
        }
    }

    private static Task<int> RetireAsync(CountersignDbContext db, Guid physicalId, CancellationToken ct) =>
        db.Set<PhysicalDevice>().Where(p => p.Id == physicalId).ExecuteUpdateAsync(set => set.SetProperty(p => p.Status, PhysicalStatus.Retired), ct);
}
