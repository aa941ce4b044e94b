using Countersign.Server.Features.Access.Sessions;
using Countersign.Server.Features.Confirming.Challenges;
using Countersign.Server.Http;
using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.RateLimiting;

namespace Countersign.Server.Features.SigningIn.SignIn;

/// <summary>The second factor of a sign-in.</summary>
[AllowAnonymous]
[EnableRateLimiting(HttpSlice.CostlyPolicy)]
internal sealed class ConfirmModel(ChallengeSteps steps, SignInPurpose purpose, KnownBrowsers browsers, SignInBrowser browser)
    : ChallengePageModel<SignInSubject, SessionToken>(steps, purpose)
{
    [BindProperty(Name = "return", SupportsGet = true)]
    public string? ReturnTo { get; set; }

    public override string StartPath => "/sign-in" + ReturnQuery(ReturnTo);

    public override string OwnPath => PathOf(Handle, ReturnTo);

    public static string PathOf(ChallengeHandle handle, string? returnTo) => $"/sign-in/{handle}{ReturnQuery(returnTo)}";

    /// <summary>Who comes back to the page of a sign-in that is done, by the back button or in a second tab, is signed in.</summary>
    public override async Task<IActionResult> OnGetAsync(CancellationToken ct) =>
        HttpContext.TryGetSession(out var session) && session.User.Id == Handle.UserId && session.Scope == SessionScope.Full
            ? Redirect(LocalPath.Or(ReturnTo, "/"))
            : await base.OnGetAsync(ct);

    protected override Task<IActionResult> CompletedAsync(SignInSubject subject, SessionToken result, CancellationToken ct)
    {
        browser.Admit(HttpContext, result);
        return Task.FromResult<IActionResult>(Redirect(LocalPath.Or(ReturnTo, "/")));
    }

    protected override DateTimeOffset? KnownSince() => browsers.Since(HttpContext, Handle.UserId);

    private static QueryString ReturnQuery(string? returnTo) =>
        LocalPath.Or(returnTo, "/") is var path && path == "/" ? default : QueryString.Create("return", path);
}
