using Countersign.Server.Data;
using Countersign.Server.Features.Access.Freezing;
using Countersign.Server.Features.Ground.Audit;

namespace Countersign.Server.Features.Confirming.Challenges;

/// <summary>Cancels what a frozen user's devices were asked, so that nothing is agreed to any more.</summary>
internal sealed class ChallengesEndWhenFrozen : IEndsWhenFrozen
{
    public Task EndAsync(CountersignDbContext db, Guid userId, DateTimeOffset at, Actor by, CancellationToken ct) =>
        ChallengePrompting.CancelAllAsync(db, userId, at, ct);
}
