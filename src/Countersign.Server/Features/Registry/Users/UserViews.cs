using Countersign.Server.Data;
using Countersign.Server.Features.Ground.Jurisdictions;
using Microsoft.EntityFrameworkCore;

namespace Countersign.Server.Features.Registry.Users;

/// <summary>Finds users for other slices.</summary>
internal sealed class UserViews(RegimeBook regimes)
{
    public async Task<UserView?> FindAsync(CountersignDbContext db, Guid userId, CancellationToken ct) =>
        await db.Set<User>().AsNoTracking().Where(u => u.Id == userId)
            .Select(u => new { u.Id, u.Name, u.Email, u.Language, u.TimeZone, u.PasswordSetAt, u.RegimeId, u.FrozenAt })
            .SingleOrDefaultAsync(ct) is { } u
            ? new UserView(u.Id, u.Name, u.Email, u.Language, u.TimeZone, u.PasswordSetAt, regimes.Of(u.RegimeId), u.FrozenAt)
            : null;

    public UserView Of(User user) => new(
        user.Id, user.Name, user.Email, user.Language, user.TimeZone, user.PasswordSetAt, regimes.Of(user.RegimeId), user.FrozenAt);
}
