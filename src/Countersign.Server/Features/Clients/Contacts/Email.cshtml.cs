using System.Globalization;
using Countersign.Server.Data;
using Countersign.Server.Features.Access.Sessions;
using Countersign.Server.Features.Confirming.Challenges;
using Countersign.Server.Features.Registry.Users;
using Countersign.Server.Http;
using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Mvc.RazorPages;
using Microsoft.AspNetCore.RateLimiting;
using Microsoft.Extensions.Localization;

namespace Countersign.Server.Features.Clients.Contacts;

/// <summary>Settings → E-mail: the address there is, the one that waits for its code, and a form for another one.</summary>
[EnableRateLimiting(HttpSlice.CostlyPolicy)]
[OpensChallenges]
internal sealed class EmailSettingsModel(
    CountersignDbContext db, ChangeEmail change, WantedEmails wanted, Openers openers, IStringLocalizer<ErrorText> errors,
    TimeProvider time) : PageModel
{
    public const string Here = "/settings/email";
    private static readonly string[] Deeds = ["changed", "given-up"];

    public SessionView Current => HttpContext.Session();

    public WantedEmail? Wanted { get; private set; }

    /// <summary>From when the address stands for the user; null where it does.</summary>
    public DateTimeOffset? TrustedAt => Current.User.EmailTrustedAt > time.GetUtcNow() ? Current.User.EmailTrustedAt : null;

    /// <summary>Whether there is an address before it that is told as well.</summary>
    public bool HasFormer { get; private set; }

    public string? Refusal { get; private set; }

    public string? RefusedField { get; private set; }

    public string? Typed { get; private set; }

    /// <summary>What was just done, to be said once.</summary>
    public string? Done => Deeds.FirstOrDefault(d => Request.Query["done"] == d);

    public async Task OnGetAsync(CancellationToken ct)
    {
        Wanted = await wanted.FindAsync(db, Current.User.Id, ct);
        HasFormer = (await Emails.ToldAsync(db, Current.User, time.GetUtcNow(), ct)).Count > 1;
        var carried = this.Carried();
        (Refusal, RefusedField, Typed) = (carried?.Text, carried?.Field, carried?.Typed);
    }

    public async Task<IActionResult> OnPostAsync(string? email, CancellationToken ct)
    {
        var begun = await change.BeginAsync(Current.User, openers.OfSession(HttpContext), email, CultureInfo.CurrentUICulture, ct);
        return begun.Succeeded ? Redirect(EmailConsentModel.PathOf(begun.Value)) : Refuse(begun.Error, email);
    }

    public async Task<IActionResult> OnPostProveAsync(CancellationToken ct)
    {
        var begun = await change.ProveAsync(Current.User, openers.OfSession(HttpContext), CultureInfo.CurrentUICulture, ct);
        return begun.Succeeded ? Redirect(EmailProofModel.PathOf(begun.Value)) : Refuse(begun.Error, typed: null);
    }

    public async Task<IActionResult> OnPostGiveUpAsync(CancellationToken ct)
    {
        await change.GiveUpAsync(Current.User, openers.OfSession(HttpContext), ct);
        return Redirect(Here + "?done=given-up");
    }

    private RedirectResult Refuse(Error error, string? typed) =>
        this.Carry(Here, CarriedRefusal.Of(error, errors.Say(error), error.Kind == ErrorKind.Invalid ? "email" : null, typed));
}

/// <summary>The device that agrees to another e-mail address.</summary>
[EnableRateLimiting(HttpSlice.CostlyPolicy)]
[OpensChallenges]
internal sealed class EmailConsentModel(ChallengeSteps steps, EmailChangePurpose purpose, ChangeEmail change, Openers openers)
    : ChallengePageModel<EmailChangeSubject, Done>(steps, purpose)
{
    public override string StartPath => EmailSettingsModel.Here;

    public override string OwnPath => PathOf(Handle);

    public static string PathOf(ChallengeHandle handle) => $"/settings/email/confirm/{handle}";

    /// <summary>The code goes out at once.</summary>
    protected override async Task<IActionResult> CompletedAsync(EmailChangeSubject subject, Done result, CancellationToken ct)
    {
        var opener = openers.OfSession(HttpContext);
        var begun = await change.ProveAsync(HttpContext.Session().User, opener, CultureInfo.CurrentUICulture, ct);
        return Redirect(begun.Succeeded ? EmailProofModel.PathOf(begun.Value) : StartPath);
    }
}

/// <summary>The code that was sent to the wanted address.</summary>
[EnableRateLimiting(HttpSlice.CostlyPolicy)]
internal sealed class EmailProofModel(ChallengeSteps steps, EmailProofPurpose purpose)
    : ChallengePageModel<EmailProofSubject, Done>(steps, purpose)
{
    public override string StartPath => EmailSettingsModel.Here;

    public override string OwnPath => PathOf(Handle);

    public override string Wording => ".application";

    public static string PathOf(ChallengeHandle handle) => $"/settings/email/verify/{handle}";

    protected override Task<IActionResult> CompletedAsync(EmailProofSubject subject, Done result, CancellationToken ct) =>
        Task.FromResult<IActionResult>(Redirect(EmailSettingsModel.Here + "?done=changed"));
}
