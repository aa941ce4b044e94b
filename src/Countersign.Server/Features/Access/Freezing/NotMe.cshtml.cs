using Countersign.Server.Http;
using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Mvc.RazorPages;
using Microsoft.AspNetCore.RateLimiting;
using Microsoft.Extensions.Localization;

namespace Countersign.Server.Features.Access.Freezing;

/// <summary>Where the link of a notice leads. Looking changes nothing, since mail programs look too; the button freezes.</summary>
[AllowAnonymous]
[EnableRateLimiting(HttpSlice.CostlyPolicy)]
internal sealed class NotMeModel(Repudiate repudiate, IStringLocalizer<ErrorText> errors) : PageModel
{
    public string? Token { get; private set; }

    public RepudiationView? Found { get; private set; }

    public bool Frozen { get; private set; }

    public string? Refusal { get; private set; }

    public async Task OnGetAsync([FromRoute] string? token, CancellationToken ct)
    {
        Frozen = Request.Query["done"] == "1";
        Refusal = this.Carried()?.Text;
        if (token is not null)
        {
            await LookAsync(token, ct);
        }
    }

    /// <summary>A code that was typed: shown like the one of a link, and in no address.</summary>
    public async Task<IActionResult> OnPostLookAsync([FromForm] string? token, CancellationToken ct)
    {
        await LookAsync(token, ct);
        return Page();
    }

    public async Task<IActionResult> OnPostAsync([FromForm] string? token, CancellationToken ct) =>
        await repudiate.RunAsync(token, ClientSource.Of(HttpContext), ct)
            ? Redirect("/not-me?done=1")
            : this.Carry("/not-me", CarriedRefusal.Of(FreezingErrors.Unknown, errors.Say(FreezingErrors.Unknown)));

    private async Task LookAsync(string? token, CancellationToken ct)
    {
        Found = await repudiate.FindAsync(token, ct);
        Token = token;
        Frozen |= Found is { Done: true };
        if (Found is null)
        {
            Refusal = errors.Say(FreezingErrors.Unknown);
            Response.StatusCode = StatusCodes.Status404NotFound;
        }
    }
}
