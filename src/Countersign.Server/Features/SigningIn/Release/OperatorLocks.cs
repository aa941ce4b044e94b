using Countersign.Server.Data;
using Countersign.Server.Features.Access.Freezing;
using Countersign.Server.Features.Confirming.Devices;
using Countersign.Server.Features.Ground.Audit;
using Countersign.Server.Features.Messaging.Notices;
using Countersign.Server.Features.Registry.Users;
using Countersign.Server.Features.SigningIn.SignIn;
using Microsoft.EntityFrameworkCore;

namespace Countersign.Server.Features.SigningIn.Release;

/// <summary>What came of an operator's word.</summary>
internal enum Locked
{
    NoSuchUser,
    Done,

    /// <summary>It was so already.</summary>
    Already,

    /// <summary>Another operator has to say so too.</summary>
    NeedsAnother,
}

/// <summary>
/// Freezes and releases users where no device of theirs can: by operators on the command line, until there is a desk. Freezing takes
/// one of them, releasing two. The client is told on every channel.
/// </summary>
internal sealed class OperatorLocks(
    UserViews users, FreezeAccess freeze, DeviceLife life, PasswordRations rations, NoticeBoard notices, AuditTrail audit,
    TimeProvider time)
{
    /// <summary>How long one operator's word waits for another's.</summary>
    public static readonly TimeSpan Wait = TimeSpan.FromDays(1);

    /// <summary>Longest reason, in characters.</summary>
    public const int LongestReason = 300;

    private const string ByOperator = "operator";

    public async Task<Locked> FreezeAsync(CountersignDbContext db, UserName name, string operatorName, string reason, CancellationToken ct)
    {
        if (await FindAsync(db, name, ct) is not { } user)
        {
            return Locked.NoSuchUser;
        }

        var by = Actor.Operator(name: operatorName);
        audit.Add(db, AuditEvents.FreezeOrdered, user.Id, by, ("reason", reason));
        await freeze.RunAsync(db, user, ByOperator, by, ct);
        return user.FrozenAt is null ? Locked.Done : Locked.Already;
    }

    /// <summary>
    /// The second operator's word opens the access, with a new password to be chosen; lets devices answer again that were guessed at too
    /// often; and forgets wrong passwords.
    /// </summary>
    public async Task<Locked> ReleaseAsync(CountersignDbContext db, UserName name, string operatorName, string reason, CancellationToken ct)
    {
        if (await FindAsync(db, name, ct) is not { } user)
        {
            return Locked.NoSuchUser;
        }

        // Two who say so at once wait for each other: one of them is the second.
        await UserLock.TakeAsync(db, user.Id, ct);
        var (now, userId, by) = (time.GetUtcNow(), user.Id, Actor.Operator(name: operatorName));
        var since = now - Wait;
        audit.Add(db, AuditEvents.ReleaseOrdered, userId, by, ("reason", reason));
        var words = db.Set<ReleaseRequest>().Where(r => r.UserId == userId);
        if (!await words.AnyAsync(r => r.Operator != operatorName && r.At > since, ct))
        {
            await words.Where(r => r.Operator == operatorName || r.At <= since).ExecuteDeleteAsync(ct);
            db.Add(new ReleaseRequest { UserId = userId, Operator = operatorName, At = now });
            return Locked.NeedsAnother;
        }

        await words.ExecuteDeleteAsync(ct);
        await db.Set<User>().Where(u => u.Id == userId).ExecuteUpdateAsync(
            set => set.SetProperty(u => u.FrozenAt, (DateTimeOffset?)null).SetProperty(u => u.MustChangePassword, true), ct);
        await rations.ForgetAsync(db, name, ct);
        var devices = await db.Set<Device>().Where(d => d.UserId == userId && d.Status == DeviceStatus.Active).Select(d => d.Id)
            .ToListAsync(ct);
        foreach (var device in devices)
        {
            await life.UnlockAsync(db, user, device, new Cause(by), ct);
        }

        audit.Add(db, AuditEvents.Released, userId, by);
        await notices.TellAsync(db, user, Notice.AccessThawed, except: null, ct);
        return Locked.Done;
    }

    private async Task<UserView?> FindAsync(CountersignDbContext db, UserName name, CancellationToken ct)
    {
        var normalised = name.Value;
        return await db.Set<User>().AsNoTracking().SingleOrDefaultAsync(u => u.NormalisedName == normalised, ct) is { } user
            ? users.Of(user)
            : null;
    }
}
