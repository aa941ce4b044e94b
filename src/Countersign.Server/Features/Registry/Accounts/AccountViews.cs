using Countersign.Server.Data;
using Microsoft.EntityFrameworkCore;

namespace Countersign.Server.Features.Registry.Accounts;

/// <summary>What other slices may know of accounts.</summary>
internal static class AccountViews
{
    private static readonly SqlQuery<Account> OfUser =
        SqlQuery.Of<Account>("JOIN account_users l ON l.account_id = r.id WHERE l.user_id = $1 ORDER BY r.number");

    /// <summary>The accounts that a user acts for, by number.</summary>
    public static async Task<IReadOnlyList<Account>> OfUserAsync(CountersignDbContext db, Guid userId, CancellationToken ct) =>
        await db.ReadAsync(OfUser, [userId], ct);

    /// <summary>Whether the user acts for an account that holds money: from then on nothing is enrolled without a device (D1).</summary>
    public static Task<bool> IsFundedAsync(CountersignDbContext db, Guid userId, CancellationToken ct) =>
        FundedOf(db, userId).AnyAsync(ct);

    /// <summary>Whether an account that the user acts for had money then, as far as is known here.</summary>
    public static Task<bool> WasFundedAtAsync(CountersignDbContext db, Guid userId, DateTimeOffset at, CancellationToken ct) =>
        FundedOf(db, userId).AnyAsync(a => a.FundedAt == null || a.FundedAt <= at, ct);

    private static IQueryable<Account> FundedOf(CountersignDbContext db, Guid userId) =>
        from link in db.Set<AccountUser>()
        join account in db.Set<Account>() on link.AccountId equals account.Id
        where link.UserId == userId && account.Equity > 0
        select account;
}
