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
    Contexts contexts, IWriter writer, NumberDevices devices, UserViews users, NoticeBoard notices) : IJob
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

    /// <summary>
    /// Enrols a user who waits for it, in the caller's unit of work: true when there is an active device now, whether it was
    /// enrolled here or by a node that did so meanwhile.
    /// </summary>
    public async Task<bool> EnrolNowAsync(CountersignDbContext db, Guid userId, CancellationToken ct)
    {
        await EnrolAsync(db, userId, ct);
        await db.SaveChangesAsync(ct);
        return await DeviceViews.AnyActiveAsync(db, userId, ct);
    }

    private async Task EnrolAsync(CountersignDbContext db, Guid userId, CancellationToken ct)
    {
        // The row is the claim: of two nodes one deletes it.
        var request = await db.Set<EnrolmentRequest>().AsNoTracking().SingleOrDefaultAsync(r => r.UserId == userId, ct);
        if (request is null || await db.Set<EnrolmentRequest>().Where(r => r.UserId == userId).ExecuteDeleteAsync(ct) == 0
            || await DeviceViews.AnyActiveAsync(db, userId, ct))
        {
            return;
        }

        var cause = new Cause(Actor.Job(Name)) { Event = AuditEvents.DeviceEnrolled, ToldElsewhere = true };
        if (await LastDevice.AnsweringNumbersAsync(db, userId, ct) is not [var number, ..]
            || await users.FindAsync(db, userId, ct) is not { } user
            || await devices.ActivateAsync(db, number, cause, ct) is null)
        {
            return;
        }

        await TellAsync(db, user, request.TellFrom, MobileNumber.Mask(number.E164), ct);
    }

    private async Task TellAsync(CountersignDbContext db, UserView user, DateTimeOffset? from, string number, CancellationToken ct)
    {
        if (from is null)
        {
            await notices.TellAsync(db, user, Notice.DeviceEnrolled, except: null, ct, number);
        }
        else if (from != EnrolmentRequest.Untold)
        {
            await notices.TellFromAsync(db, from.Value, user, Notice.DeviceEnrolled, ct, number);
        }
    }
}
