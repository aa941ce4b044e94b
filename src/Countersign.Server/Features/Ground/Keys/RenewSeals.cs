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
    /// <summary>
    /// How many were to be closed anew, which another may have done in the meantime, and how many do not open here and stay as they are.
    /// </summary>
    public async Task<(int Renewed, int Unreadable)> RunAsync(CancellationToken ct)
    {
        keys.Reread();
        var (renewed, unreadable) = (0, 0);
        try
        {
            foreach (var column in tables.OfType<SealedColumn>())
            {
                for (var found = await NextAsync(column, after: null, ct); found.Count > 0; found = await NextAsync(column, found[^1], ct))
                {
                    var (old, done) = await RenewAsync(column, found, ct);
                    (renewed, unreadable) = (renewed + done, unreadable + old - done);
                }
            }
        }
        finally
        {
            // Also when it was cut off.
            if (renewed > 0)
            {
                await journal.WriteAsync(
                    AuditEvents.SealsRenewed, CancellationToken.None, ("key", keys.Current.Id), ("count", renewed));
            }
        }

        return (renewed, unreadable);
    }

    private async Task<IReadOnlyList<SealedValue>> NextAsync(SealedColumn column, SealedValue? after, CancellationToken ct)
    {
        var head = Sealed.HeadOf(keys.Current.Id);
        await using var db = contexts.Read();
        return await db.ReadAsync(
            column.Next, [after?.Owner ?? Guid.Empty, after?.Row ?? Guid.Empty, head, head.Length], ct);
    }

    /// <summary>What was changed meanwhile was closed by whoever changed it.</summary>
    private async Task<(int Old, int Renewed)> RenewAsync(SealedColumn column, IReadOnlyList<SealedValue> found, CancellationToken ct)
    {
        var old = 0;
        var renewed = new List<(Guid Owner, Guid Row, byte[] Before, byte[] Closed)>(found.Count);
        foreach (var (owner, row, before) in found)
        {
            if (before is null)
            {
                continue;
            }

            old++;
            if (Open(column, owner, row, before) is { } plain)
            {
                renewed.Add((owner, row, before, protection.Protect(column, owner, row, plain)));
            }
        }

        if (renewed.Count > 0)
        {
            await writer.RunAsync(
                async (db, _) =>
                {
                    foreach (var (owner, row, before, closed) in renewed)
                    {
                        await db.ChangeAsync(column.Renew, owner, row, before, closed);
                    }
                },
                ct);
        }

        return (old, renewed.Count);
    }

    /// <summary>Null as well where the key file lacks the key: the others are not to wait for that one.</summary>
    private byte[]? Open(SealedColumn column, Guid owner, Guid row, byte[] closed)
    {
        try
        {
            return protection.Open(column, owner, row, closed);
        }
        catch (MasterKeyMissingException)
        {
            return null;
        }
    }
}
