using Countersign.Server.Data;
using Countersign.Server.Features.Ground.Audit;
using Countersign.Server.Features.Ground.Imports;
using Microsoft.EntityFrameworkCore;

namespace Countersign.Server.Features.Kinds.CodeCards.Import;

/// <summary>A file of cards as it was checked.</summary>
internal sealed record CheckedCards(IReadOnlyList<CardRow> Rows, IReadOnlyList<BadRow> Bad, int Count);

/// <summary>
/// Imports cards: the whole file is checked first, then written in units of some cards each. Doing it again changes nothing.
/// </summary>
internal sealed class ImportCards(Contexts contexts, IWriter writer, CardWriter cards, AuditTrail audit)
{
    /// <summary>Reads and checks the whole file against itself and against the database. Writes nothing.</summary>
    public async Task<CheckedCards> CheckAsync(Stream file, CancellationToken ct)
    {
        var (rows, bad, count) = (new List<CardRow>(), new List<BadRow>(), 0);
        foreach (var (row, faults) in CardFile.Read(file))
        {
            count++;
            bad.AddRange(faults);
            if (row is not null)
            {
                rows.Add(row);
            }
        }

        await using var db = contexts.Read();
        foreach (var batch in rows.Chunk(CardWriter.BatchSize))
        {
            bad.AddRange(await cards.FaultsAsync(db, batch, ct));
        }

        return new CheckedCards(rows, [.. bad.OrderBy(b => b.Line)], count);
    }

    /// <summary>Writes checked rows.</summary>
    public async Task<CardsWritten> WriteAsync(
        IReadOnlyList<CardRow> rows, Actor by, Action<string, int, int> progress, CancellationToken ct)
    {
        var written = default(CardsWritten);
        var done = 0;
        foreach (var batch in rows.Chunk(CardWriter.BatchSize))
        {
            written += await WriteBatchAsync(batch, by, ct);
            done += batch.Length;
            progress("cards", done, rows.Count);
        }

        await writer.RunAsync(
            (db, _) =>
            {
                audit.Add(
                    db, AuditEvents.CardsImported, userId: null, by,
                    ("cards", written.NewCards), ("devices", written.NewDevices), ("rows", rows.Count));
                return Task.CompletedTask;
            },
            ct);
        return written;
    }

    private async Task<CardsWritten> WriteBatchAsync(CardRow[] batch, Actor by, CancellationToken ct)
    {
        try
        {
            return await writer.RunAsync((db, token) => cards.WriteAsync(db, batch, by, token), ct);
        }
        catch (DbUpdateException e)
        {
            throw new StartException(
                $"Another import wrote a card of the lines {batch[0].Line} to {batch[^1].Line} at the same moment. "
                    + $"What came before them is imported; import again. ({e.GetType().Name})");
        }
    }
}
