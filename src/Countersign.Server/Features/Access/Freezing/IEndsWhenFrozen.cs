using Countersign.Server.Data;
using Countersign.Server.Features.Ground.Audit;

namespace Countersign.Server.Features.Access.Freezing;

/// <summary>
/// What ends when a user is frozen, beside sessions. Joined by the slices that have such a thing; runs in the unit of work that
/// freezes.
/// </summary>
internal interface IEndsWhenFrozen
{
    Task EndAsync(CountersignDbContext db, Guid userId, DateTimeOffset at, Actor by, CancellationToken ct);
}
