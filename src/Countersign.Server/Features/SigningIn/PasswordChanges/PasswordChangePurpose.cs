using System.Globalization;
using Countersign.Protocol.Statements;
using Countersign.Server.Data;
using Countersign.Server.Features.Access.Passwords;
using Countersign.Server.Features.Access.Sessions;
using Countersign.Server.Features.Confirming.Challenges;
using Countersign.Server.Features.Ground.Audit;
using Countersign.Server.Features.Messaging.Notices;
using Countersign.Server.Features.Registry.Users;
using Countersign.Server.Http;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Options;

namespace Countersign.Server.Features.SigningIn.PasswordChanges;

/// <summary>The new password, hashed already, and the session that stays.</summary>
internal sealed record PasswordChangeSubject(string NewHash, string OldHash, Guid Session);

/// <summary>A new password, confirmed with a device. Ends every other session, and whatever began with the old one.</summary>
internal sealed class PasswordChangePurpose(
    EndSessions sessions, EndChallenges challenges, NoticeBoard notices, AuditTrail audit, IOptions<SiteOptions> site, TimeProvider time)
    : Purpose<PasswordChangeSubject, Done>
{
    public override string Id => "password-change";

    /// <summary>Another new password typed before the first was confirmed is another subject: the older challenge must not win.</summary>
    public override PurposeTraits Traits => PurposeTraits.OneAtATime;

    public override Statement Say(PasswordChangeSubject subject, CultureInfo language) => new(
        string.Format(language, TextOf<PasswordText>.In(language, "statement"), site.Value.Name),
        [new StatementDetail("session", subject.Session.ToString("N"))]);

    public override async Task<Result<Done>> CompleteAsync(
        Approval<PasswordChangeSubject> approved, CountersignDbContext db, CancellationToken ct)
    {
        var (user, subject, now) = (approved.User, approved.Subject, time.GetUtcNow());
        if (await db.Set<User>().Where(u => u.Id == user.Id && u.PasswordHash == subject.OldHash)
            .ExecuteUpdateAsync(
                set => set.SetProperty(u => u.PasswordHash, subject.NewHash).SetProperty(u => u.PasswordSetAt, now).SetProperty(
                    u => u.MustChangePassword, false),
                ct) == 0)
        {
            return PasswordErrors.ChangedMeanwhile;
        }

        await challenges.AllAsync(db, user.Id, ct);
        await sessions.OthersAsync(db, user.Id, subject.Session, approved.By, ct);
        audit.Add(db, AuditEvents.PasswordChanged, user.Id, approved.By, ("challenge", approved.ChallengeId), ("device", approved.With.Id));
        await notices.TellAsync(db, user, Notice.PasswordChanged, except: null, ct);
        return Done.Now;
    }
}
