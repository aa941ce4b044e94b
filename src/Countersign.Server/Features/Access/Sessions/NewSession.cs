using Countersign.Server.Data;
using Countersign.Server.Data.Protection;
using Countersign.Server.Features.Ground.Audit;
using Countersign.Server.Features.Registry.Users;

namespace Countersign.Server.Features.Access.Sessions;

/// <summary>The device that agreed to a sign-in, and the challenge that it answered.</summary>
/// <param name="TrustedAt">When the device has, or had, the tier of its kind.</param>
internal sealed record SignInProof(Guid ChallengeId, Guid DeviceId, string Kind, DateTimeOffset? TrustedAt);

/// <summary>Begins a session, in the unit of work that spends the challenge. The id is new at each sign-in.</summary>
internal sealed class NewSession(ISecrets secrets, MasterKeys keys, AuditTrail audit, TimeProvider time)
{
    public SessionToken Add(CountersignDbContext db, UserView user, SignInProof proof, Actor by, string browser)
    {
        var token = Add(db, user, by, browser, SessionScope.Full, proof.DeviceId, proof.Kind, proof.TrustedAt);
        audit.Add(
            db, AuditEvents.SignedIn, user.Id, by,
            ("session", token.SessionId),
            ("challenge", proof.ChallengeId),
            ("device", proof.DeviceId),
            ("kind", proof.Kind),
            ("browser", browser));
        return token;
    }

    /// <summary>
    /// Begins a session that reaches only the user's account application: a password was shown and there is no device yet.
    /// </summary>
    public SessionToken AddForAccountOpening(CountersignDbContext db, UserView user, Actor by, string browser)
    {
        var token = Add(db, user, by, browser, SessionScope.AccountOpening, Guid.Empty, deviceKind: string.Empty, trustedAt: null);
        audit.Add(db, AuditEvents.AccountOpeningOpened, user.Id, by, ("session", token.SessionId), ("browser", browser));
        return token;
    }

    private SessionToken Add(
        CountersignDbContext db, UserView user, Actor by, string browser, SessionScope scope, Guid deviceId, string deviceKind,
        DateTimeOffset? trustedAt)
    {
        var now = time.GetUtcNow();
        var token = SessionToken.New(user.Id, Guid.CreateVersion7(now), secrets);
        db.Append(new Session
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
            Source = by.Source ?? string.Empty,
            Browser = browser,
        });
        return token;
    }
}
