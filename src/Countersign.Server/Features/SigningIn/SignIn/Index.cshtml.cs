using System.Globalization;
using Countersign.Server.Features.Access.Sessions;
using Countersign.Server.Features.Confirming.Challenges;
using Countersign.Server.Features.SigningIn.Thaw;
using Countersign.Server.Http;
using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Mvc.RazorPages;
using Microsoft.AspNetCore.RateLimiting;
using Microsoft.Extensions.Localization;

namespace Countersign.Server.Features.SigningIn.SignIn;

/// <summary>User name and password.</summary>
[AllowAnonymous]
[EnableRateLimiting(HttpSlice.CostlyPolicy)]
[OpensChallenges]
internal sealed class IndexModel(CheckPassword checkPassword, SignInBrowser browser, IStringLocalizer<ErrorText> errors) : PageModel
{
    /// <summary>The longest password field that is read; the hash never sees more than the form may hold.</summary>
    private const int LongestPassword = 4096;

    [BindProperty(Name = "username", SupportsGet = true)]
    public string? UserName { get; set; }

    [BindProperty(Name = "return", SupportsGet = true)]
    public string? ReturnTo { get; set; }

    /// <summary>Whether a session ended on its own just now.</summary>
    /// <remarks>Read as it stands: a bound <c>bool</c> does not take the 1 that the redirect carries.</remarks>
    public bool SessionEnded => Request.Query["ended"] == "1";

    /// <summary>Whether a frozen access was opened again just now.</summary>
    public bool Thawed => Request.Query["thawed"] == "1";

    public string? NameRefusal { get; private set; }

    public string? PasswordRefusal { get; private set; }

    /// <summary>A refusal that belongs to no field.</summary>
    public string? Refusal { get; private set; }

    public IActionResult OnGet()
    {
        if (HttpContext.TryGetSession(out _))
        {
            return Redirect(LocalPath.Or(ReturnTo, "/"));
        }

        if (this.Carried() is { } carried)
        {
            UserName = carried.Typed;
            Refusal = carried.Field is null ? carried.Text : null;
            NameRefusal = carried.Field == "username" ? carried.Text : null;
            PasswordRefusal = carried.Field == "password" ? carried.Text : null;
        }

        return Page();
    }

    public async Task<IActionResult> OnPostAsync([FromForm] string? password, CancellationToken ct)
    {
        if (string.IsNullOrWhiteSpace(UserName))
        {
            return Refuse(SignInErrors.NameMissing, "username");
        }

        if (string.IsNullOrEmpty(password))
        {
            return Refuse(SignInErrors.PasswordMissing, "password");
        }

        if (password.Length > LongestPassword)
        {
            return Refuse(SignInErrors.Wrong);
        }

        var result = await checkPassword.RunAsync(browser.From(HttpContext), UserName, password, CultureInfo.CurrentUICulture, ct);
        return !result.Succeeded ? Refuse(result.Error) : result.Value switch
        {
            AfterPassword.Device device => Redirect(ConfirmModel.PathOf(device.Challenge, ReturnTo)),
            AfterPassword.Frozen frozen => Redirect(ThawModel.PathOf(frozen.Challenge)),
            AfterPassword.AccountOpening opening => Begin(opening.Token),
            _ => throw new System.Diagnostics.UnreachableException(),
        };
    }

    private RedirectResult Begin(SessionToken token)
    {
        browser.Hand(HttpContext, token);
        return Redirect("/apply/status");
    }

    /// <summary>This page, with where to go afterwards.</summary>
    public static string PathOf(string? returnTo) =>
        "/sign-in" + (LocalPath.Or(returnTo, "/") is var path && path == "/" ? default : QueryString.Create("return", path));

    private RedirectResult Refuse(Error error, string? field = null) =>
        this.Carry(PathOf(ReturnTo), CarriedRefusal.Of(error, errors.Say(error), field, UserName));
}
