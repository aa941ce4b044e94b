using Countersign.Server.Data;
using Countersign.Server.Features.Access.Sessions;
using Countersign.Server.Features.Registry.Accounts;
using Countersign.Server.Features.Registry.PhoneNumbers;
using Countersign.Server.Features.Registry.Users;
using Microsoft.AspNetCore.Mvc.RazorPages;
using Microsoft.EntityFrameworkCore;

namespace Countersign.Server.Features.Pages.Home;

/// <summary>
/// Manage Account → Account Information: details and profile. Its <em>Modify</em> is the classic way to the numbers (S1).
/// </summary>
internal sealed class AccountModel(CountersignDbContext db) : PageModel
{
    public IReadOnlyList<Account> Accounts { get; private set; } = [];

    public string Name { get; private set; } = string.Empty;

    public string? Mobile { get; private set; }

    public string? Email { get; private set; }

    public async Task OnGetAsync(CancellationToken ct)
    {
        var user = HttpContext.Session().User;
        Accounts = await AccountViews.OfUserAsync(db, user.Id, ct);
        Name = (await PersonViews.OfUserAsync(db, user.Id, ct)).Name;
        Mobile = await db.NumbersOf(user.Id).OrderByDescending(n => n.Preferred).FirstOrDefaultAsync(ct) is { } number
            ? MobileNumber.Mask(number.E164)
            : null;
        Email = user.Email is { } address ? EmailAddress.Mask(address) : null;
    }
}
