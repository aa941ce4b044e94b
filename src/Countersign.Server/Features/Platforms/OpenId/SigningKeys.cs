using System.Security.Cryptography;
using Countersign.Server.Data;
using Countersign.Server.Data.Protection;
using Microsoft.EntityFrameworkCore;
using Microsoft.IdentityModel.Tokens;

namespace Countersign.Server.Features.Platforms.OpenId;

/// <summary>Makes the first signing key once for all nodes, and opens those there are.</summary>
internal sealed class SigningKeys(Contexts contexts, IWriter writer, RowProtection protection, TimeProvider time)
{
    private IReadOnlyList<SecurityKey>? _all;

    /// <summary>The newest first: it signs, the others still verify.</summary>
    public IReadOnlyList<SecurityKey> All => _all ?? throw new InvalidOperationException("The signing keys have not been opened.");

    public async Task OpenAsync(CancellationToken ct)
    {
        var rows = await ReadAsync(ct);
        if (rows.Count == 0)
        {
            await MakeAsync(ct);
            rows = await ReadAsync(ct);
        }

        _all = [.. rows.Select(Open)];
    }

    private async Task<List<SigningKey>> ReadAsync(CancellationToken ct)
    {
        await using var db = contexts.Read();
        return await db.Set<SigningKey>().OrderByDescending(k => k.Number).ToListAsync(ct);
    }

    private async Task MakeAsync(CancellationToken ct)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var now = time.GetUtcNow();
        var id = Guid.CreateVersion7(now);
        var row = new SigningKey
        {
            Id = id,
            Number = 1,
            Pkcs8 = protection.Protect(SigningKey.Column, id, id, key.ExportPkcs8PrivateKey()),
            CreatedAt = now,
        };
        try
        {
            await writer.RunAsync((db, _) => Task.FromResult(db.Add(row).State), ct);
        }
        catch (DbUpdateException) when (AnyExists())
        {
            // Another node was first; its key is the one.
        }
    }

    private bool AnyExists()
    {
        using var db = contexts.Read();
        return db.Set<SigningKey>().Any();
    }

    private SecurityKey Open(SigningKey row)
    {
        var key = ECDsa.Create();
        key.ImportPkcs8PrivateKey(protection.Unprotect(SigningKey.Column, row.Id, row.Id, row.Pkcs8), out _);
        return new ECDsaSecurityKey(key) { KeyId = row.Id.ToString("N") };
    }
}
