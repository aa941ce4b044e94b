using System.Globalization;
using Countersign.Server.Features.Access.Sessions;
using Countersign.Server.Features.Confirming.Challenges;
using Countersign.Server.Http;
using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Mvc.RazorPages;
using Microsoft.AspNetCore.RateLimiting;
using Microsoft.Extensions.Localization;

namespace Countersign.Server.Features.Kinds.Passkeys.Alone;

/// <summary>Says what it means that a passkey signs in alone, and turns it on and off.</summary>
[EnableRateLimiting(HttpSlice.CostlyPolicy)]
[OpensChallenges]
internal sealed class AloneModel(
    ChangeAlone change, PasskeyFacts facts, PasskeyCeremonies ceremonies, Openers openers,
    IStringLocalizer<ErrorText> errors) : PageModel
{
    [FromRoute(Name = "id")]
    public Guid Id { get; set; }

    public string Label { get; private set; } = string.Empty;

    public bool IsOn { get; private set; }

    public string? Refusal { get; private set; }

    /// <summary>Whether it was changed just now.</summary>
    public bool Done => Request.Query["done"] == "1";

    public static string PathOf(Guid id) => $"/settings/devices/{id}/alone";

    public async Task<IActionResult> OnGetAsync(CancellationToken ct)
    {
        if (!ceremonies.Offered || await facts.FindAsync(HttpContext.Session().User.Id, Id, ct) is not { } found)
        {
            return NotFound();
        }

        (Label, IsOn, Refusal) = (found.Label, found.Passkey.Alone, this.Carried()?.Text);
        return Page();
    }

    public async Task<IActionResult> OnPostOnAsync(CancellationToken ct)
    {
        if (!ceremonies.Offered)
        {
            return NotFound();
        }

        var begun = await change.AskAsync(
            HttpContext.Session().User, openers.OfSession(HttpContext), Id, CultureInfo.CurrentUICulture, ct);
        return begun.Succeeded ? Redirect(AloneConfirmModel.PathOf(begun.Value)) : Refuse(begun.Error);
    }

    public async Task<IActionResult> OnPostOffAsync(CancellationToken ct) =>
        await change.TurnOffAsync(HttpContext.Session().User, Id, ClientSource.Of(HttpContext), ct) is { } refusal
            ? Refuse(refusal)
            : Redirect(PathOf(Id) + "?done=1");

    private RedirectResult Refuse(Error error) => this.Carry(PathOf(Id), CarriedRefusal.Of(error, errors.Say(error)));
}

/// <summary>The passkey that agrees to sign in alone.</summary>
[EnableRateLimiting(HttpSlice.CostlyPolicy)]
internal sealed class AloneConfirmModel(ChallengeSteps steps, AlonePurpose purpose) : ChallengePageModel<AloneSubject, Done>(steps, purpose)
{
    public override string StartPath => "/settings/devices";

    public override string OwnPath => PathOf(Handle);

    public static string PathOf(ChallengeHandle handle) => $"/settings/devices/alone/{handle}";

    protected override Task<IActionResult> CompletedAsync(AloneSubject subject, Done result, CancellationToken ct) =>
        Task.FromResult<IActionResult>(Redirect(AloneModel.PathOf(subject.DeviceId) + "?done=1"));
}
