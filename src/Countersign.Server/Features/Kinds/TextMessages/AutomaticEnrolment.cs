using Countersign.Server.Data;
using Countersign.Server.Features.Confirming.Devices;
using Countersign.Server.Features.Ground.Audit;
using Countersign.Server.Features.Ground.Jobs;
using Countersign.Server.Features.Messaging.Notices;
using Countersign.Server.Features.Registry.PhoneNumbers;
using Countersign.Server.Features.Registry.Users;
using Microsoft.EntityFrameworkCore;

namespace Countersign.Server.Features.Kinds.TextMessages;

/// <summary>
/// Enrols users who have a verified number and no active device in SMS, shortly after (S6). A phone that was reported as lost, or
/// rests, stays so. Running it twice, or on two nodes, changes nothing more.
/// </summary>
internal sealed class AutomaticEnrolment(
    Contexts contexts, IWriter writer, NumberDevices devices, DeviceViews views, UserViews users, NoticeBoard notices, AuditTrail audit) : IJob
{
    private const int BatchSize = 50;

    public string Name => "enrolment";

    public TimeSpan Every => TimeSpan.FromSeconds(2);

    /// <summary>Handles one batch of requests; returns how many there were.</summary>
    public async Task<int> RunOnceAsync(CancellationToken ct)
    {
        List<Guid> waiting;
        await using (var db = contexts.Read())
        {
            waiting = await db.Set<EnrolmentRequest>().OrderBy(r => r.At).Select(r => r.UserId).Take(BatchSize).ToListAsync(ct);
        }

        foreach (var userId in waiting)
        {
            await writer.RunAsync((db, token) => EnrolAsync(db, userId, token), ct);
        }

        return waiting.Count;
    }

    /// <summary>Asks for a user to be looked at. Asking twice is asking once.</summary>
    public static async Task RequestAsync(CountersignDbContext db, Guid userId, DateTimeOffset now, CancellationToken ct)
    {
        // Also one that this unit has added and not yet saved.
        if (await db.Set<EnrolmentRequest>().FindAsync([userId], ct) is null)
        {
            db.Add(new EnrolmentRequest { UserId = userId, At = now });
        }
    }

    /// <summary>Enrols a user who waits for it, in the caller's unit of work: true when there is a device now that opens.</summary>
    public async Task<bool> EnrolNowAsync(CountersignDbContext db, Guid userId, CancellationToken ct)
    {
        await EnrolAsync(db, userId, ct);
        await db.SaveChangesAsync(ct);
        return (await views.ActiveAsync(db, userId, ct)).Count > 0;
    }

    private async Task EnrolAsync(CountersignDbContext db, Guid userId, CancellationToken ct)
    {
        // The row is the claim: of two nodes one deletes it.
        if (await db.Set<EnrolmentRequest>().Where(r => r.UserId == userId).ExecuteDeleteAsync(ct) == 0
            || await db.Set<Device>().AnyAsync(d => d.UserId == userId && d.Status == DeviceStatus.Active, ct))
        {
            return;
        }

        if (await NumberDevices.AnsweringAsync(db, userId, ct) is not [var number, ..]
            || await users.FindAsync(db, userId, ct) is not { } user
            || await devices.ActivateAsync(db, number, inherited: null, ct) is not { } deviceId)
        {
            return;
        }

        audit.Add(db, AuditEvents.DeviceEnrolled, userId, Actor.Job(Name), ("device", deviceId), ("kind", TextMessageKind.KindId));
        await notices.TellAsync(db, user, Notice.DeviceEnrolled, except: null, ct, MobileNumber.Mask(number.E164));
    }
}
