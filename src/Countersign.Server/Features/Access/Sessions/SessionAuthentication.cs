using System.Security.Claims;
using System.Text.Encodings.Web;
using Countersign.Server.Http;
using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Diagnostics;
using Microsoft.Extensions.Options;

namespace Countersign.Server.Features.Access.Sessions;

/// <summary>Recognises a session by its cookie, and looks each time whether it lives.</summary>
internal sealed class SessionAuthentication(
    IOptionsMonitor<AuthenticationSchemeOptions> options, ILoggerFactory loggers, UrlEncoder encoder, Cookies cookies,
    SessionLookup sessions)
    : AuthenticationHandler<AuthenticationSchemeOptions>(options, loggers, encoder)
{
    public const string SchemeName = "session";
    public const string CookieName = "session";

    /// <summary>Claim of a session whose device is not trusted yet: it has less power than its kind (D2).</summary>
    public const string DeviceTrust = "device_trust";
    public const string NewDevice = "new";

    protected override async Task<AuthenticateResult> HandleAuthenticateAsync()
    {
        // The page that says what went wrong: whoever was recognised still is, and what is away is not asked again.
        if (Context.Features.Get<IStatusCodeReExecuteFeature>() is not null)
        {
            return AuthenticateResult.NoResult();
        }

        if (SessionToken.Parse(cookies.Read(Context, CookieName)) is not { } token)
        {
            return AuthenticateResult.NoResult();
        }

        if (await sessions.FindAsync(token, Context.RequestAborted) is not { } session)
        {
            return AuthenticateResult.Fail("The session has ended.");
        }

        Context.SetSession(session.View);
        List<Claim> claims = [new("sub", session.View.User.Id.ToString()), new("sid", session.View.Id.ToString())];
        if (session.OnNewDevice)
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
}
