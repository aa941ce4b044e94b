using Countersign.Server.Features.Access.Sessions;
using Countersign.Server.Features.Confirming.Challenges;
using Countersign.Server.Http;

namespace Countersign.Server.Features.SigningIn.SignIn;

/// <summary>What a browser brings to a sign-in, and what it takes from it.</summary>
internal sealed class SignInBrowser(KnownBrowsers browsers, Openers openers, SessionHandover handover)
{
    public SignInFrom From(HttpContext http) =>
        new(openers.Get(http, knownSince: null), browsers.Read(http), BrowserLabel.Of(http.Request.Headers.UserAgent));

    /// <summary>Hands a new session to the browser that has just signed in.</summary>
    public void Admit(HttpContext http, SessionToken token)
    {
        Hand(http, token);
        browsers.Remember(http, token.UserId);
    }

    /// <summary>The same for a session that reaches only the account application: no device has vouched for the browser.</summary>
    public void Hand(HttpContext http, SessionToken token)
    {
        handover.Run(http, token);
        openers.Renew(http);
    }
}
