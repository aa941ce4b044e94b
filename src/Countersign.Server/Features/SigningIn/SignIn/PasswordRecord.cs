using Countersign.Server.Data;
using Countersign.Server.Features.Confirming.Devices;
using Countersign.Server.Features.Ground.Audit;
using Countersign.Server.Features.Messaging.Notices;

namespace Countersign.Server.Features.SigningIn.SignIn;

/// <summary>Writes down passwords that were refused, by the same statements whether or not the name belongs to anybody (D19).</summary>
internal sealed class PasswordRecord(NoticeBoard notices, AuditTrail audit)
{
    /// <summary>One at which nobody looked: there were too many before.</summary>
    public Task LockedAsync(CountersignDbContext db, NamedUser found, string source)
    {
        audit.Add(db, AuditEvents.PasswordLocked, found.User?.Id, Actor.Client(found.User?.Id, source));
        return Task.CompletedTask;
    }

    /// <summary>
    /// A wrong one. While a device is held the owner hears of it: who reported it as lost may be a thief who tries on (D1).
    /// </summary>
    public async Task WrongAsync(CountersignDbContext db, NamedUser found, string source, CancellationToken ct)
    {
        audit.Add(db, AuditEvents.PasswordWrong, found.User?.Id, Actor.Client(found.User?.Id, source));
        if (await LossHolds.AnyAsync(db, found.User?.Id ?? Guid.Empty, ct) && found.View is { } user)
        {
            await notices.TellAsync(db, user, Notice.PasswordWrongInLossHold, except: null, ct);
        }
    }
}
