using Countersign.Server.Data;
using Countersign.Server.Features.Access.Sessions;
using Countersign.Server.Features.Registry.Users;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Query;

namespace Countersign.Server.Features.Confirming.Devices;

/// <summary>
/// Something that ends with a device, besides its sessions. Joined by whoever has it; every call is part of the unit that ends the
/// device.
/// </summary>
internal interface IEndsWithDevice
{
    Task EndAsync(CountersignDbContext db, Guid userId, Guid deviceId, CancellationToken ct);
}

/// <summary>A device that is to be made.</summary>
/// <param name="Status">Ordered, Shipped, Waiting, or Active for what was shown elsewhere to be in the client's hands.</param>
/// <param name="Tier">Name of the tier that it has once it is trusted.</param>
internal sealed record NewDevice(Guid UserId, CredentialView Credential, string Label, DeviceStatus Status, string Tier)
{
    /// <summary>How far what confirmed it went; null where nothing had to.</summary>
    public Reach? Reach { get; init; }

    /// <inheritdoc cref="Device.TrustedAt"/>
    public DateTimeOffset? TrustedAt { get; init; }

    /// <inheritdoc cref="Device.OrderedIn"/>
    public Guid? OrderedIn { get; init; }

    /// <inheritdoc cref="Device.WaitsUntil"/>
    public DateTimeOffset? WaitsUntil { get; init; }
}

