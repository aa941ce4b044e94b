using Countersign.Server.Data;
using Countersign.Server.Features.Access.Sessions;
using Countersign.Server.Features.Registry.Offices;
using Countersign.Server.Features.Registry.People;
using Countersign.Server.Features.Registry.Users;
using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Mvc.RazorPages;
using Microsoft.EntityFrameworkCore;

namespace Countersign.Server.Features.Pages.ClientServices;

/// <summary>Every location of client services, the person's own first.</summary>
[AllowAnonymous]
internal sealed class IndexModel(OfficeDirectory directory, CountersignDbContext db) : PageModel
{
    /// <summary>The country that was chosen or that a link names.</summary>
    [BindProperty(Name = "country", SupportsGet = true)]
    public string? Country { get; set; }

    public OfficeDirectory Directory => directory;

    /// <summary>The location for this person; null when none is known.</summary>
    public Office? Own { get; private set; }

    public async Task OnGetAsync(CancellationToken ct)
    {
        if (directory.Offices.Count > 0)
        {
            Own = directory.For(Country?.ToUpperInvariant())
                ?? directory.For(await ResidenceAsync(ct))
                ?? directory.For(Whereabouts.Of(HttpContext));
        }
    }

    /// <summary>Where the signed-in person lives.</summary>
    private async Task<string?> ResidenceAsync(CancellationToken ct)
    {
        if (!HttpContext.TryGetSession(out var session))
        {
            return null;
        }

        var userId = session.User.Id;
        return await (from user in db.Set<User>()
                      join person in db.Set<Person>() on user.PersonId equals person.Id
                      where user.Id == userId
                      select person.Residence).SingleOrDefaultAsync(ct);
    }
}
