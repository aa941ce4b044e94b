using Countersign.Server.Data;
using Microsoft.EntityFrameworkCore;

namespace Countersign.Server.Features.Confirming.Devices;

/// <summary>
/// Spends what a credential can use once, for every kind alike, by one conditional UPDATE: the position only ever grows, and the
/// version is the one that was looked at, which every end of a device raises. So using and ending always meet on one row.
/// </summary>
internal sealed class CredentialSpending(CredentialVault vault, TimeProvider time)
{
    private static readonly SqlStatement Spend = new("""
        UPDATE credentials SET last_used_at = $4,
            tries_known = CASE WHEN $5 THEN 0 ELSE tries_known END,
            tries_unknown = CASE WHEN $5 THEN tries_unknown ELSE 0 END,
            position = COALESCE($6, position),
            state = COALESCE($7, state),
            version = version + $8
        WHERE owner_id = $1 AND id = $2 AND version = $3 AND status = 'Held' AND position < COALESCE($6, position + 1)
            AND CASE WHEN $5 THEN tries_known ELSE tries_unknown END < $9
        """);

    /// <param name="known">Whether the response came from a browser that is known to the user: a right one clears only the tries of
    /// its own sort.</param>
    /// <param name="limit">So many wrong responses in a row, of the same sort, and none is taken any more (D9).</param>
    /// <returns>False when another response was quicker, or the credential is no longer what it was.</returns>
    public ValueTask<bool> SpendAsync(
        CountersignDbContext db, CredentialView looked, Verdict.Accepted accepted, bool known, int limit)
    {
        var (owner, id) = looked.Key;
        var closed = accepted.State is null ? null : vault.Close(looked.Key, accepted.State);
        return db.ChangeOneAsync(
            Spend, owner, id, looked.Version, time.GetUtcNow().ToUnixMicroseconds(), known, accepted.Position, closed,
            closed is null ? 0 : 1, limit);
    }

    /// <summary>Counts a wrong response.</summary>
    /// <returns>How many there have been since the last right one, of this sort of browsers.</returns>
    public static async Task<int> CountWrongAsync(CountersignDbContext db, CredentialKey key, bool known, CancellationToken ct)
    {
        await Row(db, key).ExecuteUpdateAsync(
            set => _ = known
                ? set.SetProperty(c => c.TriesKnown, c => c.TriesKnown + 1)
                : set.SetProperty(c => c.TriesUnknown, c => c.TriesUnknown + 1),
            ct);
        return await Row(db, key).Select(c => known ? c.TriesKnown : c.TriesUnknown).SingleAsync(ct);
    }

    /// <summary>Lets a credential answer again that has had too many wrong responses in a row.</summary>
    /// <returns>False where it has not.</returns>
    public static async Task<bool> UnlockAsync(CountersignDbContext db, CredentialKey key, int limit, CancellationToken ct) =>
        await Row(db, key).Where(c => c.TriesKnown >= limit || c.TriesUnknown >= limit).ExecuteUpdateAsync(
            set => set.SetProperty(c => c.TriesKnown, 0).SetProperty(c => c.TriesUnknown, 0), ct) == 1;

    private static IQueryable<Credential> Row(CountersignDbContext db, CredentialKey key)
    {
        var (owner, id) = key;
        return db.Set<Credential>().Where(c => c.OwnerId == owner && c.Id == id);
    }
}
