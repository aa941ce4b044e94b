using Countersign.Server.Data;
using Countersign.Server.Data.Protection;
using Countersign.Server.Features.Ground.Jurisdictions;
using Countersign.Server.Features.Registry.Users;
using Microsoft.EntityFrameworkCore;

namespace Countersign.Server.Features.Access.Sessions;

/// <summary>A session that lives.</summary>
/// <param name="OnNewDevice">Whether its device is not trusted yet.</param>
internal sealed record LiveSession(SessionView View, bool OnNewDevice);

/// <summary>Looks in the database whether the session of a token lives (a revoked one is dead at once) and keeps it awake.</summary>
internal sealed class SessionLookup(Contexts contexts, IWriter writer, MasterKeys keys, RegimeBook regimes, TimeProvider time)
{
    /// <summary>Activity is written down at most this often.</summary>
    private static readonly TimeSpan TouchEvery = TimeSpan.FromMinutes(1);

    /// <returns>Null when the session has ended, or never was.</returns>
    public async Task<LiveSession?> FindAsync(SessionToken token, CancellationToken ct)
    {
        var now = time.GetUtcNow();
        await using var db = contexts.Read();
        var found = await (
            from s in db.Set<Session>()
            join u in db.Set<User>() on s.UserId equals u.Id
            where s.UserId == token.UserId && s.Id == token.SessionId && s.EndedAt == null && s.ExpiresAt > now && u.FrozenAt == null
            select new
            {
                s.TokenHash,
                s.CreatedAt,
                s.LastSeenAt,
                s.DeviceKind,
                s.DeviceTrustedAt,
                s.Scope,
                u.Id,
                u.Name,
                u.Email,
                u.Language,
                u.TimeZone,
                u.PasswordSetAt,
                u.MustChangePassword,
                u.RegimeId,
                u.FrozenAt,
            }).SingleOrDefaultAsync(ct);
        if (found is null || !token.Matches(found.TokenHash, keys))
        {
            return null;
        }

        var regime = regimes.Of(found.RegimeId);
        if (now - found.LastSeenAt >= regime.SessionIdle)
        {
            return null;
        }

        if (now - found.LastSeenAt >= TouchEvery)
        {
            await TouchAsync(token, now);
        }

        var user = new UserView(
            found.Id, found.Name, found.Email, found.Language, found.TimeZone, found.PasswordSetAt, regime, found.FrozenAt);
        return new LiveSession(
            new SessionView(user, token.SessionId, found.CreatedAt, found.DeviceKind, found.MustChangePassword, found.Scope),
            OnNewDevice: found.DeviceTrustedAt > now);
    }

    private Task TouchAsync(SessionToken token, DateTimeOffset now) => writer.RunAsync(
        (db, ct) => db.Set<Session>().Where(s => s.UserId == token.UserId && s.Id == token.SessionId && s.LastSeenAt < now)
            .ExecuteUpdateAsync(set => set.SetProperty(s => s.LastSeenAt, now), ct),
        CancellationToken.None);
}
