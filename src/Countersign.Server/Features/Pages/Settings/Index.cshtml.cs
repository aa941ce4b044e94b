using Countersign.Server.Data;
using Countersign.Server.Data.Protection;
using Countersign.Server.Features.Access.Sessions;
using Countersign.Server.Features.Registry.PhoneNumbers;
using Countersign.Server.Features.Registry.Users;
using Countersign.Server.Http;
using Microsoft.AspNetCore.Mvc.RazorPages;
using Microsoft.EntityFrameworkCore;

namespace Countersign.Server.Features.Pages.Settings;

/// <summary>What is on record of the user.</summary>
internal sealed class IndexModel(CountersignDbContext db, RowProtection protection) : PageModel
{
    public SessionView Current => HttpContext.Session();

    public IReadOnlyList<PhoneNumber> Numbers { get; private set; } = [];

    /// <summary>The address with most of its name hidden: the page may be looked at over a shoulder.</summary>
    public string? Email => Current.User.Email is { } email ? EmailAddress.Mask(email) : null;

    /// <summary>City and country of the postal address, for the same reason; null where none is on record.</summary>
    public string? Place { get; private set; }

    public async Task OnGetAsync(CancellationToken ct)
    {
        Numbers = await db.NumbersOf(Current.User.Id).OrderByDescending(n => n.Preferred).ThenBy(n => n.AddedAt).ToListAsync(ct);
        var holder = await PersonViews.HolderOfUserAsync(db, protection, Current.User.Id, ct);
        Place = holder.Details.Home is { } home
            ? string.Join(", ", new[] { home.City, Countries.Name(holder.Country) }.Where(p => !string.IsNullOrEmpty(p)).Distinct())
            : null;
    }
}
