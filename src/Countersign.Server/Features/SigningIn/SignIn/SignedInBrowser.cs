using Countersign.Server.Features.Access.Sessions;
using Countersign.Server.Features.Confirming.Challenges;
using Countersign.Server.Http;

namespace Countersign.Server.Features.SigningIn.SignIn;

/// <summary>Hands a new session to the browser that has just signed in.</summary>
internal sealed class SignedInBrowser(KnownBrowsers browsers, Openers openers, Cookies cookies)
{
    public void Admit(HttpContext http, SessionToken token)
    {
        cookies.Write(http, SessionAuthentication.CookieName, token.ToString(), lifetime: null);
        browsers.Remember(http, token.UserId);
        openers.Renew(http);
    }
}
