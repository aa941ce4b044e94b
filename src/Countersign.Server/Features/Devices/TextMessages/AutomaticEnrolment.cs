using System.Text;
using Countersign.Server.Data;
using Countersign.Server.Data.Protection;
using Countersign.Server.Features.Audit;
using Countersign.Server.Features.Notices;
using Countersign.Server.Features.PhoneNumbers;
using Countersign.Server.Features.Users;
using Microsoft.EntityFrameworkCore;

namespace Countersign.Server.Features.Devices.TextMessages;

/// <summary>Enrols users who have a verified number and no active device in SMS, shortly after (S6). Running it twice, or on two nodes, changes nothing more.</summary>
internal sealed partial class AutomaticEnrolment(
    Contexts contexts, IWriter writer, RowProtection protection, UserViews users, NoticeBoard notices, AuditTrail audit, TimeProvider time, ILogger<AutomaticEnrolment> logger)
    : BackgroundService
{
    private const int BatchSize = 50;
    private static readonly TimeSpan Every = TimeSpan.FromSeconds(2);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(Every, time);
        do
        {
            try
            {
                while (await RunOnceAsync(stoppingToken) == BatchSize)
                {
                }
            }
            catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
            {
                return;
            }
#pragma warning disable CA1031 // The top of a background loop: the database may be away; the requests wait.
            catch (Exception e)
#pragma warning restore CA1031
            {
                LogFailed(e);
            }
        }
        while (await timer.WaitForNextTickAsync(stoppingToken).AsTask().ContinueWith(t => t.IsCompletedSuccessfully && t.Result, TaskScheduler.Default));
    }

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
        if (!await db.Set<EnrolmentRequest>().AnyAsync(r => r.UserId == userId, ct))
        {
            db.Add(new EnrolmentRequest { UserId = userId, At = now });
        }
    }

    private async Task EnrolAsync(CountersignDbContext db, Guid userId, CancellationToken ct)
    {
        // The row is the claim: of two nodes one deletes it.
        if (await db.Set<EnrolmentRequest>().Where(r => r.UserId == userId).ExecuteDeleteAsync(ct) == 0
            || await db.Set<Device>().AnyAsync(d => d.UserId == userId && d.Status == DeviceStatus.Active, ct))
        {
            return;
        }

        var number = await db.Set<PhoneNumber>().AsNoTracking().Where(n => n.UserId == userId && n.VerifiedAt != null).OrderByDescending(n => n.Preferred).FirstOrDefaultAsync(ct);
        if (number is null || await users.FindAsync(db, userId, ct) is not { } user)
        {
            return;
        }

        var now = time.GetUtcNow();
        var deviceId = await ActivateAsync(db, number, now, ct);
        audit.Add(db, AuditEvents.DeviceEnrolled, userId, "enrolment", ("device", deviceId), ("kind", TextMessageKind.KindId));
        await notices.TellAsync(db, user, Notice.DeviceEnrolled, except: null, ct, MobileNumber.Mask(number.E164));
    }

    private async Task<Guid> ActivateAsync(CountersignDbContext db, PhoneNumber number, DateTimeOffset now, CancellationToken ct)
    {
        var serial = number.Id.ToString("N");
        var ended = await db.Set<Device>().AsNoTracking().SingleOrDefaultAsync(d => d.UserId == number.UserId && d.Kind == TextMessageKind.KindId && d.Serial == serial, ct);
        if (ended is not null)
        {
            // SMS came back after the last other device went (S6): the same row, so that its wrong responses still count.
            await db.Set<Device>().Where(d => d.UserId == ended.UserId && d.Id == ended.Id)
                .ExecuteUpdateAsync(set => set.SetProperty(d => d.Status, DeviceStatus.Active).SetProperty(d => d.ActivatedAt, now), ct);
            return ended.Id;
        }

        var id = Guid.CreateVersion7(now);
        db.Add(new Device
        {
            UserId = number.UserId,
            Id = id,
            Kind = TextMessageKind.KindId,
            Serial = serial,
            Label = MobileNumber.Mask(number.E164),
            Status = DeviceStatus.Active,
            State = protection.Protect(Device.StateColumn, number.UserId, id, Encoding.UTF8.GetBytes(number.E164)),
            CreatedAt = now,
            ActivatedAt = now,
            TrustedAt = now,
        });
        return id;
    }

    [LoggerMessage(4001, LogLevel.Error, "Automatic enrolment failed and will try again.")]
    private partial void LogFailed(Exception exception);
}
