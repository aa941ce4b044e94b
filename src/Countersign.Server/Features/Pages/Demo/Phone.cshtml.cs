using Countersign.Server.Features.Messaging.Messages;
using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Mvc.RazorPages;

namespace Countersign.Server.Features.Pages.Demo;

/// <summary>The demo phone: one for each persona's number.</summary>
[AllowAnonymous]
internal sealed class PhoneModel(DemoMessages messages) : PageModel
{
    /// <summary>Whose phone is shown; null for all of them.</summary>
    [FromQuery(Name = "to")]
    public string? To { get; set; }

    public Persona? Owner { get; private set; }

    public IReadOnlyList<DemoMessage> Messages { get; private set; } = [];

    public async Task OnGetAsync(CancellationToken ct)
    {
        To = DemoSlice.Number(To);
        Owner = Persona.All.FirstOrDefault(p => p.Mobile == To);
        Messages = await messages.NewestAsync(MessageChannel.Sms, To, ct);
    }
}
