using Countersign.Server.Features.Challenges;
using Countersign.Server.Features.Sessions;
using Countersign.Server.Features.Users;
using Countersign.Server.Http;
using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.RateLimiting;
using Microsoft.EntityFrameworkCore;

namespace Countersign.Server.Features.SignIn;

/// <summary>The second factor of a sign-in.</summary>
[AllowAnonymous]
[EnableRateLimiting(HttpSlice.CostlyPolicy)]
internal sealed class ConfirmModel(ChallengeDesk desk, KnownBrowsers browsers, Cookies cookies) : ChallengePageModel(desk)
{
    private readonly ChallengeDesk _desk = desk;

    [BindProperty(Name = "return", SupportsGet = true)]
    public string? ReturnTo { get; set; }

    protected override string PurposeId => SignInPurpose.PurposeId;

    public override string StartPath => "/sign-in" + ReturnQuery(ReturnTo);

    public override string OwnPath => PathOf(Handle, ReturnTo);

    public static string PathOf(ChallengeHandle handle, string? returnTo) => $"/sign-in/{handle}{ReturnQuery(returnTo)}";

    /// <summary>Who comes back to the page of a sign-in that is done, by the back button or in a second tab, is signed in.</summary>
    public override async Task<IActionResult> OnGetAsync(CancellationToken ct) =>
        HttpContext.TryGetSession(out var session) && session.User.Id == Handle.UserId ? Redirect(LocalPath.Or(ReturnTo, "/")) : await base.OnGetAsync(ct);

    protected override Task<IActionResult> CompletedAsync(ChallengeView approved, object? value, CancellationToken ct)
    {
        var token = (SessionToken)value!;
        cookies.Write(HttpContext, SessionAuthentication.CookieName, token.ToString(), lifetime: null);
        browsers.Remember(HttpContext, token.UserId);
        _desk.Openers.Renew(HttpContext);
        return Task.FromResult<IActionResult>(Redirect(LocalPath.Or(ReturnTo, "/")));
    }

    protected override async ValueTask<bool> KnowsBrowserAsync(CancellationToken ct)
    {
        await using var db = _desk.Contexts.Read();
        var user = await db.Set<User>().Where(u => u.Id == Handle.UserId).Select(u => new { u.PasswordSetAt }).SingleOrDefaultAsync(ct);
        return user is not null && browsers.Find(HttpContext, Handle.UserId, user.PasswordSetAt) is not null;
    }

    private static QueryString ReturnQuery(string? returnTo) =>
        LocalPath.Or(returnTo, "/") is var path && path == "/" ? default : QueryString.Create("return", path);
}
