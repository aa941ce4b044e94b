using Countersign.Server.Data;
using Countersign.Server.Features.Registry.Users;

namespace Countersign.Server.Features.Confirming.Challenges;

/// <summary>The row of a challenge, for the conditional UPDATE by which each of its steps happens once.</summary>
internal static class ChallengeRows
{
    public static IQueryable<Challenge> RowOf(this CountersignDbContext db, LoadedChallenge challenge)
    {
        var (userId, id) = challenge.Handle;
        return db.Set<Challenge>().Where(c => c.UserId == userId && c.Id == id);
    }

    /// <summary>
    /// Nothing goes on for a user who is frozen, but what ends that. Nor does what was opened before the password was last set: a new
    /// password ends what is open, and cannot see what another node opens with the old one at that moment.
    /// </summary>
    public static IQueryable<Challenge> WhereGoesOn(
        this IQueryable<Challenge> rows, CountersignDbContext db, LoadedChallenge challenge)
    {
        var thaws = challenge.Purpose.Traits.HasFlag(PurposeTraits.Thaws);
        return rows.Where(c => db.Set<User>().Any(u => u.Id == c.UserId
            && (thaws || u.FrozenAt == null)
            && (u.PasswordSetAt == null || u.PasswordSetAt <= c.OpenedAt)));
    }
}
