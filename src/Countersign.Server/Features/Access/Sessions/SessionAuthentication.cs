using System.Security.Claims;
using System.Text.Encodings.Web;
using Countersign.Server.Data;
using Countersign.Server.Data.Protection;
using Countersign.Server.Features.Ground.Jurisdictions;
using Countersign.Server.Features.Registry.Users;
using Countersign.Server.Http;
using Microsoft.AspNetCore.Authentication;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Options;

namespace Countersign.Server.Features.Access.Sessions;

/// <summary>
/// Recognises a session by its cookie, looks at the database each time (a revoked session is dead at once) and keeps it awake.
/// </summary>
internal sealed class SessionAuthentication(
    IOptionsMonitor<AuthenticationSchemeOptions> options, ILoggerFactory loggers, UrlEncoder encoder,
    Contexts contexts, IWriter writer, MasterKeys keys, Cookies cookies, RegimeBook regimes, TimeProvider time)
    : AuthenticationHandler<AuthenticationSchemeOptions>(options, loggers, encoder)
{
    public const string SchemeName = "session";
    public const string CookieName = "session";

    /// <summary>Activity is written down at most this often.</summary>
    /// <summary>Claim of a session whose device is not trusted yet: it has less power than its kind (D2).</summary>
    public const string DeviceTrust = "device_trust";
    public const string NewDevice = "new";

    private static readonly TimeSpan TouchEvery = TimeSpan.FromMinutes(1);

    protected override async Task<AuthenticateResult> HandleAuthenticateAsync()
    {
        if (SessionToken.Parse(cookies.Read(Context, CookieName)) is not { } token)
        {
            return AuthenticateResult.NoResult();
        }

        var now = time.GetUtcNow();
        await using var db = contexts.Read();
        var found = await (
            from s in db.Set<Session>()
            join u in db.Set<User>() on s.UserId equals u.Id
            where s.UserId == token.UserId && s.Id == token.SessionId && s.EndedAt == null && s.ExpiresAt > now && u.FrozenAt == null
            select new
            {
                s.TokenHash, s.CreatedAt, s.LastSeenAt, s.DeviceKind, s.DeviceTrustedAt, s.Scope,
                u.Id, u.Name, u.Email, u.Language, u.TimeZone, u.PasswordSetAt, u.MustChangePassword, u.RegimeId, u.FrozenAt,
            }).SingleOrDefaultAsync(Context.RequestAborted);
        if (found is null || !token.Matches(found.TokenHash, keys))
        {
            return AuthenticateResult.Fail("The session has ended.");
        }

        var regime = regimes.Of(found.RegimeId);
        if (now - found.LastSeenAt >= regime.SessionIdle)
        {
            return AuthenticateResult.Fail("The session has ended.");
        }

        if (now - found.LastSeenAt >= TouchEvery)
        {
            await TouchAsync(token, now);
        }

        var user = new UserView(
            found.Id, found.Name, found.Email, found.Language, found.TimeZone, found.PasswordSetAt, regime, found.FrozenAt);
        Context.SetSession(
            new SessionView(user, token.SessionId, found.CreatedAt, found.DeviceKind, found.MustChangePassword, found.Scope));
        List<Claim> claims = [new("sub", user.Id.ToString()), new("sid", token.SessionId.ToString())];
        if (found.DeviceTrustedAt > now)
        {
            claims.Add(new Claim(DeviceTrust, NewDevice));
        }

        var identity = new ClaimsIdentity(claims, SchemeName);
        return AuthenticateResult.Success(new AuthenticationTicket(new ClaimsPrincipal(identity), SchemeName));
    }

    protected override Task HandleChallengeAsync(AuthenticationProperties properties)
    {
        var ended = cookies.Read(Context, CookieName) is not null;
        if (ended)
        {
            cookies.Delete(Context, CookieName);
        }

        var returnTo = HttpMethods.IsGet(Request.Method) && Request.Path != "/" ? Request.Path + Request.QueryString : null;
        var query = QueryString.Create(
            new Dictionary<string, string?> { ["return"] = returnTo, ["ended"] = ended ? "1" : null }.Where(p => p.Value is not null));
        Response.Redirect("/sign-in" + query);
        return Task.CompletedTask;
    }

    private Task TouchAsync(SessionToken token, DateTimeOffset now) => writer.RunAsync(
        (db, ct) => db.Set<Session>().Where(s => s.UserId == token.UserId && s.Id == token.SessionId && s.LastSeenAt < now)
            .ExecuteUpdateAsync(set => set.SetProperty(s => s.LastSeenAt, now), ct),
        CancellationToken.None);
}
