using Countersign.Server.Data;

namespace Countersign.Server.Features.Confirming.Devices;

/// <summary>Adds credentials to a unit of work, sealed for their owner.</summary>
internal sealed class NewCredentials(CredentialVault vault, TimeProvider time)
{
    /// <param name="owner">The user; or the person, where users of one person may share the thing.</param>
    /// <param name="serial">What tells it from another of its kind; null: nothing but its id does.</param>
    public CredentialView Add(CountersignDbContext db, Guid owner, string kind, byte[] state, string? serial = null)
    {
        var now = time.GetUtcNow();
        var key = new CredentialKey(owner, Guid.CreateVersion7(now));
        var row = new Credential
        {
            OwnerId = owner,
            Id = key.Id,
            Kind = kind,
            Serial = serial ?? key.Id.ToString("N"),
            Status = owner == Credential.Nobody ? CredentialStatus.Stock : CredentialStatus.Held,
            State = vault.Close(key, state),
            CreatedAt = now,
        };
        db.Add(row);
        return CredentialVault.Look(row);
    }

    /// <summary>
    /// Hands a thing out from stock: the same row under its owner, sealed anew. False: somebody else was quicker, or it does not
    /// open.
    /// </summary>
    public async Task<CredentialView?> HandOutAsync(CountersignDbContext db, Credential stock, Guid owner, CancellationToken ct)
    {
        if (vault.Open(stock) is not { } opened || !await CredentialReading.TakeFromStockAsync(db, stock, ct))
        {
            return null;
        }

        var key = new CredentialKey(owner, stock.Id);
        var row = new Credential
        {
            OwnerId = owner,
            Id = stock.Id,
            Kind = stock.Kind,
            Serial = stock.Serial,
            Status = CredentialStatus.Held,
            State = vault.Close(key, opened.State),
            Position = stock.Position,
            CreatedAt = stock.CreatedAt,
        };
        db.Add(row);
        return CredentialVault.Look(row);
    }
}
