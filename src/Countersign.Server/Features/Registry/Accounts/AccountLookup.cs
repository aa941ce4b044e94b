using Countersign.Server.Data;
using Countersign.Server.Features.Programs.Applications;
using Microsoft.EntityFrameworkCore;

namespace Countersign.Server.Features.Registry.Accounts;

/// <summary>What other slices may know of an account.</summary>
internal sealed record AccountView(Guid Id, string Number);

/// <summary>Finds accounts for applications.</summary>
internal static class AccountLookup
{
    /// <summary>
    /// The account with the broker's own number, if it exists and the application may see its country; else the two answer alike.
    /// </summary>
    public static async Task<AccountView?> FindAsync(
        CountersignDbContext db, ApplicationView application, string number, CancellationToken ct) =>
        await db.Set<Account>().AsNoTracking().Where(a => a.Number == number).Select(a => new { a.Id, a.Number, a.Jurisdiction })
            .SingleOrDefaultAsync(ct) is { } found && application.MaySee(found.Jurisdiction)
            ? new AccountView(found.Id, found.Number)
            : null;
}
