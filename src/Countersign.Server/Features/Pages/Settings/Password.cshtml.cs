using System.Globalization;
using Countersign.Server.Features.Access.Passwords;
using Countersign.Server.Features.Access.Sessions;
using Countersign.Server.Features.Confirming.Challenges;
using Countersign.Server.Features.SigningIn.PasswordChanges;
using Countersign.Server.Features.SigningIn.SignIn;
using Countersign.Server.Http;
using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Mvc.RazorPages;
using Microsoft.AspNetCore.RateLimiting;
using Microsoft.Extensions.Localization;
using Microsoft.Extensions.Options;

namespace Countersign.Server.Features.Pages.Settings;

/// <summary>A new password: the current one, the new one, then a device.</summary>
[EnableRateLimiting(HttpSlice.CostlyPolicy)]
[OpensChallenges]
internal sealed class PasswordModel(
    ChangePassword change, Openers openers, IStringLocalizer<ErrorText> errors, IOptions<PasswordOptions> options) : PageModel
{
    public SessionView Current => HttpContext.Session();

    public int MinimumLength => options.Value.MinimumLength;

    public string? CurrentRefusal { get; private set; }

    public string? NewRefusal { get; private set; }

    public string? Refusal { get; private set; }

    /// <summary>Kept when only the other field was wrong; never the current password.</summary>
    public string? Wanted { get; private set; }

    public async Task<IActionResult> OnPostAsync(
        [FromForm(Name = "current-password")] string? current, [FromForm(Name = "new-password")] string? wanted, CancellationToken ct)
    {
        if (string.IsNullOrEmpty(current))
        {
            return Refuse(PasswordErrors.CurrentMissing, wanted);
        }

        var opener = openers.OfSession(HttpContext);
        var result = await change.RunAsync(Current, opener, current, wanted ?? string.Empty, CultureInfo.CurrentUICulture, ct);
        return result.Succeeded ? Redirect(PasswordConfirmModel.PathOf(result.Value)) : Refuse(result.Error, wanted);
    }

    private PageResult Refuse(Error error, string? wanted)
    {
        var text = errors.Say(error);
        if (error.Code == PasswordErrors.CurrentWrong.Code || error.Code == PasswordErrors.CurrentMissing.Code)
        {
            CurrentRefusal = text;
            Wanted = wanted;
        }
        else if (error.Kind == ErrorKind.Invalid)
        {
            NewRefusal = text;
        }
        else
        {
            Refusal = text;
        }

        Response.Mark(error);
        return Page();
    }
}

/// <summary>The device that confirms the new password.</summary>
[EnableRateLimiting(HttpSlice.CostlyPolicy)]
internal sealed class PasswordConfirmModel(ChallengeSteps steps, PasswordChangePurpose purpose, KnownBrowsers browsers)
    : ChallengePageModel<PasswordChangeSubject, Done>(steps, purpose)
{
    public override string StartPath => "/settings/password";

    public override string OwnPath => PathOf(Handle);

    public static string PathOf(ChallengeHandle handle) => $"/settings/password/{handle}";

    protected override Task<IActionResult> CompletedAsync(PasswordChangeSubject subject, Done result, CancellationToken ct)
    {
        // The new password made every browser unknown; this one has just proved itself.
        browsers.Remember(HttpContext, Handle.UserId);
        return Task.FromResult<IActionResult>(Redirect("/settings/security?done=password"));
    }
}
