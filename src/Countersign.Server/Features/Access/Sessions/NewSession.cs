using Countersign.Server.Data;
using Countersign.Server.Data.Protection;
using Countersign.Server.Features.Ground.Audit;
using Countersign.Server.Features.Registry.Users;

namespace Countersign.Server.Features.Access.Sessions;

/// <summary>The device that agreed to a sign-in, and the challenge that it answered.</summary>
/// <param name="TrustedAt">When the device has, or had, the tier of its kind.</param>
internal sealed record SignInProof(Guid ChallengeId, Guid DeviceId, string Kind, DateTimeOffset? TrustedAt);

/// <summary>Who begins a session.</summary>
/// <param name="Browser">Browser and system in words.</param>
/// <param name="Former">The session that the browser is in already.</param>
internal sealed record Beginning(Actor By, string Browser, BrowserSession? Former);

/// <summary>
/// Begins a session, in the unit of work that spends the challenge. The id is new at each sign-in. In the same unit ends the one that the
/// browser had: its owner could not reach it any more, and whoever has a copy of its cookie could.
/// </summary>
internal sealed class NewSession(ISecrets secrets, MasterKeys keys, EndSessions end, AuditTrail audit, TimeProvider time)
{
    /// <param name="token">Of a session that is not there yet.</param>
    public async Task AddAsync(
        CountersignDbContext db, UserView user, SessionToken token, SignInProof proof, Beginning begins, CancellationToken ct)
    {
        await AddAsync(db, user, token, begins, SessionScope.Full, proof.DeviceId, proof.Kind, proof.TrustedAt, ct);
        audit.Add(
            db, AuditEvents.SignedIn, user.Id, begins.By,
            ("session", token.SessionId),
            ("challenge", proof.ChallengeId),
            ("device", proof.DeviceId),
            ("kind", proof.Kind),
            ("browser", begins.Browser));
    }

    /// <summary>
    /// Begins a session that reaches only the user's account application: a password was shown and there is no device yet.
    /// </summary>
    public async Task<SessionToken> AddForAccountOpeningAsync(
        CountersignDbContext db, UserView user, Beginning begins, CancellationToken ct)
    {
        var token = SessionToken.New(user.Id, Guid.CreateVersion7(time.GetUtcNow()), secrets);
        await AddAsync(db, user, token, begins, SessionScope.AccountOpening, Guid.Empty, deviceKind: string.Empty, trustedAt: null, ct);
        audit.Add(
            db, AuditEvents.AccountOpeningOpened, user.Id, begins.By, ("session", token.SessionId), ("browser", begins.Browser));
        return token;
    }

    private async Task AddAsync(
        CountersignDbContext db, UserView user, SessionToken token, Beginning begins, SessionScope scope, Guid deviceId, string deviceKind,
        DateTimeOffset? trustedAt, CancellationToken ct)
    {
        if (begins.Former is { } former)
        {
            var by = Actor.Client(former.UserId, begins.By.Source) with { Session = former.Id };
            await end.OneAsync(db, former.UserId, former.Id, AuditEvents.SignedOut, by, ct);
        }

        var now = time.GetUtcNow();
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
            Source = begins.By.Source ?? string.Empty,
            Browser = begins.Browser,
        });
    }
}
