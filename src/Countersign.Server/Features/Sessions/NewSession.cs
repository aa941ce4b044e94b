using Countersign.Server.Data;
using Countersign.Server.Data.Protection;
using Countersign.Server.Features.Audit;
using Countersign.Server.Features.Challenges;
using Countersign.Server.Features.Messages;
using Countersign.Server.Features.Notices;

namespace Countersign.Server.Features.Sessions;

/// <summary>Begins a session, in the unit of work that spends the challenge. The id is new at each sign-in.</summary>
internal sealed class NewSession(ISecrets secrets, MasterKeys keys, AuditTrail audit, NoticeBoard notices, TimeProvider time)
{
    public async Task<Outcome> AddAsync(CountersignDbContext db, ChallengeView approved, DeviceView device, string browser, CancellationToken ct)
    {
        var now = time.GetUtcNow();
        var user = approved.User;
        var token = SessionToken.New(user.Id, Guid.CreateVersion7(now), secrets);
        db.Add(new Session
        {
            UserId = user.Id,
            Id = token.SessionId,
            TokenHash = token.Hash(keys),
            CreatedAt = now,
            LastSeenAt = now,
            ExpiresAt = now + user.Regime.SessionLifetime,
            DeviceId = device.Id,
            DeviceKind = device.Kind,
            Source = approved.Source,
            Browser = browser,
        });
        audit.Add(db, AuditEvents.SignedIn, user.Id, approved.Source, ("session", token.SessionId), ("challenge", approved.Id), ("device", device.Id), ("kind", device.Kind), ("browser", browser));
        if (!approved.KnownBrowser)
        {
            // The code came by SMS, so the phone is the channel in use; whoever holds it must not be the only one told.
            MessageChannel? inUse = device.Kind == "sms" ? MessageChannel.Sms : null;
            await notices.TellAsync(db, user, Notice.NewBrowser, inUse, ct, browser, approved.Source);
        }

        return new Outcome(token);
    }
}
