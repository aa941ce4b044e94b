using System.Globalization;
using System.Text.Json;
using System.Text.Json.Serialization;
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

[JsonSerializable(typeof(PasswordChangeSubject))]
internal sealed partial class PasswordsJson : JsonSerializerContext;

/// <summary>A new password, confirmed with a device. Ends every other session.</summary>
internal sealed class PasswordChangePurpose(EndSessions sessions, NoticeBoard notices, AuditTrail audit, IOptions<SiteOptions> site, TimeProvider time) : IPurpose
{
    public const string PurposeId = "password-change";

    public string Id => PurposeId;

    public ChallengeRules Rules(UserView user) => ChallengeRules.Of(user.Regime);

    public Statement Say(JsonElement subject, CultureInfo language) =>
        new(string.Format(language, TextOf<PasswordText>.In(language, "statement"), site.Value.Name), [new StatementDetail("session", subject.Deserialize(PasswordsJson.Default.PasswordChangeSubject)!.Session.ToString("N"))]);

    public Error? Refuses(DeviceView device, KindTraits kind, JsonElement subject) => null;

    public async Task<Outcome> CompleteAsync(ChallengeView approved, DeviceView device, CountersignDbContext db, CancellationToken ct)
    {
        var subject = approved.Subject.Deserialize(PasswordsJson.Default.PasswordChangeSubject)!;
        var now = time.GetUtcNow();
        var changed = await db.Set<User>().Where(u => u.Id == approved.User.Id && u.PasswordHash == subject.OldHash)
            .ExecuteUpdateAsync(
                set => set.SetProperty(u => u.PasswordHash, subject.NewHash).SetProperty(u => u.PasswordSetAt, now).SetProperty(u => u.MustChangePassword, false),
                ct) == 1;
        if (!changed)
        {
            return new Outcome(null, PasswordErrors.ChangedMeanwhile);
        }

        await ChallengePrompting.CancelAllAsync(db, approved.User.Id, now, ct);
        var ended = await sessions.OthersAsync(db, approved.User.Id, subject.Session, Actor.Client(approved.User.Id, approved.Source), ct);
        audit.Add(
            db, AuditEvents.PasswordChanged, approved.User.Id, Actor.Client(approved.User.Id, approved.Source),
            ("challenge", approved.Id), ("device", device.Id));
        await notices.TellAsync(db, approved.User, Notice.PasswordChanged, except: null, ct);
        return new Outcome(ended);
    }
}
