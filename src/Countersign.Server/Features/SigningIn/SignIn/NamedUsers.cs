using Countersign.Server.Data;
using Countersign.Server.Features.Ground.Jurisdictions;
using Countersign.Server.Features.Registry.Users;

namespace Countersign.Server.Features.SigningIn.SignIn;

/// <summary>Whom a typed name belongs to, if to anybody.</summary>
/// <param name="Regime">The user's; for nobody the one that holds where nothing else does.</param>
internal sealed record NamedUser(User? User, UserView? View, Regime Regime);

/// <summary>Finds the user of a name, by the same statement whether or not there is one (D19).</summary>
internal sealed class NamedUsers(Contexts contexts, UserViews users, RegimeBook regimes)
{
    private static readonly SqlQuery<User> ByName = SqlQuery.Of<User>("WHERE r.normalised_name = $1");

    public async Task<NamedUser> FindAsync(UserName name, CancellationToken ct)
    {
        await using var db = contexts.Read();
        var user = await db.ReadOneAsync(ByName, [name.Value ?? string.Empty], ct);
        var view = user is null ? null : users.Of(user);
        return new NamedUser(user, view, view?.Regime ?? regimes.Default);
    }
}
