using Countersign.Server.Data;
using Microsoft.EntityFrameworkCore;

namespace Countersign.Server.Features.Confirming.Devices;

/// <summary>
/// Spends what a credential can use once, for every kind alike, by one conditional UPDATE: the position only ever grows, and the
/// version is the one that was looked at, which every end of a device raises. So using and ending always meet on one row.
/// </summary>
internal sealed class CredentialSpending(CredentialVault vault, TimeProvider time)
{
    /// <param name="known">Whether the response came from a browser that is known to the user: a right one clears only the tries of
    /// its own sort.</param>
    /// <returns>False when another response was quicker, or the credential is no longer what it was.</returns>
    public async Task<bool> SpendAsync(
        CountersignDbContext db, CredentialView looked, Verdict.Accepted accepted, bool known, CancellationToken ct)
    {
        var now = time.GetUtcNow();
        var rows = Row(db, looked.Key).Where(c => c.Version == looked.Version && c.Status == CredentialStatus.Held);
        if (accepted.Position is { } next)
        {
            rows = rows.Where(c => c.Position < next);
        }

        var closed = accepted.State is null ? null : vault.Close(looked.Key, accepted.State);
        return await rows.ExecuteUpdateAsync(
            set =>
            {
                set.SetProperty(c => c.LastUsedAt, now);
                _ = known ? set.SetProperty(c => c.TriesKnown, 0) : set.SetProperty(c => c.TriesUnknown, 0);
                if (accepted.Position is { } spent)
                {
                    set.SetProperty(c => c.Position, spent);
                }

                if (closed is not null)
                {
                    set.SetProperty(c => c.State, closed).SetProperty(c => c.Version, c => c.Version + 1);
                }
            },
            ct) == 1;
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

    private static IQueryable<Credential> Row(CountersignDbContext db, CredentialKey key)
    {
        var (owner, id) = key;
        return db.Set<Credential>().Where(c => c.OwnerId == owner && c.Id == id);
    }
}
