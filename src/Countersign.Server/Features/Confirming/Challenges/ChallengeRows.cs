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

    /// <summary>Nothing goes on for a user who is frozen, but what ends that.</summary>
    public static IQueryable<Challenge> UnlessFrozen(
        this IQueryable<Challenge> rows, CountersignDbContext db, LoadedChallenge challenge) =>
        challenge.Purpose.Traits.HasFlag(PurposeTraits.Thaws)
            ? rows
            : rows.Where(c => db.Set<User>().Any(u => u.Id == c.UserId && u.FrozenAt == null));
}
