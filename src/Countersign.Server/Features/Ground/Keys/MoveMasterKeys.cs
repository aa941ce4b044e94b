using Countersign.Server.Data.Protection;
using Countersign.Server.Data.Protection.Pkcs11;
using Countersign.Server.Features.Ground.Audit;

namespace Countersign.Server.Features.Ground.Keys;

/// <summary>Takes the keys of the key file into the HSM, to another key there, or back out. The keys themselves stay the same.</summary>
internal sealed class MoveMasterKeys(KeyFile file, KeyOpening opening, KeyJournal journal)
{
    /// <summary>How many lines were changed.</summary>
    public async Task<int> RunAsync(KeySource to, CancellationToken ct)
    {
        using var alone = file.Lock();
        var lines = file.Read();
        IReadOnlyList<KeyLine> bare = [.. lines.Where(l => l.Label is null), .. opening.Unwrap([.. lines.Where(l => l.Label is not null)])];
        var moved = (to == KeySource.File ? bare : opening.Wrap(bare, mayMakeKey: true)).ToDictionary(l => (l.Id, l.Only));
        file.Rewrite(line => [moved[(line.Id, line.Only)]]);
        await journal.WriteAsync(AuditEvents.KeysMoved, ct, ("to", to.ToString()), ("count", moved.Count));
        return moved.Count;
    }
}
