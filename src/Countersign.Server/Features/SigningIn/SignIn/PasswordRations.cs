using System.Security.Cryptography;
using System.Text;
using Countersign.Server.Data;
using Countersign.Server.Data.Protection;
using Countersign.Server.Features.Ground.Jurisdictions;
using Countersign.Server.Features.Ground.Rations;
using Countersign.Server.Features.Registry.Users;
using Microsoft.EntityFrameworkCore;

namespace Countersign.Server.Features.SigningIn.SignIn;

/// <summary>
/// Counts wrong passwords so that a stranger cannot lock the owner out (D18): by source for the user, by a budget over all
/// unknown sources, and apart from both for each browser that the user has signed in with. Names that belong to nobody count alike.
/// </summary>
internal sealed class PasswordRations(Rationing rationing, MasterKeys keys)
{
    /// <summary>Takes a try before the password is looked at. False: locked, and nothing more is counted.</summary>
    public async Task<bool> TakeAsync(
        CountersignDbContext db, UserName name, string source, string? knownBrowser, Regime regime)
    {
        var owner = OwnerOf(name);
        var perSource = new RationRule(regime.WrongPasswordsPerSource, regime.WrongPasswordWindow, FromLast: true);
        if (knownBrowser is not null)
        {
            return await rationing.TakeAsync(db, owner, Browser(knownBrowser), perSource);
        }

        var budget = new RationRule(regime.WrongPasswordsUnknownSources, regime.WrongPasswordWindow);
        if (!await rationing.TakeAsync(db, owner, Source(source), perSource))
        {
            return false;
        }

        if (await rationing.TakeAsync(db, owner, AllUnknown, budget))
        {
            return true;
        }

        // Others used the budget up: this source is not to be locked for it afterwards.
        await Rationing.ReturnAsync(db, owner, Source(source));
        return false;
    }

    /// <summary>The password was not looked at: whoever took the try gets it back.</summary>
    public async Task ReturnAsync(CountersignDbContext db, UserName name, string source, string? knownBrowser)
    {
        var owner = OwnerOf(name);
        await Rationing.ReturnAsync(db, owner, knownBrowser is null ? Source(source) : Browser(knownBrowser));
        if (knownBrowser is null)
        {
            await Rationing.ReturnAsync(db, owner, AllUnknown);
        }
    }

    /// <summary>
    /// The password was right: the source's count is cleared and the budget gets its try back. Nobody else's count changes.
    /// </summary>
    public async Task ClearAsync(CountersignDbContext db, UserName name, string source, string? knownBrowser)
    {
        var owner = OwnerOf(name);
        await Rationing.ClearAsync(db, owner, knownBrowser is null ? Source(source) : Browser(knownBrowser));
        if (knownBrowser is null)
        {
            await Rationing.ReturnAsync(db, owner, AllUnknown);
        }
    }

    /// <summary>Forgets all wrong passwords of a name, wherever they came from.</summary>
    public async Task ForgetAsync(CountersignDbContext db, UserName name, CancellationToken ct)
    {
        var owner = OwnerOf(name);
        await db.Set<Ration>().Where(r => r.Owner == owner).ExecuteDeleteAsync(ct);
    }

    private const string AllUnknown = "password/unknown";

    private static string Source(string source) => "password/source/" + source;

    private static string Browser(string browser) => "password/browser/" + browser;

    /// <summary>A keyed hash: the table tells nobody which names were tried.</summary>
    private Guid OwnerOf(UserName name) =>
        new(HMACSHA256.HashData(keys.Lookup("user-name"), Encoding.UTF8.GetBytes(name.Value ?? string.Empty)).AsSpan(0, 16));
}
