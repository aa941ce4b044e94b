using Countersign.Server.Data;
using Microsoft.EntityFrameworkCore;

namespace Countersign.Server.Features.Confirming.Devices;

/// <summary>Finds credentials by what is known of them.</summary>
internal static class CredentialReading
{
    public static Task<Credential?> FindAsync(CountersignDbContext db, CredentialKey key, CancellationToken ct)
    {
        var (owner, id) = key;
        return db.Set<Credential>().AsNoTracking().SingleOrDefaultAsync(c => c.OwnerId == owner && c.Id == id, ct);
    }

    /// <summary>By what is printed on it, or what it stands for, whoever holds it.</summary>
    public static Task<Credential?> FindAsync(CountersignDbContext db, string kind, string serial, CancellationToken ct) =>
        db.Set<Credential>().AsNoTracking().SingleOrDefaultAsync(c => c.Kind == kind && c.Serial == serial, ct);

    /// <summary>Takes a thing out of the stock, once: of two who take it together one gets it.</summary>
    public static async Task<bool> TakeFromStockAsync(CountersignDbContext db, Credential looked, CancellationToken ct)
    {
        var (owner, id, version) = (Credential.Nobody, looked.Id, looked.Version);
        return await db.Set<Credential>()
            .Where(c => c.OwnerId == owner && c.Id == id && c.Version == version && c.Status == CredentialStatus.Stock)
            .ExecuteDeleteAsync(ct) == 1;
    }
}
