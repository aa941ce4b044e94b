namespace Countersign.Server.Features.Sessions;

/// <summary>Leads a user whose password has to be changed to the page that does it, whatever else was asked for.</summary>
internal static class ForcedPasswordChange
{
    private const string Page = "/settings/password";
    private static readonly PathString[] Open = [Page, "/sign-out", "/preferences", "/help", "/client-services", "/regulations", "/challenges", "/error", "/health", "/demo"];

    public static void UseForcedPasswordChange(this IApplicationBuilder app) => app.Use((http, next) =>
    {
        if (!http.TryGetSession(out var session) || !session.MustChangePassword || Array.Exists(Open, path => http.Request.Path.StartsWithSegments(path, StringComparison.OrdinalIgnoreCase)))
        {
            return next(http);
        }

        http.Response.Redirect(Page);
        return Task.CompletedTask;
    });
}
