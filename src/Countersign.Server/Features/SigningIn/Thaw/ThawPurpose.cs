using System.Globalization;
using Countersign.Protocol.Statements;
using Countersign.Server.Data;
using Countersign.Server.Features.Access.Freezing;
using Countersign.Server.Features.Confirming.Challenges;
using Countersign.Server.Features.Ground.Audit;
using Countersign.Server.Features.Messaging.Notices;
using Countersign.Server.Features.Registry.Users;
using Countersign.Server.Http;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Options;

namespace Countersign.Server.Features.SigningIn.Thaw;

/// <summary>Since when the user is frozen.</summary>
internal sealed record ThawSubject(DateTimeOffset FrozenAt);

/// <summary>
/// Opens a frozen user again (D26). It takes the strongest of the devices that were trusted before the freeze: what a thief
/// added a moment before does not count. The password has to be changed next.
/// </summary>
internal sealed class ThawPurpose(NoticeBoard notices, AuditTrail audit, IOptions<SiteOptions> site) : Purpose<ThawSubject, Done>
{
    public override string Id => "thaw";

    public override PurposeTraits Traits => PurposeTraits.Thaws | PurposeTraits.OutsideSessions;

    public override Statement Say(ThawSubject subject, CultureInfo language) => new(
        string.Format(language, TextOf<FreezingText>.In(language, "statement"), site.Value.Name),
        [new StatementDetail("since", subject.FrozenAt.ToString("O", CultureInfo.InvariantCulture))]);

    public override Consent Takes(ThawSubject subject, UserView user) => new() { TrustedAt = subject.FrozenAt };

    public override async Task<Result<Done>> CompleteAsync(Approval<ThawSubject> approved, CountersignDbContext db, CancellationToken ct)
    {
        var (user, since) = (approved.User, approved.Subject.FrozenAt);
        if (await db.Set<User>().Where(u => u.Id == user.Id && u.FrozenAt == since)
            .ExecuteUpdateAsync(
                set => set.SetProperty(u => u.FrozenAt, (DateTimeOffset?)null).SetProperty(u => u.MustChangePassword, true), ct) == 0)
        {
            return FreezingErrors.NotFrozen;
        }

        audit.Add(
            db, AuditEvents.Thawed, user.Id, approved.By, ("challenge", approved.ChallengeId), ("device", approved.With.Id),
            ("kind", approved.With.Kind));
        await notices.TellAsync(db, user, Notice.AccessThawed, except: null, ct);
        return Done.Now;
    }
}
