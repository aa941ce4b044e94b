using Countersign.Server.Data;
using Countersign.Server.Data.Protection;
using Countersign.Server.Features.Registry.Users;
using Microsoft.EntityFrameworkCore;

namespace Countersign.Server.Features.Access.Sessions;

/// <summary>A session that lives.</summary>
/// <param name="OnNewDevice">Whether its device is not trusted yet.</param>
internal sealed record LiveSession(SessionView View, bool OnNewDevice);

/// <summary>Looks in the database whether the session of a token lives (a revoked one is dead at once) and keeps it awake.</summary>
internal sealed class SessionLookup(
    Contexts contexts, IWriter writer, MasterKeys keys, UserViews users, FreshSessions fresh, TimeProvider time)
{
    /// <summary>Activity is written down at most this often.</summary>
    private static readonly TimeSpan TouchEvery = TimeSpan.FromMinutes(1);

    private static readonly SqlQuery<Found> Find = new(model =>
    {
        var (s, u) = (Rows<Session>.Of(model), Rows<User>.Of(model));
        return (
            $"""
            SELECT {s.Columns("s")}, {u.Columns("u")}
            FROM sessions s JOIN users u ON u.id = s.user_id
            WHERE s.user_id = $1 AND s.id = $2 AND s.ended_at IS NULL AND s.expires_at > $3 AND u.frozen_at IS NULL
            """,
            row => new Found(s.Read(row, 0), u.Read(row, s.Width)));
    });

    /// <returns>Null when the session has ended, or never was.</returns>
    public async Task<LiveSession?> FindAsync(SessionToken token, CancellationToken ct)
    {
        var now = time.GetUtcNow();
        await using var db = contexts.Read();
        if (await db.ReadOneAsync(Find, [token.UserId, token.SessionId, now.ToUnixMicroseconds()], ct) is not var (session, owner)
            || !token.Matches(session.TokenHash, keys))
        {
            return null;
        }

        var user = users.Of(owner);
        if (now - session.LastSeenAt >= user.Regime.SessionIdle)
        {
            return null;
        }

        fresh.Used(session, now);
        if (now - session.LastSeenAt >= TouchEvery)
        {
            await TouchAsync(token, now);
        }

        return new LiveSession(
            new SessionView(user, token.SessionId, session.CreatedAt, session.DeviceKind, owner.MustChangePassword, session.Scope),
            OnNewDevice: session.DeviceTrustedAt > now);
    }

    private Task TouchAsync(SessionToken token, DateTimeOffset now) => writer.RunAsync(
        (db, ct) => db.Set<Session>().Where(s => s.UserId == token.UserId && s.Id == token.SessionId && s.LastSeenAt < now)
            .ExecuteUpdateAsync(set => set.SetProperty(s => s.LastSeenAt, now), ct),
        CancellationToken.None);

    private sealed record Found(Session Session, User Owner);
}