/// <summary>
/// The one place where a device is made, activated, suspended, resumed and ended, whoever wants it. Each is one conditional UPDATE,
/// with its line of history, its audit row, its notice, and what ends with it. Who ends, ends in this order: challenges, credential,
/// device, sessions, so that two units never wait for each other in a circle.
/// </summary>
internal sealed class DeviceLife(
    DevicePolicy policy, DeviceReach reaches, CredentialVault vault, DeviceRecord record, EndSessions sessions,
    IEnumerable<IEndsWithDevice> joined, TimeProvider time)
{
    /// <summary>What is the user's, or is about to be.</summary>
    public static readonly DeviceStatus[] Held =
        [DeviceStatus.Ordered, DeviceStatus.Shipped, DeviceStatus.Waiting, DeviceStatus.Active, DeviceStatus.Suspended];

    public async Task<Device> MakeAsync(CountersignDbContext db, NewDevice made, Cause cause, CancellationToken ct)
    {
        var now = time.GetUtcNow();
        var id = Guid.CreateVersion7(now);
        var device = new Device
        {
            UserId = made.UserId,
            Id = id,
            Kind = made.Credential.Kind,
            CredentialOwner = made.Credential.Key.Owner,
            CredentialId = made.Credential.Key.Id,
            Hold = vault.Bind(made.UserId, id, made.Credential.Key),
            Label = made.Label,
            Status = made.Status,
            Tier = made.Tier,
            Reach = made.Reach?.Tier,
            ReachStrength = made.Reach?.Strength,
            CreatedAt = now,
            ActivatedAt = made.Status == DeviceStatus.Active ? now : null,
            TrustedAt = made.TrustedAt,
            OrderedIn = made.OrderedIn,
            WaitsUntil = made.WaitsUntil,
        };
        db.Add(device);
        await record.AddAsync(db, device, EventOf(made.Status), cause, ct);
        return device;
    }

    /// <summary>
    /// Has whoever ends a credential wait until one more device of it is made, or the other way round: what was reported as lost a
    /// moment ago gets no device any more.
    /// </summary>
    /// <returns>False where it has ended.</returns>
    public static async Task<bool> HoldAsync(CountersignDbContext db, CredentialKey key, CancellationToken ct) =>
        await Row(db, key).Where(c => c.Status == CredentialStatus.Held)
            .ExecuteUpdateAsync(set => set.SetProperty(c => c.Version, c => c.Version + 1), ct) == 1;

    /// <summary>A device that was on its way to the client is in the client's hands: the same row waits from now on.</summary>
    public async Task<bool> ArriveAsync(
        CountersignDbContext db, Guid userId, Guid deviceId, string label, Reach reach, Cause cause, CancellationToken ct) =>
        await ChangeAsync(
            db, userId, deviceId, new Step([DeviceStatus.Shipped], DeviceEventKind.Waiting), cause,
            rows => rows.ExecuteUpdateAsync(
                set => set
                    .SetProperty(d => d.Status, DeviceStatus.Waiting)
                    .SetProperty(d => d.Label, label)
                    .SetProperty(d => d.Reach, reach.Tier)
                    .SetProperty(d => d.ReachStrength, reach.Strength),
                ct),
            ct) is not null;

    /// <summary>The others stay active, but for kinds that bridge a gap and end where there is none any more, by policy (S8).</summary>
    public async Task<bool> ActivateAsync(CountersignDbContext db, UserView user, Guid deviceId, Cause cause, CancellationToken ct)
    {
        var (now, userId) = (time.GetUtcNow(), user.Id);
        if (await db.Set<Device>().AsNoTracking().SingleOrDefaultAsync(d => d.UserId == userId && d.Id == deviceId, ct) is not { } waiting)
        {
            return false;
        }

        var tier = await policy.OwnTierAsync(db, waiting, ct);
        var heldBack = await reaches.HeldBackUntilAsync(db, user, waiting.ReachStrength, ct);
        var trustedAt = DeviceReach.Later(policy.TrustedAt(tier, user.Regime), heldBack);
        var activated = await ChangeAsync(
            db, userId, deviceId, new Step([DeviceStatus.Waiting], DeviceEventKind.Activated), cause,
            rows => rows.Where(d => d.WaitsUntil == null || d.WaitsUntil > now).ExecuteUpdateAsync(
                set => set.SetProperty(d => d.Status, DeviceStatus.Active)
                    .SetProperty(d => d.ActivatedAt, now)
                    .SetProperty(d => d.TrustedAt, trustedAt)
                    .SetProperty(d => d.Tier, tier),
                ct),
            ct);
        if (activated is null)
        {
            return false;
        }

        var ended = policy.EndedBy(activated.Kind);
        var bridges = ended.Count == 0 ? [] : await db.Set<Device>()
            .Where(d => d.UserId == userId && d.Status == DeviceStatus.Active && ended.Contains(d.Kind)).Select(d => d.Id).ToListAsync(ct);
        foreach (var bridge in bridges)
        {
            await EndAsync(db, userId, bridge, DeviceStatus.Expired, cause with { With = null, Event = null, ToldElsewhere = false }, ct);
        }

        return true;
    }

    public async Task<bool> SuspendAsync(CountersignDbContext db, Guid userId, Guid deviceId, Cause cause, CancellationToken ct)
    {
        var now = time.GetUtcNow();
        var held = await reaches.HoldAsync(db, cause.With, ct);
        var suspended = await ChangeAsync(
            db, userId, deviceId, new Step([DeviceStatus.Active], DeviceEventKind.Suspended) { Ends = true, Held = held }, cause,
            rows => rows.ExecuteUpdateAsync(Ended(DeviceStatus.Suspended, now, held), ct), ct);
        if (suspended is null)
        {
            return false;
        }

        await ExpireAgreedAsync(db, userId, deviceId, cause, ct);
        await EnrolmentRequest.AddAsync(db, userId, now, ct);
        return true;
    }

    /// <summary>Writes down, for everybody who answers with it, that a credential has had too many wrong responses in a row.</summary>
    public async Task LockedAsync(CountersignDbContext db, CredentialKey key, Cause cause, CancellationToken ct)
    {
        foreach (var device in await HoldersAsync(db, key, ct))
        {
            await record.AddAsync(db, device, DeviceEventKind.Locked, cause, ct);
        }
    }

    /// <summary>It answers again, whoever answers with it.</summary>
    public async Task<bool> UnlockAsync(CountersignDbContext db, UserView user, Guid deviceId, Cause cause, CancellationToken ct)
    {
        var userId = user.Id;
        if (await db.Set<Device>().AsNoTracking().SingleOrDefaultAsync(
                d => d.UserId == userId && d.Id == deviceId && Held.Contains(d.Status), ct) is not { } device
            || !await CredentialSpending.UnlockAsync(db, device.Credential, user.Regime.WrongResponsesInARow, ct))
        {
            return false;
        }

        foreach (var holder in await HoldersAsync(db, device.Credential, ct))
        {
            await record.AddAsync(db, holder, DeviceEventKind.Unlocked, cause, ct);
        }

        return true;
    }

    /// <summary>The loss hold is over, and the client is told (D1).</summary>
    /// <returns>False where that was done before, or there is none.</returns>
    public async Task<bool> ReleaseAsync(CountersignDbContext db, Guid userId, Guid deviceId, Cause cause, CancellationToken ct)
    {
        var now = time.GetUtcNow();
        var row = db.Set<Device>().Where(d => d.UserId == userId && d.Id == deviceId);
        if (await row.Where(d => d.HoldNoticeAt <= now && d.Status != DeviceStatus.Active).ExecuteUpdateAsync(
            set => set.SetProperty(d => d.HoldNoticeAt, (DateTimeOffset?)null), ct) == 0)
        {
            return false;
        }

        await record.AddAsync(db, await row.AsNoTracking().SingleAsync(ct), DeviceEventKind.Released, cause, ct);
        return true;
    }

    /// <summary>A name changes nothing that a device must agree to.</summary>
    public async Task<bool> RenameAsync(
        CountersignDbContext db, Guid userId, Guid deviceId, string label, Cause cause, CancellationToken ct)
    {
        var rows = db.Set<Device>().Where(d => d.UserId == userId && d.Id == deviceId);
        if (await rows.Where(d => Held.Contains(d.Status)).ExecuteUpdateAsync(set => set.SetProperty(d => d.Label, label), ct) == 0)
        {
            return false;
        }

        await record.AddAsync(db, await rows.AsNoTracking().SingleAsync(ct), DeviceEventKind.Renamed, cause, ct);
        return true;
    }

    /// <summary>Which device the picker has first. It opens nothing and closes nothing.</summary>
    public async Task<bool> PreferAsync(CountersignDbContext db, Guid userId, Guid deviceId, Cause cause, CancellationToken ct)
    {
        await UserLock.TakeAsync(db, userId, ct);
        var active = db.Set<Device>().Where(d => d.UserId == userId && d.Id == deviceId && d.Status == DeviceStatus.Active);
        if (await active.Where(d => !d.Preferred).ExecuteUpdateAsync(set => set.SetProperty(d => d.Preferred, true), ct) == 0)
        {
            // One that was preferred already stays so, and nothing happened.
            return await active.AnyAsync(ct);
        }

        await db.Set<Device>().Where(d => d.UserId == userId && d.Id != deviceId && d.Preferred).ExecuteUpdateAsync(
            set => set.SetProperty(d => d.Preferred, false), ct);
        await record.AddAsync(db, await active.AsNoTracking().SingleAsync(ct), DeviceEventKind.Preferred, cause, ct);
        return true;
    }

    /// <summary>Like adding it again: until its trust age ends it has no more than the device that agreed (D2).</summary>
    public async Task<bool> ResumeAsync(
        CountersignDbContext db, UserView user, Guid deviceId, Reach reach, Cause cause, CancellationToken ct)
    {
        var userId = user.Id;
        if (await db.Set<Device>().AsNoTracking().SingleOrDefaultAsync(
            d => d.UserId == userId && d.Id == deviceId, ct) is not { } suspended)
        {
            return false;
        }

        var trustedAt = policy.TrustedAt(suspended.Tier, user.Regime);
        return await ChangeAsync(
            db, userId, deviceId, new Step([DeviceStatus.Suspended], DeviceEventKind.Resumed), cause,
            rows => rows.ExecuteUpdateAsync(
                set => set.SetProperty(d => d.Status, DeviceStatus.Active)
                    .SetProperty(d => d.EndedAt, (DateTimeOffset?)null)
                    .SetProperty(d => d.Reach, reach.Tier)
                    .SetProperty(d => d.ReachStrength, reach.Strength)
                    .SetProperty(d => d.HeldSince, (DateTimeOffset?)null)
                    .SetProperty(d => d.HoldNoticeAt, (DateTimeOffset?)null)
                    .SetProperty(d => d.TrustedAt, trustedAt),
                ct),
            ct) is not null;
    }

    /// <summary>
    /// Ends a device for good. What was reported as lost is lost for everybody who answers with it, and ends the sessions that it
    /// began: whoever found it may sit in one. All of them are users of one person, so that no stranger can aim it.
    /// </summary>
    /// <param name="to">Lost, Revoked or Expired.</param>
    public async Task<bool> EndAsync(
        CountersignDbContext db, Guid userId, Guid deviceId, DeviceStatus to, Cause cause, CancellationToken ct)
    {
        var held = to == DeviceStatus.Lost ? await reaches.HoldAsync(db, cause.With, ct) : null;
        if (await EndOneAsync(db, userId, deviceId, new End(to, Held, held), cause, ct) is not { } ended)
        {
            return false;
        }

        if (to == DeviceStatus.Lost)
        {
            await EndHoldersAsync(db, ended.Credential, to, held, cause, ct);
        }

        await RetireUnheldAsync(db, ended, ct);
        return true;
    }

    /// <summary>
    /// A device that was agreed to and never showed itself. One that is activated at this very moment stays.
    /// </summary>
    public async Task<bool> ExpireAsync(CountersignDbContext db, Guid userId, Guid deviceId, Cause cause, CancellationToken ct)
    {
        var end = new End(DeviceStatus.Expired, [DeviceStatus.Waiting], Held: null);
        if (await EndOneAsync(db, userId, deviceId, end, cause, ct) is not { } ended)
        {
            return false;
        }

        await RetireUnheldAsync(db, ended, ct);
        return true;
    }

    /// <summary>A credential has given its last answer: it ends for everybody who answers with it.</summary>
    public async Task UsedUpAsync(CountersignDbContext db, CredentialKey key, Cause cause, CancellationToken ct)
    {
        await EndHoldersAsync(db, key, DeviceStatus.Expired, held: null, cause, ct);
        await Row(db, key).ExecuteUpdateAsync(
            set => set.SetProperty(c => c.Status, CredentialStatus.Retired).SetProperty(c => c.Version, c => c.Version + 1), ct);
    }

    private async Task EndHoldersAsync(
        CountersignDbContext db, CredentialKey key, DeviceStatus to, LossHold? held, Cause cause, CancellationToken ct)
    {
        foreach (var holder in await HoldersAsync(db, key, ct))
        {
            await EndOneAsync(db, holder.UserId, holder.Id, new End(to, Held, held), cause, ct);
        }
    }

    private static Task<List<Device>> HoldersAsync(CountersignDbContext db, CredentialKey key, CancellationToken ct)
    {
        var (owner, id) = key;
        return db.Set<Device>().AsNoTracking()
            .Where(d => d.CredentialOwner == owner && d.CredentialId == id && Held.Contains(d.Status)).ToListAsync(ct);
    }

    private async Task<Device?> EndOneAsync(
        CountersignDbContext db, Guid userId, Guid deviceId, End end, Cause cause, CancellationToken ct)
    {
        var (to, from, held) = end;
        var now = time.GetUtcNow();
        var ended = await ChangeAsync(
            db, userId, deviceId, new Step(from, EventOf(to)) { Ends = true, Held = held }, cause,
            rows => rows.ExecuteUpdateAsync(Ended(to, now, held), ct), ct);
        if (ended is null)
        {
            return null;
        }

        if (to == DeviceStatus.Lost)
        {
            await sessions.OfDeviceAsync(db, userId, deviceId, cause.Session ?? Guid.Empty, cause.By, ct);
        }

        if (to != DeviceStatus.Expired)
        {
            await ExpireAgreedAsync(db, userId, deviceId, cause, ct);
        }

        // Who has no device left gets text messages back, where there is a number (S6).
        await EnrolmentRequest.AddAsync(db, userId, now, ct);
        return ended;
    }

    /// <summary>
    /// What a device agreed to and that has not shown itself yet ends with it: whoever had the device may have asked for that (D8).
    /// Things that came by post stay: they wait for ever, and show themselves by what only their owner holds.
    /// </summary>
    private async Task ExpireAgreedAsync(CountersignDbContext db, Guid userId, Guid deviceId, Cause cause, CancellationToken ct)
    {
        var agreed = db.Set<DeviceEvent>()
            .Where(e => e.UserId == userId && e.ByDeviceId == deviceId && e.What == DeviceEventKind.Waiting).Select(e => e.DeviceId);
        var waiting = await db.Set<Device>()
            .Where(d => d.UserId == userId && d.Status == DeviceStatus.Waiting && d.WaitsUntil != null && agreed.Contains(d.Id))
            .Select(d => d.Id).ToListAsync(ct);
        foreach (var id in waiting)
        {
            await ExpireAsync(db, userId, id, cause with { With = null, Event = null, ToldElsewhere = true }, ct);
        }
    }

    private static Action<UpdateSettersBuilder<Device>> Ended(DeviceStatus to, DateTimeOffset now, LossHold? held)
    {
        var (since, until) = (held?.Since, held?.Until);

        // What wears out while it is held goes on counting; what is ended by proof at the bar does not.
        var stays = to == DeviceStatus.Expired;
        return set => set.SetProperty(d => d.Status, to)
            .SetProperty(d => d.EndedAt, now)
            .SetProperty(d => d.Preferred, false)
            .SetProperty(d => d.WasTrusted, d => d.WasTrusted || (d.Status == DeviceStatus.Active && d.TrustedAt <= now))
            .SetProperty(d => d.HeldSince, d => stays ? d.HeldSince : since)
            .SetProperty(d => d.HoldNoticeAt, d => stays ? d.HoldNoticeAt : until);
    }

    private async Task EndJoinedAsync(CountersignDbContext db, Guid userId, Guid deviceId, CancellationToken ct)
    {
        foreach (var ends in joined)
        {
            await ends.EndAsync(db, userId, deviceId, ct);
        }
    }

    /// <summary>
    /// Raises the credential's version, changes the device where it is still what it has to be, and writes that down. Null: it was
    /// not.
    /// </summary>
    private async Task<Device?> ChangeAsync(
        CountersignDbContext db, Guid userId, Guid deviceId, Step step, Cause cause, Func<IQueryable<Device>, Task<int>> update,
        CancellationToken ct)
    {
        var from = step.From;
        var rows = db.Set<Device>().Where(d => d.UserId == userId && d.Id == deviceId && from.Contains(d.Status));
        if (await rows.AsNoTracking().SingleOrDefaultAsync(ct) is not { } device)
        {
            return null;
        }

        if (step.Ends)
        {
            await EndJoinedAsync(db, userId, deviceId, ct);
        }

        await Row(db, device.Credential).ExecuteUpdateAsync(set => set.SetProperty(c => c.Version, c => c.Version + 1), ct);
        if (await update(rows) == 0)
        {
            return null;
        }

        await record.AddAsync(db, device, step.Event, cause with { HeldUntil = step.Held?.Until }, ct);
        return device;
    }

    /// <summary>Where no user holds it or waits for it any more it is never used again. An address stays what it is.</summary>
    private async Task RetireUnheldAsync(CountersignDbContext db, Device device, CancellationToken ct)
    {
        var (owner, id) = device.Credential;
        if (!policy.Outlives(device.Kind))
        {
            await Row(db, device.Credential)
                .Where(c => !db.Set<Device>().Any(d => d.CredentialOwner == owner && d.CredentialId == id && Held.Contains(d.Status)))
                .ExecuteUpdateAsync(set => set.SetProperty(c => c.Status, CredentialStatus.Retired), ct);
        }
    }

    private static IQueryable<Credential> Row(CountersignDbContext db, CredentialKey key)
    {
        var (owner, id) = key;
        return db.Set<Credential>().Where(c => c.OwnerId == owner && c.Id == id);
    }

    /// <param name="From">What the device has to be.</param>
    private sealed record Step(DeviceStatus[] From, DeviceEventKind Event)
    {
        /// <summary>Whether what it was asked and what it approved ends with it.</summary>
        public bool Ends { get; init; }

        public LossHold? Held { get; init; }
    }

    /// <param name="From">What the device has to be.</param>
    private sealed record End(DeviceStatus To, DeviceStatus[] From, LossHold? Held);

    private static DeviceEventKind EventOf(DeviceStatus status) => status switch
    {
        DeviceStatus.Ordered => DeviceEventKind.Ordered,
        DeviceStatus.Shipped => DeviceEventKind.Shipped,
        DeviceStatus.Waiting => DeviceEventKind.Waiting,
        DeviceStatus.Active => DeviceEventKind.Activated,
        DeviceStatus.Lost => DeviceEventKind.Lost,
        DeviceStatus.Revoked => DeviceEventKind.Removed,
        DeviceStatus.Expired => DeviceEventKind.Expired,
        _ => throw new System.Diagnostics.UnreachableException(),
    };
}
