using Countersign.Server.Data;
using Countersign.Server.Data.Protection;
using Microsoft.EntityFrameworkCore;

namespace Countersign.Server.Features.Ground.Keys;

/// <summary>Asks the tables what still needs a master key, before it goes.</summary>
internal sealed class KeyNeeds(Contexts contexts, IEnumerable<IKeyedRows> tables)
{
    /// <summary>The uses that old rows need derived keys for.</summary>
    /// <exception cref="StartException">Something needs the whole key.</exception>
    public async Task<List<string>> UsesLeftAsync(string id, bool keepPasswords, CancellationToken ct)
    {
        var (uses, reasons) = (new List<string>(), new List<string>());
        await using var db = contexts.Read();
        db.Database.SetCommandTimeout(KeysSlice.Patience);
        foreach (var table in tables)
        {
            if (await table.CountAsync(db, id, ct) is not (> 0 and var count))
            {
                continue;
            }

            if (table.Rest == KeyRest.Always || (table.Rest == KeyRest.IfAsked && keepPasswords))
            {
                uses.Add(table.Use);
            }
            else
            {
                reasons.Add($"  {count} {table.What}: {table.Remedy}");
            }
        }

        return reasons.Count == 0
            ? uses
            : throw new StartException($"The key {id} is needed:{Environment.NewLine}{string.Join(Environment.NewLine, reasons)}");
    }
}
