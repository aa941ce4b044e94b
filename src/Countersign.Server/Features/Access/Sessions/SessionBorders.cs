namespace Countersign.Server.Features.Access.Sessions;

/// <summary>Keeps sessions that do not reach everywhere where they belong, whatever else was asked for.</summary>
internal static class SessionBorders
{
    private const string NewPassword = "/settings/password";
    private const string AccountOpening = "/apply";
    private static readonly PathString[] Open =
    [
        "/sign-out", "/preferences", "/help", "/client-services", "/regulations", "/operations", "/challenges", "/error", "/health",
        "/demo",
    ];

    /// <summary>Whose password has to be changed changes it first; who has no device yet sees only the account application.</summary>
    public static void UseSessionBorders(this IApplicationBuilder app) => app.Use((http, next) =>
    {
        if (!http.TryGetSession(out var session)
            || Home(session) is not { } home
            || Lies(http.Request.Path, home)
            || Array.Exists(Open, path => Lies(http.Request.Path, path)))
        {
            return next(http);
        }

        http.Response.Redirect(home == AccountOpening ? "/apply/status" : home);
        return Task.CompletedTask;
    });

    private static string? Home(SessionView session) =>
        session.Scope == SessionScope.AccountOpening ? AccountOpening : session.MustChangePassword ? NewPassword : null;

    private static bool Lies(PathString path, PathString within) => path.StartsWithSegments(within, StringComparison.OrdinalIgnoreCase);
}
