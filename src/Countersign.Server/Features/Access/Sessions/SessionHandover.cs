using Countersign.Server.Http;

namespace Countersign.Server.Features.Access.Sessions;

/// <summary>Hands a new session to a browser. The one that the browser had has ended in the unit that made this one.</summary>
internal sealed class SessionHandover(Cookies cookies)
{
    public void Run(HttpContext http, SessionToken token) =>
        cookies.Write(http, SessionAuthentication.CookieName, token.ToString(), lifetime: null);
}
