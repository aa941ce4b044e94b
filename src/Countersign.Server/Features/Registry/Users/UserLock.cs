using Countersign.Server.Data;
using Microsoft.EntityFrameworkCore;

namespace Countersign.Server.Features.Registry.Users;

/// <summary>
/// Has the units of one user wait for each other: for rules over several rows, such as how many there may be, that no single UPDATE
/// can hold. What is read afterwards, in a statement of its own, is what the others have left.
/// </summary>
internal static class UserLock
{
    public static Task TakeAsync(CountersignDbContext db, Guid userId, CancellationToken ct) =>
        db.Set<User>().Where(u => u.Id == userId).ExecuteUpdateAsync(set => set.SetProperty(u => u.Id, u => u.Id), ct);
}
