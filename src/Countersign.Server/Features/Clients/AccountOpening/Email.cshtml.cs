using System.Globalization;
using Countersign.Server.Data;
using Countersign.Server.Features.Access.Sessions;
using Countersign.Server.Features.Confirming.Challenges;
using Countersign.Server.Features.Kinds.EmailCodes;
using Countersign.Server.Features.Registry.Users;
using Countersign.Server.Http;
using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Mvc.RazorPages;
using Microsoft.AspNetCore.RateLimiting;
using Microsoft.Extensions.Localization;

namespace Countersign.Server.Features.Clients.AccountOpening;

/// <summary>Sends a code to the applicant's address, again or for the first time.</summary>
[EnableRateLimiting(HttpSlice.CostlyPolicy)]
[OpensChallenges]
internal sealed class EmailModel(IWriter writer, ConfirmEmail confirm, Openers openers, IStringLocalizer<ErrorText> errors) : PageModel
{
    private const string Here = "/apply/email";

    public string? Address => HttpContext.Session().User.Email is { } address ? EmailAddress.Mask(address) : null;

    public string? Refusal { get; private set; }

    public void OnGet() => Refusal = this.Carried()?.Text;

    public async Task<IActionResult> OnPostAsync(CancellationToken ct)
    {
        var user = HttpContext.Session().User;
        var opener = openers.OfSession(HttpContext);
        var language = CultureInfo.CurrentUICulture;
        var begun = await writer.RunAsync((db, token) => confirm.BeginAsync(db, user, opener, language, token), ct);
        return begun.Succeeded
            ? Redirect(EmailConfirmModel.PathOf(begun.Value))
            : this.Carry(Here, CarriedRefusal.Of(begun.Error, errors.Say(begun.Error)));
    }
}

/// <summary>The code that came by e-mail.</summary>
[EnableRateLimiting(HttpSlice.CostlyPolicy)]
internal sealed class EmailConfirmModel(
    ChallengeSteps steps, EmailVerificationPurpose purpose) : ChallengePageModel<EmailVerificationSubject, Done>(steps, purpose)
{
    public override string StartPath => "/apply/email";

    public override string OwnPath => PathOf(Handle);

    public override string Wording => ".application";

    public static string PathOf(ChallengeHandle handle) => $"/apply/email/{handle}";

    protected override Task<IActionResult> CompletedAsync(EmailVerificationSubject subject, Done result, CancellationToken ct) =>
        Task.FromResult<IActionResult>(Redirect("/apply/status?done=email"));
}
