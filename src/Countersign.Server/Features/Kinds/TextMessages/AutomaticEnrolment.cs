using System.Diagnostics.Metrics;
using Countersign.Server.Data;
using Countersign.Server.Features.Confirming.Devices;
using Countersign.Server.Features.Ground.Audit;
using Countersign.Server.Features.Ground.Jobs;
using Countersign.Server.Features.Messaging.Notices;
using Countersign.Server.Features.Registry.PhoneNumbers;
using Countersign.Server.Features.Registry.Users;
using Countersign.Server.Telemetry;
using Microsoft.EntityFrameworkCore;

namespace Countersign.Server.Features.Kinds.TextMessages;

/// <summary>
/// Enrols users who have a verified number and no active device in SMS, shortly after (S6). A phone that was reported as lost, or
/// rests, stays so. Running it twice, or on two nodes, changes nothing more.
/// </summary>
internal sealed class AutomaticEnrolment : IJob
{
    private const int BatchSize = 50;

    private readonly Contexts _contexts;
    private readonly IWriter _writer;
    private readonly NumberDevices _devices;
    private readonly UserViews _users;
    private readonly NoticeBoard _notices;

    /// <summary>Since when the request waits that waited longest when last looked, in microseconds; zero: none does.</summary>
    private long _since;

    public AutomaticEnrolment(
        Contexts contexts, IWriter writer, NumberDevices devices, UserViews users, NoticeBoard notices, IMeterFactory meters,
        TimeProvider time)
    {
        (_contexts, _writer, _devices, _users, _notices) = (contexts, writer, devices, users, notices);
        meters.Countersign().CreateObservableGauge(
            "countersign.enrolment.delay",
            () => Volatile.Read(ref _since) is > 0 and var since
                ? (time.GetUtcNow() - Instants.FromUnixMicroseconds(since)).TotalSeconds
                : 0,
            "s",
            "How long the user who waits longest for a device has waited.");
    }

    public string Name => "enrolment";

    public TimeSpan Every => TimeSpan.FromSeconds(2);

    /// <summary>Handles one batch of requests; returns how many there were.</summary>
    public async Task<int> RunOnceAsync(CancellationToken ct)
    {
        List<EnrolmentRequest> waiting;
        await using (var db = _contexts.Read())
        {
            waiting = await db.Set<EnrolmentRequest>().OrderBy(r => r.At).Take(BatchSize).ToListAsync(ct);
        }

        Volatile.Write(ref _since, waiting is [var first, ..] ? first.At.ToUnixMicroseconds() : 0);
        foreach (var request in waiting)
        {
            await _writer.RunAsync((db, token) => EnrolAsync(db, request.UserId, token), ct);
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
            || await _users.FindAsync(db, userId, ct) is not { } user
            || await _devices.ActivateAsync(db, number, cause, ct) is null)
        {
            return;
        }

        await TellAsync(db, user, request.TellFrom, MobileNumber.Mask(number.E164), ct);
    }

    private async Task TellAsync(CountersignDbContext db, UserView user, DateTimeOffset? from, string number, CancellationToken ct)
    {
        if (from is null)
        {
            await _notices.TellAsync(db, user, Notice.DeviceEnrolled, except: null, ct, number);
        }
        else if (from != EnrolmentRequest.Untold)
        {
            await _notices.TellFromAsync(db, from.Value, user, Notice.DeviceEnrolled, ct, number);
        }
    }
}
