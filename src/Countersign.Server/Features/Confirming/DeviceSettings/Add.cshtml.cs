using System.Globalization;
using Countersign.Server.Features.Access.Sessions;
using Countersign.Server.Features.Confirming.Challenges;
using Countersign.Server.Features.Confirming.Devices;
using Countersign.Server.Http;
using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Mvc.RazorPages;
using Microsoft.AspNetCore.RateLimiting;
using Microsoft.Extensions.Localization;
using Microsoft.Extensions.Options;

namespace Countersign.Server.Features.Confirming.DeviceSettings;

/// <summary>Adds a device of one kind: a name for it, and what the kind asks for.</summary>
[EnableRateLimiting(HttpSlice.CostlyPolicy)]
[OpensChallenges]
internal sealed class AddDeviceModel(
    ChangeDevices change, KindCatalog kinds, Openers openers, IOptions<DeviceOptions> options, IStringLocalizer<ErrorText> errors)
    : PageModel
{
    [FromRoute(Name = "kind")]
    public string KindId { get; set; } = string.Empty;

    public SessionView Current => HttpContext.Session();

    public IAddableKind? Kind => options.Value.CanAdd(KindId) ? kinds.Find(KindId) as IAddableKind : null;

    public string? Label { get; private set; }

    /// <summary>What was typed for the kind, given back when it was refused.</summary>
    public string? Typed { get; private set; }

    public string? Refusal { get; private set; }

    public string? RefusedField { get; private set; }

    public IActionResult OnGet()
    {
        if (Kind is null)
        {
            return NotFound();
        }

        var carried = this.Carried();
        (Refusal, RefusedField) = (carried?.Text, carried?.Field);
        Typed = carried?.Typed;
        Label = carried?.More ?? kinds.Text(KindId, "label", CultureInfo.CurrentUICulture);
        return Page();
    }

    public async Task<IActionResult> OnPostAsync(string? label, string? typed, CancellationToken ct)
    {
        if (Kind is null)
        {
            return NotFound();
        }

        var wish = new Wish(Current.User, Current.Id, openers.OfSession(HttpContext), CultureInfo.CurrentUICulture);
        var begun = await change.AddAsync(wish, KindId, label, typed, ct);
        if (begun.Succeeded)
        {
            return Redirect(DeviceConfirmModel.PathOf(begun.Value));
        }

        var field = begun.Error.Kind != ErrorKind.Invalid
            ? null
            : begun.Error.Code.StartsWith("device.label", StringComparison.Ordinal)
            ? "label"
            : "typed";
        return this.Carry(
            $"/settings/devices/add/{KindId}", CarriedRefusal.Of(begun.Error, errors.Say(begun.Error), field, typed, more: label));
    }
}
