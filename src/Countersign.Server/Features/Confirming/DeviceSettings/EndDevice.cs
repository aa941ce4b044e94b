using Countersign.Server.Data;
using Countersign.Server.Features.Access.Sessions;
using Countersign.Server.Features.Clients.NumberSettings;
using Countersign.Server.Features.Confirming.Challenges;
using Countersign.Server.Features.Confirming.Devices;
using Countersign.Server.Features.Confirming.Devices.Tiers;
using Countersign.Server.Features.Ground.Audit;
using Countersign.Server.Features.Registry.Users;
using Microsoft.EntityFrameworkCore;

namespace Countersign.Server.Features.Confirming.DeviceSettings;

/// <summary>Suspends, resumes, or ends a device, each by one conditional UPDATE, and tells the client on every other channel.</summary>
internal sealed class EndDevice(DeviceViews devices, DeviceTiers tiers, DeviceHistory history, DeviceNotices notices, RetireThing things, EndSessions sessions, INumberDevices numbers, AuditTrail audit, TimeProvider time)
{
    public async Task<Outcome> CompleteAsync(CountersignDbContext db, ChallengeView approved, DeviceChangeSubject change, DeviceView by, CancellationToken ct)
    {
        var (user, deviceId) = (approved.User, change.DeviceId!.Value);
        if (change.Change != DeviceChange.Resume && await IsLastAsync(db, user.Id, deviceId, ct))
        {
            return new Outcome(null, DeviceErrors.OnlyOne);
        }

        var changed = change.Change == DeviceChange.Resume
            ? await ResumeAsync(db, user, deviceId, by, ct)
            : await EndAsync(db, user.Id, deviceId, Status(change.Change), ct);
        if (!changed)
        {
            return new Outcome(null, DeviceErrors.Gone);
        }

        var what = Event(change.Change);
        history.Add(db, user.Id, deviceId, what, by.Id, approved.Source);
        audit.Add(
            db, Audited(what), user.Id, Actor.Client(user.Id, approved.Source),
            ("device", deviceId), ("kind", change.Kind), ("by", by.Id));

        if (change.Change == DeviceChange.Lost)
        {
            // Whoever found it may sit in a session that it began.
            await sessions.OfDeviceAsync(db, user.Id, deviceId, change.Session, Actor.Client(user.Id, approved.Source), ct);
        }

        if (await ThingAsync(db, user.Id, deviceId, ct) is { } thing)
        {
            await (change.Change switch
            {
                DeviceChange.Lost => things.LostAsync(db, thing, by, Actor.Client(user.Id, approved.Source), ct),
                DeviceChange.Remove => RetireThing.RemovedAsync(db, thing, ct),
                _ => Task.CompletedTask,
            });
        }

        // Who has no device left gets text messages back, where there is a number (S6).
        await numbers.LookAgainAsync(db, user.Id, ct);
        await notices.TellAsync(db, user, what, change.Kind, change.Label, by.Kind, ct);
        return new Outcome(null);
    }

    private async Task<bool> EndAsync(CountersignDbContext db, Guid userId, Guid deviceId, DeviceStatus to, CancellationToken ct)
    {
        var now = time.GetUtcNow();
        var rows = db.Set<Device>().Where(d => d.UserId == userId && d.Id == deviceId && d.Status != to);
        rows = to == DeviceStatus.Suspended
            ? rows.Where(d => d.Status == DeviceStatus.Active)
            : rows.Where(d => d.Status == DeviceStatus.Active || d.Status == DeviceStatus.Suspended || d.Status == DeviceStatus.Ordered || d.Status == DeviceStatus.Shipped);
        if (await rows.ExecuteUpdateAsync(set => set.SetProperty(d => d.Status, to).SetProperty(d => d.EndedAt, now).SetProperty(d => d.Preferred, false), ct) == 0)
        {
            return false;
        }

        return true;
    }

    /// <summary>Asked again under a lock: another change may have been agreed to since this one was asked for.</summary>
    private static async Task<bool> IsLastAsync(CountersignDbContext db, Guid userId, Guid deviceId, CancellationToken ct)
    {
        await UserLock.TakeAsync(db, userId, ct);
        return await db.Set<Device>().AsNoTracking().SingleOrDefaultAsync(d => d.UserId == userId && d.Id == deviceId && d.Status == DeviceStatus.Active, ct) is { } device
            && await ChangeDevices.IsLastAsync(db, userId, device, ct);
    }

    private static Task<Guid?> ThingAsync(CountersignDbContext db, Guid userId, Guid deviceId, CancellationToken ct) =>
        db.Set<Device>().Where(d => d.UserId == userId && d.Id == deviceId).Select(d => d.PhysicalId).SingleAsync(ct);

    /// <summary>Like adding it again: until its trust age ends it has no more than the device that agreed (D2).</summary>
    private async Task<bool> ResumeAsync(CountersignDbContext db, UserView user, Guid deviceId, DeviceView by, CancellationToken ct)
    {
        if (await devices.FindAsync(db, user.Id, deviceId, ct) is not { } device)
        {
            return false;
        }

        var (inherited, trusted) = (tiers.NameOf(by), tiers.TrustedAt(device, user.Regime));
        return await db.Set<Device>().Where(d => d.UserId == user.Id && d.Id == deviceId && d.Status == DeviceStatus.Suspended)
            .ExecuteUpdateAsync(
                set => set.SetProperty(d => d.Status, DeviceStatus.Active).SetProperty(d => d.EndedAt, (DateTimeOffset?)null)
                    .SetProperty(d => d.InheritedTier, inherited).SetProperty(d => d.TrustedAt, trusted),
                ct) == 1;
    }

    private static DeviceStatus Status(DeviceChange change) => change switch
    {
        DeviceChange.Suspend => DeviceStatus.Suspended,
        DeviceChange.Lost => DeviceStatus.Lost,
        _ => DeviceStatus.Revoked,
    };

    private static DeviceEventKind Event(DeviceChange change) => change switch
    {
        DeviceChange.Suspend => DeviceEventKind.Suspended,
        DeviceChange.Resume => DeviceEventKind.Resumed,
        DeviceChange.Lost => DeviceEventKind.Lost,
        _ => DeviceEventKind.Removed,
    };

    private static string Audited(DeviceEventKind what) => what switch
    {
        DeviceEventKind.Suspended => AuditEvents.DeviceSuspended,
        DeviceEventKind.Resumed => AuditEvents.DeviceResumed,
        DeviceEventKind.Lost => AuditEvents.DeviceLost,
        _ => AuditEvents.DeviceRemoved,
    };
}
