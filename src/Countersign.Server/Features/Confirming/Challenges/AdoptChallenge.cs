using Countersign.Server.Data;
using Countersign.Server.Features.Ground.Audit;
using Microsoft.EntityFrameworkCore;

namespace Countersign.Server.Features.Confirming.Challenges;

/// <summary>
/// A session takes over what an application opened for its user, such as a withdrawal: from then on its browser alone chooses,
/// answers and uses it, and the application reads the state (D8).
/// </summary>
internal sealed class AdoptChallenge(IWriter writer, AuditTrail audit, TimeProvider time)
{
    /// <param name="sessionUser">Whose session it is: nobody adopts what was opened for somebody else.</param>
    /// <returns>Null when the browser is its opener now; else why not. Adopting it twice is adopting it once.</returns>
    public Task<Error?> RunAsync(ChallengeHandle handle, Guid sessionUser, Opener browser, CancellationToken ct) => writer.RunAsync<Error?>(
        async (db, token) =>
        {
            var (now, (userId, id)) = (time.GetUtcNow(), handle);
            if (userId != sessionUser || browser.Kind != OpenerKind.Browser)
            {
                return ChallengeErrors.Missing;
            }

            var session = browser.SessionOf(userId);
            var rows = db.Set<Challenge>().Where(c => c.UserId == userId && c.Id == id);

            // By the key alone: its end, which never changes, is looked at once it is there.
            var endsAt = await rows.Select(c => (DateTimeOffset?)c.ExpiresAt).SingleOrDefaultAsync(token);
            if (!(endsAt > now) || await rows.Where(c => c.OpenerKind == OpenerKind.Application && c.State == ChallengeState.Pending)
                .ExecuteUpdateAsync(
                    set => set.SetProperty(c => c.ReaderHash, c => c.OpenerHash)
                        .SetProperty(c => c.OpenerKind, OpenerKind.Browser)
                        .SetProperty(c => c.OpenerHash, browser.Hash)
                        .SetProperty(c => c.SessionId, session),
                    token) == 0)
            {
                return await rows.AnyAsync(
                    c => c.ReaderHash != null && c.OpenerKind == OpenerKind.Browser && c.OpenerHash == browser.Hash
                        && c.SessionId == session,
                    token)
                    ? null
                    : ChallengeErrors.Missing;
            }

            audit.Add(db, AuditEvents.Adopted, userId, browser.ActsFor(userId), ("challenge", id));
            return null;
        },
        ct);
}
