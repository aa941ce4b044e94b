using Countersign.Server.Data;
using Countersign.Server.Features.Ground.Audit;
using Countersign.Server.Http;

namespace Countersign.Server.Features.Access.Sessions;

/// <summary>
/// Hands a new session to a browser. The one that the browser had ends: its owner could not reach it any more, and whoever has a copy
/// of its cookie could.
/// </summary>
internal sealed class SessionHandover(IWriter writer, EndSessions end, Cookies cookies)
{
    public async Task RunAsync(HttpContext http, SessionToken token)
    {
        if (http.TryGetSession(out var former))
        {
            // The new session stands already: the old one ends whether or not the browser still listens.
            var by = Actor.Client(former.User.Id, ClientSource.Of(http));
            await writer.RunAsync(
                (db, ct) => end.OneAsync(db, former.User.Id, former.Id, AuditEvents.SignedOut, by, ct), CancellationToken.None);
        }

        cookies.Write(http, SessionAuthentication.CookieName, token.ToString(), lifetime: null);
    }
}
