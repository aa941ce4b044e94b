using Countersign.Server.Data;
using Countersign.Server.Features.Confirming.Devices;
using Countersign.Server.Features.Ground.Audit;
using Countersign.Server.Features.Messaging.Notices;
using Countersign.Server.Features.Registry.Users;
using Microsoft.EntityFrameworkCore;

namespace Countersign.Server.Features.Confirming.Challenges;

/// <summary>
/// Counts wrong responses by user and device, across challenges, resends and nodes. They never lock the device, which would
/// let a stranger aim the lock; enough of them mean that the password is in other hands, and it has to be changed (D9).
/// </summary>
internal sealed class SecondFactorFailures(AuditTrail audit, NoticeBoard notices)
{
    /// <summary>A challenge ended with wrong responses: whoever typed them knew what came before the device (ASVS 6.3.5).</summary>
    public Task TellAsync(CountersignDbContext db, ChallengeView challenge, CancellationToken ct) =>
        notices.TellAsync(db, challenge.User, Notice.SecondFactorFailed, except: null, ct, challenge.Source);

    public async Task CountAsync(CountersignDbContext db, UserView user, DeviceView device, string source, CancellationToken ct)
    {
        await db.Set<Device>().Where(d => d.UserId == device.UserId && d.Id == device.Id)
            .ExecuteUpdateAsync(set => set.SetProperty(d => d.Tries, d => d.Tries + 1), ct);
        var limit = user.Regime.WrongResponsesUntilPasswordChange;
        var forced = await db.Set<User>()
            .Where(u => u.Id == user.Id && !u.MustChangePassword && db.Set<Device>().Any(d => d.UserId == device.UserId && d.Id == device.Id && d.Tries >= limit))
            .ExecuteUpdateAsync(set => set.SetProperty(u => u.MustChangePassword, true), ct) == 1;
        if (forced)
        {
            audit.Add(db, AuditEvents.PasswordChangeForced, user.Id, Actor.Client(user.Id, source), ("device", device.Id));
            await notices.TellAsync(db, user, Notice.PasswordChangeForced, except: null, ct);
        }
    }
}
