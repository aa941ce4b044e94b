using Countersign.Server.Data;
using Countersign.Server.Features.Confirming.Devices;
using Countersign.Server.Features.Ground.Audit;
using Countersign.Server.Features.Messaging.Notices;
using Countersign.Server.Features.Registry.Users;
using Microsoft.EntityFrameworkCore;

namespace Countersign.Server.Features.Confirming.Challenges;

/// <summary>
/// Counts wrong responses by credential, across challenges, resends, browsers and nodes, known browsers and all others apart: a
/// stranger's do not lock out the owner's browser. Some of them mean that the password is in other hands, and it has to be changed; at
/// the limit the credential answers browsers of that sort no more, until another device or client services let it (D9).
/// </summary>
internal sealed class SecondFactorFailures(DeviceLife life, AuditTrail audit, NoticeBoard notices)
{
    /// <summary>A challenge ended with wrong responses: whoever typed them knew what came before the device (ASVS 6.3.5).</summary>
    public Task TellAsync(CountersignDbContext db, LoadedChallenge challenge, CancellationToken ct) =>
        notices.TellAsync(db, challenge.User, Notice.SecondFactorFailed, except: null, ct, challenge.From.Source);

    public async Task CountAsync(CountersignDbContext db, LoadedChallenge challenge, CredentialKey key, Actor by, CancellationToken ct)
    {
        var (user, limit) = (challenge.User, challenge.User.Regime.WrongResponsesUntilPasswordChange);
        var wrong = await CredentialSpending.CountWrongAsync(db, key, challenge.From.Known, ct);
        if (wrong == user.Regime.WrongResponsesInARow)
        {
            await life.LockedAsync(db, key, new Cause(by) { Challenge = challenge.Row.Id }, ct);
        }

        if (wrong % limit != 0)
        {
            return;
        }

        if (await db.Set<User>().Where(u => u.Id == user.Id && !u.MustChangePassword).ExecuteUpdateAsync(
            set => set.SetProperty(u => u.MustChangePassword, true), ct) == 1)
        {
            audit.Add(db, AuditEvents.PasswordChangeForced, user.Id, by, ("device", challenge.Device?.Id));
            await notices.TellAsync(db, user, Notice.PasswordChangeForced, except: null, ct);
        }
    }
}
