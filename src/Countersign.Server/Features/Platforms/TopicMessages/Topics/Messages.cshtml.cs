using Countersign.Server.Data;
using Countersign.Server.Features.Access.Sessions;
using Countersign.Server.Features.Registry.PhoneNumbers;
using Countersign.Server.Http;
using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Mvc.RazorPages;
using Microsoft.EntityFrameworkCore;

namespace Countersign.Server.Features.Platforms.TopicMessages.Topics;

/// <summary>Settings → Messages: which topics come to the phone.</summary>
internal sealed class MessagesModel(CountersignDbContext db, TopicCatalog topics, ChooseTopics choose) : PageModel
{
    private const string Done = "saved";

    public IReadOnlyList<Topic> Topics => topics.All;

    public IReadOnlySet<string> Wanted { get; private set; } = new HashSet<string>();

    /// <summary>Whether there is a verified number for the messages to go to.</summary>
    public bool HasNumber { get; private set; }

    public bool Saved => Request.Query["done"] == Done;

    public async Task OnGetAsync(CancellationToken ct)
    {
        var userId = HttpContext.Session().User.Id;
        Wanted = await topics.WantedAsync(db, userId, ct);
        HasNumber = await db.VerifiedNumbersOf(userId).AnyAsync(ct);
    }

    public async Task<IActionResult> OnPostAsync([FromForm(Name = "topic")] string[]? wanted, CancellationToken ct)
    {
        await choose.RunAsync(HttpContext.Session().User.Id, wanted ?? [], ClientSource.Of(HttpContext), ct);
        return Redirect("/settings/messages?done=" + Done);
    }
}
