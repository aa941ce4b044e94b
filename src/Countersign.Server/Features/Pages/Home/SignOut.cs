using Countersign.Server.Data;
using Countersign.Server.Features.Access.Sessions;
using Countersign.Server.Features.Ground.Audit;
using Countersign.Server.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Mvc;

namespace Countersign.Server.Features.Pages.Home;

/// <summary>Ends the session in use.</summary>
internal static class SignOut
{
    public static void MapSignOut(this IEndpointRouteBuilder routes) =>
        routes.MapPost("/sign-out", RunAsync).WithTags("Sessions").AllowAnonymous();

    /// <remarks>Open to strangers: who signs out in a second tab has no session any more and lands on the same page.</remarks>
    private static async Task<RedirectHttpResult> RunAsync(
        HttpContext http, IWriter writer, EndSessions end, Cookies cookies, [FromForm] string? from, CancellationToken ct)
    {
        if (http.TryGetSession(out var session))
        {
            var by = Actor.Client(session.User.Id, ClientSource.Of(http)) with { Session = session.Id };
            await writer.RunAsync((db, token) => end.OneAsync(db, session.User.Id, session.Id, AuditEvents.SignedOut, by, token), ct);
            cookies.Delete(http, SessionAuthentication.CookieName);
        }

        return TypedResults.Redirect("/sign-in");
    }
}
