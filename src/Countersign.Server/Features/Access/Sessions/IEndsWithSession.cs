using Countersign.Server.Data;
using Countersign.Server.Features.Ground.Audit;

namespace Countersign.Server.Features.Access.Sessions;

/// <summary>
/// What ends with the session that it belongs to (D32). Joined by the slices that have such a thing; runs in the unit of work that ends
/// sessions, after they have ended.
/// </summary>
internal interface IEndsWithSession
{
    /// <summary>Ends what belongs to sessions of this user that have ended.</summary>
    Task EndAsync(CountersignDbContext db, Guid userId, Actor by, CancellationToken ct);
}
