using System.Text;
using Countersign.Server.Data;
using Countersign.Server.Features.Registry.Users;
using Microsoft.EntityFrameworkCore;

namespace Countersign.Server.Features.Confirming.Devices;

/// <summary>
/// Numbers and e-mail addresses to which codes go: each is a credential from the first code on, and a device only where it is a
/// second factor. Its wrong responses go on counting however often it is verified.
/// </summary>
internal sealed class AddressCredentials(CredentialVault vault, NewCredentials credentials)
{
    /// <summary>
    /// The credential that stands for an address; made now where there is none, and brought up to date where it stood for another
    /// one.
    /// </summary>
    public async Task<CredentialView> OfAsync(
        CountersignDbContext db, Guid userId, string kind, string serial, string address, CancellationToken ct)
    {
        var state = Encoding.UTF8.GetBytes(address);

        // Two that verify the same address at once wait for each other: the second one finds what the first has made.
        await UserLock.TakeAsync(db, userId, ct);
        if (await db.Set<Credential>().AsNoTracking().SingleOrDefaultAsync(
            c => c.OwnerId == userId && c.Kind == kind && c.Serial == serial, ct) is not { } known)
        {
            var added = credentials.Add(db, userId, kind, state, serial);
            await db.SaveChangesAsync(ct);
            return added;
        }

        if (vault.Open(known) is not { } opened || !opened.State.AsSpan().SequenceEqual(state))
        {
            var closed = vault.Close(known.Key, state);
            await db.Set<Credential>().Where(c => c.OwnerId == userId && c.Id == known.Id)
                .ExecuteUpdateAsync(set => set.SetProperty(c => c.State, closed).SetProperty(c => c.Version, c => c.Version + 1), ct);
            return CredentialVault.Look(known) with { Version = known.Version + 1 };
        }

        return CredentialVault.Look(known);
    }

    /// <summary>A code that was sent there came back.</summary>
    public static Task ProvedAsync(CountersignDbContext db, CredentialKey key, DateTimeOffset at, CancellationToken ct)
    {
        var (owner, id) = key;
        return db.Set<Credential>().Where(c => c.OwnerId == owner && c.Id == id).ExecuteUpdateAsync(
            set => set.SetProperty(c => c.ProvedAt, at), ct);
    }

    /// <summary>The number or address that a credential stands for.</summary>
    public static string AddressOf(OpenedCredential credential) => Encoding.UTF8.GetString(credential.State);
}
