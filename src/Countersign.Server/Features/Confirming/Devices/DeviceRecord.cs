using Countersign.Server.Data;
using Countersign.Server.Features.Ground.Audit;
using Countersign.Server.Features.Registry.Users;

namespace Countersign.Server.Features.Confirming.Devices;

/// <summary>Why a device changes.</summary>
/// <param name="By">Who wants it.</param>
internal sealed record Cause(Actor By)
{
    /// <summary>The device that agreed; null where none was asked.</summary>
    public DeviceView? With { get; init; }

    /// <summary>
    /// The kind that whoever acts has in hand, where that is not the device that agreed: its channel is in use and does not count.
    /// </summary>
    public string? KindInHand { get; init; }

    /// <summary>The challenge in which it agreed.</summary>
    public Guid? Challenge { get; init; }

    /// <summary>The session in which it is wanted: it stays when those of the device end.</summary>
    public Guid? Session { get; init; }

    /// <summary>The name of the audit event, where the change has one of its own.</summary>
    public string? Event { get; init; }

    /// <summary>Whether the client hears of it by another notice, such as that of the number that was replaced.</summary>
    public bool ToldElsewhere { get; init; }

    /// <summary>
    /// Until when the device goes on counting in the bar, where it ends by the word of one below that: the client is told on every
    /// channel, and has this long to say that it was somebody else (D1).
    /// </summary>
    public DateTimeOffset? HeldUntil { get; init; }
}

/// <summary>Writes down each change of a device, once in its history and once in the audit, and tells the client.</summary>
internal sealed class DeviceRecord(DeviceHistory history, AuditTrail audit, DeviceNotices notices, UserViews users)
{
    /// <summary>What the client did not do, or hears of when it matters.</summary>
    private static readonly DeviceEventKind[] Untold =
        [DeviceEventKind.Ordered, DeviceEventKind.Shipped, DeviceEventKind.Waiting, DeviceEventKind.Renamed, DeviceEventKind.Preferred];

    public async Task AddAsync(CountersignDbContext db, Device device, DeviceEventKind what, Cause cause, CancellationToken ct)
    {
        history.Add(db, device.UserId, device.Id, what, cause.By, cause.With?.Id);
        List<(string, object?)> facts = [("device", device.Id), ("kind", device.Kind)];
        if (cause.With is { } with)
        {
            facts.Add(("with", with.Id));
        }

        if (cause.Challenge is { } challenge)
        {
            facts.Add(("challenge", challenge));
        }

        audit.Add(db, cause.Event ?? EventOf(what), device.UserId, cause.By, [.. facts]);
        if (!cause.ToldElsewhere && !Untold.Contains(what) && await users.FindAsync(db, device.UserId, ct) is { } user)
        {
            await (cause.HeldUntil is { } until
                ? notices.TellHeldAsync(db, user, device, until, ct)
                : notices.TellAsync(db, user, what, device, cause.KindInHand ?? cause.With?.Kind, ct));
        }
    }

    private static string EventOf(DeviceEventKind what) => what switch
    {
        DeviceEventKind.Ordered => AuditEvents.DeviceOrdered,
        DeviceEventKind.Shipped => AuditEvents.DeviceShipped,
        DeviceEventKind.Waiting => AuditEvents.DeviceWaiting,
        DeviceEventKind.Activated => AuditEvents.DeviceActivated,
        DeviceEventKind.Renamed => AuditEvents.DeviceRenamed,
        DeviceEventKind.Preferred => AuditEvents.DevicePreferred,
        DeviceEventKind.Suspended => AuditEvents.DeviceSuspended,
        DeviceEventKind.Resumed => AuditEvents.DeviceResumed,
        DeviceEventKind.Locked => AuditEvents.DeviceLocked,
        DeviceEventKind.Unlocked => AuditEvents.DeviceUnlocked,
        DeviceEventKind.Lost => AuditEvents.DeviceLost,
        DeviceEventKind.Released => AuditEvents.DeviceReleased,
        DeviceEventKind.Removed => AuditEvents.DeviceRemoved,
        DeviceEventKind.Expired => AuditEvents.DeviceExpired,
        _ => throw new System.Diagnostics.UnreachableException(),
    };
}
