using Countersign.Server.Data;
using Countersign.Server.Data.Protection;
using Countersign.Server.Features.Ground.Audit;

namespace Countersign.Server.Features.Ground.Keys;

/// <summary>
/// Closes by the current master key what an older one closed, so that the older one can be retired and opens nothing of the database any
/// more. Beside running nodes, and again from the beginning when it was cut off: what is done is not found again.
/// </summary>
internal sealed class RenewSeals(
    Contexts contexts, IWriter writer, IEnumerable<IKeyedRows> tables, RowProtection protection, MasterKeys keys, KeyJournal journal)
{
    /// <summary>How many were closed anew, and how many do not open in their rows and stay as they are.</summary>
    public async Task<(int Renewed, int Unreadable)> RunAsync(CancellationToken ct)
    {
        keys.Reread();
        var (renewed, unreadable) = (0, 0);
        foreach (var column in tables.OfType<SealedColumn>())
        {
            for (var found = await NextAsync(column, after: null, ct); found.Count > 0; found = await NextAsync(column, found[^1], ct))
            {
                var done = await RenewAsync(column, found, ct);
                (renewed, unreadable) = (renewed + done, unreadable + found.Count - done);
            }
        }

        if (renewed > 0)
        {
            await journal.WriteAsync(AuditEvents.SealsRenewed, ct, ("key", keys.Current.Id), ("count", renewed));
        }

        return (renewed, unreadable);
    }

    private async Task<IReadOnlyList<SealedValue>> NextAsync(SealedColumn column, SealedValue? after, CancellationToken ct)
    {
        var head = Sealed.HeadOf(keys.Current.Id);
        await using var db = contexts.Read();
        return await db.ReadAsync(
            column.ClosedByOthers, [after?.Owner ?? Guid.Empty, after?.Row ?? Guid.Empty, head, head.Length], ct);
    }

    /// <summary>What was changed meanwhile was closed by whoever changed it.</summary>
    private async Task<int> RenewAsync(SealedColumn column, IReadOnlyList<SealedValue> found, CancellationToken ct)
    {
        var renewed = new List<(SealedValue Before, byte[] Closed)>(found.Count);
        foreach (var value in found)
        {
            if (protection.Open(column, value.Owner, value.Row, value.Closed) is { } plain)
            {
                renewed.Add((value, protection.Protect(column, value.Owner, value.Row, plain)));
            }
        }

        await writer.RunAsync(
            async (db, _) =>
            {
                foreach (var (before, closed) in renewed)
                {
                    await db.ChangeAsync(column.Renew, before.Owner, before.Row, before.Closed, closed);
                }
            },
            ct);
        return renewed.Count;
    }
}
