using Countersign.Server.Features.Messaging.Messages;
using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Mvc.RazorPages;

namespace Countersign.Server.Features.Pages.Demo;

/// <summary>The demo mailbox.</summary>
[AllowAnonymous]
internal sealed class MailboxModel(DemoMessages messages) : PageModel
{
    [FromQuery(Name = "to")]
    public string? To { get; set; }

    public IReadOnlyList<DemoMessage> Messages { get; private set; } = [];

    public async Task OnGetAsync(CancellationToken ct) =>
        Messages = await messages.NewestAsync(MessageChannel.Email, string.IsNullOrWhiteSpace(To) ? null : To, ct);
}
