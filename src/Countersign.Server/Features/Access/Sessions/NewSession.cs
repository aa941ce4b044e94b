using Countersign.Server.Data;
using Countersign.Server.Data.Protection;
using Countersign.Server.Features.Confirming.Challenges;
using Countersign.Server.Features.Ground.Audit;
using Countersign.Server.Features.Messaging.Messages;
using Countersign.Server.Features.Messaging.Notices;
using Countersign.Server.Features.Registry.Users;

namespace Countersign.Server.Features.Access.Sessions;

/// <summary>Begins a session, in the unit of work that spends the challenge. The id is new at each sign-in.</summary>
internal sealed class NewSession(ISecrets secrets, MasterKeys keys, AuditTrail audit, NoticeBoard notices, TimeProvider time)
{
    public async Task<Outcome> AddAsync(CountersignDbContext db, ChallengeView approved, DeviceView device, string browser, CancellationToken ct)
    {
        var user = approved.User;
        var token = Add(db, user, approved.Source, browser, SessionScope.Full, device.Id, device.Kind, device.TrustedAt);
        audit.Add(
            db, AuditEvents.SignedIn, user.Id, Actor.Client(user.Id, approved.Source),
            ("session", token.SessionId), ("challenge", approved.Id), ("device", device.Id), ("kind", device.Kind), ("browser", browser));
        if (!approved.KnownBrowser)
        {
            // The code came by SMS, so the phone is the channel in use; whoever holds it must not be the only one told.
            MessageChannel? inUse = device.Kind == "sms" ? MessageChannel.Sms : null;
            await notices.TellAsync(db, user, Notice.NewBrowser, inUse, ct, browser, approved.Source);
        }

        return new Outcome(token);
    }

    /// <summary>Begins a session that reaches only the user's account application: a password was shown and there is no device yet.</summary>
    public SessionToken AddForApplication(CountersignDbContext db, UserView user, string source, string browser)
    {
        var token = Add(db, user, source, browser, SessionScope.Application, Guid.Empty, deviceKind: string.Empty, trustedAt: null);
        audit.Add(
            db, AuditEvents.ApplicationOpened, user.Id, Actor.Client(user.Id, source),
            ("session", token.SessionId), ("browser", browser));
        return token;
    }

    private SessionToken Add(CountersignDbContext db, UserView user, string source, string browser, SessionScope scope, Guid deviceId, string deviceKind, DateTimeOffset? trustedAt)
    {
        var now = time.GetUtcNow();
        var token = SessionToken.New(user.Id, Guid.CreateVersion7(now), secrets);
        db.Add(new Session
        {
            UserId = user.Id,
            Id = token.SessionId,
            TokenHash = token.Hash(keys),
            CreatedAt = now,
            LastSeenAt = now,
            ExpiresAt = now + user.Regime.SessionLifetime,
            Scope = scope,
            DeviceId = deviceId,
            DeviceKind = deviceKind,
            DeviceTrustedAt = trustedAt,
            Source = source,
            Browser = browser,
        });
        return token;
    }
}
