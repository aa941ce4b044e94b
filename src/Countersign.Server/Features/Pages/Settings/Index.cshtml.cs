using Countersign.Server.Data;
using Countersign.Server.Features.Access.Sessions;
using Countersign.Server.Features.Registry.PhoneNumbers;
using Countersign.Server.Features.Registry.Users;
using Microsoft.AspNetCore.Mvc.RazorPages;
using Microsoft.EntityFrameworkCore;

namespace Countersign.Server.Features.Pages.Settings;

/// <summary>What is on record of the user.</summary>
internal sealed class IndexModel(CountersignDbContext db) : PageModel
{
    public SessionView Current => HttpContext.Session();

    public IReadOnlyList<PhoneNumber> Numbers { get; private set; } = [];

    /// <summary>The address with most of its name hidden: the page may be looked at over a shoulder.</summary>
    public string? Email => Current.User.Email is { } email ? EmailAddress.Mask(email) : null;

    public async Task OnGetAsync(CancellationToken ct) =>
        Numbers = await db.NumbersOf(Current.User.Id).OrderByDescending(n => n.Preferred).ThenBy(n => n.AddedAt).ToListAsync(ct);
}
