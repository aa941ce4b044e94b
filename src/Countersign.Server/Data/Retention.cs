using System.ComponentModel.DataAnnotations;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Options;

namespace Countersign.Server.Data;

/// <summary>How long rows are kept that nothing needs any more.</summary>
internal sealed class RetentionOptions
{
    public const string Section = "Retention";

    /// <summary>Challenges, after they ran out.</summary>
    [Range(typeof(TimeSpan), "1.00:00:00", "3650.00:00:00")]
    public TimeSpan Challenges { get; set; } = TimeSpan.FromDays(30);

    /// <summary>
    /// Messages, after they were queued, and what the shield counted of them. Bodies are erased as soon as they are final.
    /// </summary>
    [Range(typeof(TimeSpan), "1.00:00:00", "3650.00:00:00")]
    public TimeSpan Messages { get; set; } = TimeSpan.FromDays(90);

    /// <summary>Sessions, after their absolute end.</summary>
    [Range(typeof(TimeSpan), "1.00:00:00", "3650.00:00:00")]
    public TimeSpan Sessions { get; set; } = TimeSpan.FromDays(90);

    /// <summary>Rations, after their last use. Longer than any window that counts.</summary>
    [Range(typeof(TimeSpan), "8.00:00:00", "3650.00:00:00")]
    public TimeSpan Rations { get; set; } = TimeSpan.FromDays(8);
}

/// <summary>Checks <see cref="RetentionOptions"/> at start.</summary>
[OptionsValidator]
internal sealed partial class RetentionOptionsValidator : IValidateOptions<RetentionOptions>;

/// <summary>Rows of a slice that may go.</summary>
internal interface IOldRows
{
    /// <summary>Deletes at most <paramref name="limit"/> of them; returns how many.</summary>
    Task<int> DeleteAsync(CountersignDbContext db, RetentionOptions keep, DateTimeOffset now, int limit, CancellationToken ct);
}

/// <summary>Rows of one table that may go, as its slice says.</summary>
internal sealed class OldRows<TRow>(Func<IQueryable<TRow>, RetentionOptions, DateTimeOffset, IQueryable<TRow>> old) : IOldRows
    where TRow : class
{
    /// <remarks>Looked for by index and deleted by key: in one statement SQLite reads the table from end to end.</remarks>
    public async Task<int> DeleteAsync(
        CountersignDbContext db, RetentionOptions keep, DateTimeOffset now, int limit, CancellationToken ct)
    {
        var found = await old(db.Set<TRow>().AsNoTracking(), keep, now).Take(limit).ToListAsync(ct);
        var rows = Rows<TRow>.Of(db.Model);
        foreach (var row in found)
        {
            await db.ChangeAsync(rows.Delete, rows.StoredKeyOf(row));
        }

        return found.Count;
    }
}

/// <summary>Deletes old rows in small batches, so that nobody waits behind a large one. Safe on several nodes at once.</summary>
internal sealed class Retention(IWriter writer, IEnumerable<IOldRows> tables, IOptions<RetentionOptions> options, TimeProvider time)
{
    public static readonly TimeSpan Every = TimeSpan.FromMinutes(10);

    private const int BatchSize = 200;

    /// <summary>Deletes all rows that are old now; returns how many.</summary>
    public async Task<int> RunOnceAsync(CancellationToken ct)
    {
        var total = 0;
        foreach (var table in tables)
        {
            int deleted;
            do
            {
                deleted = await writer.RunAsync(
                    (db, token) => table.DeleteAsync(db, options.Value, time.GetUtcNow(), BatchSize, token), ct);
                total += deleted;
            }
            while (deleted == BatchSize);
        }

        return total;
    }
}
