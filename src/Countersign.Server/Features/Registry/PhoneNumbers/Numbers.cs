using Countersign.Server.Data;
using Microsoft.EntityFrameworkCore;

namespace Countersign.Server.Features.Registry.PhoneNumbers;

/// <summary>Finds a user's numbers for other slices. What was removed is not among them.</summary>
internal static class Numbers
{
    private static readonly SqlQuery<PhoneNumber> Preferred = SqlQuery.Of<PhoneNumber>("""
        WHERE r.user_id = $1 AND r.removed_at IS NULL AND r.verified_at IS NOT NULL
        ORDER BY r.preferred DESC, r.added_at LIMIT 1
        """);

    public static IQueryable<PhoneNumber> NumbersOf(this CountersignDbContext db, Guid userId) =>
        db.Set<PhoneNumber>().AsNoTracking().Where(n => n.UserId == userId && n.RemovedAt == null);

    public static IQueryable<PhoneNumber> VerifiedNumbersOf(this CountersignDbContext db, Guid userId) =>
        db.NumbersOf(userId).Where(n => n.VerifiedAt != null);

    /// <summary>The verified number that messages go to; null where none is verified.</summary>
    public static async Task<PhoneNumber?> PreferredNumberAsync(this CountersignDbContext db, Guid userId, CancellationToken ct) =>
        await db.ReadOneAsync(Preferred, [userId], ct);
}
