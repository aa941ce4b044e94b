using System.Globalization;
using Countersign.Server.Http;
using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Mvc.RazorPages;
using Microsoft.AspNetCore.RateLimiting;
using Microsoft.Extensions.Localization;

namespace Countersign.Server.Features.SigningIn.SignIn;

/// <summary>Where the sign-in page sends what a passkey answered without a user name. It shows nothing itself.</summary>
[AllowAnonymous]
[EnableRateLimiting(HttpSlice.CostlyPolicy)]
internal sealed class PasskeyModel(PasskeySignIn signIn, SignInBrowser browser, IStringLocalizer<ErrorText> errors) : PageModel
{
    public IActionResult OnGet() => Redirect("/sign-in");

    public async Task<IActionResult> OnPostAsync(
        [FromForm(Name = "ceremony")] string? ceremony, [FromForm(
            Name = "code")] string? code, [FromForm(Name = "return")] string? returnTo, CancellationToken ct)
    {
        _ = Guid.TryParse(ceremony, CultureInfo.InvariantCulture, out var id);
        var signedIn = await signIn.RunAsync(browser.From(HttpContext), id, code ?? string.Empty, CultureInfo.CurrentUICulture, ct);
        if (signedIn.Succeeded)
        {
            browser.Admit(HttpContext, signedIn.Value);
            return Redirect(LocalPath.Or(returnTo, "/"));
        }

        return this.Carry(IndexModel.PathOf(returnTo), CarriedRefusal.Of(signedIn.Error, errors.Say(signedIn.Error)));
    }
}
