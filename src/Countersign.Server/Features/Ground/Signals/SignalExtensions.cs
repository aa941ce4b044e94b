using Countersign.Server.Data;

namespace Countersign.Server.Features.Ground.Signals;

internal static class SignalExtensions
{
    /// <summary>Wakes waiting pages once the change is durable; never inside the unit of work.</summary>
    public static void RaiseAfterCommit(this ChallengeSignals signals, CountersignDbContext db, Guid challengeId, bool awaited) =>
        db.AfterCommit(() => signals.Raise(challengeId, awaited));
}
