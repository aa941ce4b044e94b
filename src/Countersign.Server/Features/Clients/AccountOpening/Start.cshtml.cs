using System.Globalization;
using Countersign.Server.Features.Access.Passwords;
using Countersign.Server.Features.Access.Sessions;
using Countersign.Server.Features.Confirming.Challenges;
using Countersign.Server.Http;
using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Mvc.RazorPages;
using Microsoft.AspNetCore.RateLimiting;
using Microsoft.Extensions.Localization;
using Microsoft.Extensions.Options;

namespace Countersign.Server.Features.Clients.AccountOpening;

/// <summary>The door of an account application: e-mail address, user name, password.</summary>
[AllowAnonymous]
[EnableRateLimiting(HttpSlice.CostlyPolicy)]
[OpensChallenges]
internal sealed class StartModel(
    BeginAccountApplication begin, Openers openers, SessionHandover handover, IStringLocalizer<ErrorText> errors,
    IOptions<AccountApplicationOptions> options, IOptions<PasswordOptions> passwords) : PageModel
{
    public bool IsOpen => options.Value.Open;

    public int MinimumLength => passwords.Value.MinimumLength;

    public string? Email { get; private set; }

    public string? Letters { get; private set; }

    /// <summary>The password, given back only where nothing was wrong with it.</summary>
    public string? Kept { get; private set; }

    public IReadOnlyList<Fault> Faults { get; private set; } = [];

    public IActionResult OnGet() => HttpContext.TryGetSession(out _) ? Redirect("/apply/status") : Page();

    public async Task<IActionResult> OnPostAsync(
        string? email, string? username, [FromForm(Name = "new-password")] string? password, CancellationToken ct)
    {
        if (HttpContext.TryGetSession(out _) || !IsOpen)
        {
            return Redirect("/apply");
        }

        var opener = openers.Get(HttpContext, knownSince: null);
        var begun = await begin.RunAsync(
            opener, BrowserLabel.Of(Request.Headers.UserAgent), email, username, password, CultureInfo.CurrentUICulture, ct);
        if (!begun.Succeeded)
        {
            return Refuse(begun.Error, email, username, password);
        }

        handover.Run(HttpContext, begun.Value.Session);
        return Redirect(begun.Value.EmailChallenge is { } challenge ? EmailConfirmModel.PathOf(challenge) : "/apply/email");
    }

    private PageResult Refuse(Error error, string? email, string? letters, string? password)
    {
        var field = error.Code == AccountApplicationErrors.Email.Code ? "email"
            : error.Code == AccountApplicationErrors.UserName.Code ? "username"
            : error.Kind == ErrorKind.Invalid ? "new-password" : null;
        Faults = [new Fault(errors.Say(error), field)];
        (Email, Letters, Kept) = (email, letters, field is "new-password" or null ? null : password);
        Response.Mark(error);
        return Page();
    }
}
