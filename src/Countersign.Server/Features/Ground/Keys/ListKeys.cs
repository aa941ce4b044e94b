using Countersign.Server.Data;
using Countersign.Server.Data.Protection;
using Microsoft.EntityFrameworkCore;

namespace Countersign.Server.Features.Ground.Keys;

/// <summary>What a master key is at the moment.</summary>
internal enum KeyState
{
    /// <summary>Known to the nodes that have read the file, and not used before its time.</summary>
    Pending,

    /// <summary>Closes new things.</summary>
    Current,

    /// <summary>Opens what it closed.</summary>
    Older,

    /// <summary>Retired: one derived key is left of it.</summary>
    Rest,
}

/// <summary>A line of the key file, and what hangs on it.</summary>
internal sealed record ListedKey(KeyLine Line, KeyState State, IReadOnlyList<(string What, int Count)> Rows);

/// <summary>Tells which keys there are and what they closed.</summary>
internal sealed class ListKeys(Contexts contexts, KeyFile file, MasterKeys keys, IEnumerable<IKeyedRows> tables, TimeProvider time)
{
    public async Task<IReadOnlyList<ListedKey>> RunAsync(CancellationToken ct)
    {
        keys.Reread();
        await using var db = contexts.Read();
        db.Database.SetCommandTimeout(KeysSlice.Patience);
        var (listed, current) = (new List<ListedKey>(), keys.Current.Id);
        foreach (var line in file.Read())
        {
            var rows = new List<(string, int)>();
            foreach (var table in tables.Where(t => line.Only is null || line.Only == t.Use))
            {
                rows.Add((table.What, await table.CountAsync(db, line.Id, ct)));
            }

            listed.Add(new ListedKey(line, StateOf(line, current), [.. rows.Where(r => r.Item2 > 0)]));
        }

        return listed;
    }

    private KeyState StateOf(KeyLine line, string current) =>
        line.Only is not null ? KeyState.Rest
        : line.Id == current ? KeyState.Current
        : line.From > time.GetUtcNow() ? KeyState.Pending : KeyState.Older;
}
