using System.Xml.Linq;
using Countersign.Server.Data;
using Countersign.Server.Data.Protection;
using Countersign.Server.Features.Ground.Audit;
using Microsoft.EntityFrameworkCore;

namespace Countersign.Server.Features.Ground.Keys;

/// <summary>
/// Wraps the keys of the ring by the current master key, so that an older one can be retired. What they encrypted stays as it is.
/// </summary>
internal sealed class RewrapKeyRing(Contexts contexts, IWriter writer, MasterKeys keys, KeyJournal journal)
{
    /// <summary>How many were wrapped anew.</summary>
    public async Task<int> RunAsync(CancellationToken ct)
    {
        keys.Reread();
        var count = 0;
        foreach (var row in await ReadAsync(ct))
        {
            if (Rewrapped(row.Xml) is { } xml)
            {
                count += await writer.RunAsync(
                    (db, token) => db.Set<KeyRingRow>().Where(r => r.Name == row.Name && r.Xml == row.Xml).ExecuteUpdateAsync(
                        set => set.SetProperty(r => r.Xml, xml), token),
                    ct);
            }
        }

        if (count > 0)
        {
            await journal.WriteAsync(AuditEvents.KeyRingRewrapped, ct, ("key", keys.Current.Id), ("count", count));
        }

        return count;
    }

    private async Task<List<KeyRingRow>> ReadAsync(CancellationToken ct)
    {
        await using var db = contexts.Read();
        return await db.Set<KeyRingRow>().OrderBy(r => r.Name).ToListAsync(ct);
    }

    /// <summary>Null: it is wrapped by the current key already.</summary>
    private string? Rewrapped(string text)
    {
        var xml = XElement.Parse(text);
        var dated = xml.Descendants(KeyRingWrap.Element)
            .Where(w => (string?)w.Attribute(KeyRingWrap.KeyAttribute) != keys.Current.Id)
            .ToList();
        foreach (var wrapping in dated)
        {
            wrapping.ReplaceWith(new KeyRingWrap(keys).Encrypt(KeyRingUnwrap.Open(keys, wrapping)).EncryptedElement);
        }

        return dated.Count == 0 ? null : xml.ToString(SaveOptions.DisableFormatting);
    }
}
