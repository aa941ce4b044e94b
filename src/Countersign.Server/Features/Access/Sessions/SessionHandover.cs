using Countersign.Server.Data;
using Countersign.Server.Data.Protection;
using Countersign.Server.Features.Ground.Audit;
using Countersign.Server.Http;

namespace Countersign.Server.Features.Access.Sessions;

/// <summary>
/// Hands a new session to a browser. The one that the browser had ends: its owner could not reach it any more, and whoever has a copy
/// of its cookie could.
/// </summary>
internal sealed partial class SessionHandover(IWriter writer, EndSessions end, Cookies cookies, ILogger<SessionHandover> logger)
{
    public async Task RunAsync(HttpContext http, SessionToken token)
    {
        if (http.TryGetSession(out var former))
        {
            await EndAsync(http, former);
        }

        cookies.Write(http, SessionAuthentication.CookieName, token.ToString(), lifetime: null);
    }

    /// <summary>
    /// The new session stands already: the old one ends whether or not the browser still listens, and where it cannot be ended now nobody
    /// is kept from the new one.
    /// </summary>
    private async Task EndAsync(HttpContext http, SessionView former)
    {
        try
        {
            var by = Actor.Client(former.User.Id, ClientSource.Of(http)) with { Session = former.Id };
            await writer.RunAsync(
                (db, ct) => end.OneAsync(db, former.User.Id, former.Id, AuditEvents.SignedOut, by, ct), CancellationToken.None);
        }
        catch (Exception e) when (e is WriterBusyException or UnknownOutcomeException || PassingFault.Is(e))
        {
            LogLeft(e, former.Id);
        }
    }

    [LoggerMessage(9001, LogLevel.Error, "Session {Session} could not be ended when its browser signed in again; it ends by itself.")]
    private partial void LogLeft(Exception exception, Guid session);
}
