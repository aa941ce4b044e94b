using Countersign.Server.Data;
using Countersign.Server.Features.Ground.Jurisdictions;
using Microsoft.EntityFrameworkCore;

namespace Countersign.Server.Features.Registry.Users;

/// <summary>Finds users for other slices.</summary>
internal sealed class UserViews(RegimeBook regimes)
{
    public async Task<UserView?> FindAsync(CountersignDbContext db, Guid userId, CancellationToken ct) =>
        await db.Set<User>().AsNoTracking().SingleOrDefaultAsync(u => u.Id == userId, ct) is { } user ? Of(user) : null;

    public UserView Of(User user) => new(
        user.Id, user.Name, user.Email, user.Language, user.TimeZone, user.PasswordSetAt, regimes.Of(user.RegimeId), user.FrozenAt,
        user.EmailTrustedAt);
}
