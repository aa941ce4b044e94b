using System.ComponentModel.DataAnnotations;
using System.Data.Common;
using Microsoft.EntityFrameworkCore.Metadata;
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

    /// <summary>Account applications that were not handed in, after something was last saved.</summary>
    [Range(typeof(TimeSpan), "1.00:00:00", "3650.00:00:00")]
    public TimeSpan AccountApplications { get; set; } = TimeSpan.FromDays(30);

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
    /// <summary>How many of them go in one unit of work, where each of them takes rows of other tables with it.</summary>
    int MostAtOnce => int.MaxValue;

    /// <summary>Deletes at most <paramref name="limit"/> of them; returns how many it found.</summary>
    Task<int> DeleteAsync(CountersignDbContext db, RetentionOptions options, DateTimeOffset now, int limit, CancellationToken ct);

    /// <summary>What finds their keys, and what deletes one of them.</summary>
    (SqlStatement Find, SqlStatement Delete) StatementsIn(IModel model);
}

/// <summary>Rows of one table that may go some time after an instant that stands in them.</summary>
/// <param name="instant">The name of its property.</param>
/// <param name="keep">How long they are kept after it.</param>
/// <remarks>
/// Found by index and deleted by key: in one statement SQLite reads the table from end to end. The instant is asked about again where a row
/// is deleted, since it may have come alive on another node meanwhile.
/// </remarks>
internal sealed class OldRows<TRow>(string instant, Func<RetentionOptions, TimeSpan> keep) : IOldRows
    where TRow : class
{
    private readonly SqlQuery<object[]> _find = new(model =>
    {
        var rows = Rows<TRow>.Of(model);
        return (
            $"SELECT {string.Join(", ", rows.Key)} FROM {rows.Table} WHERE {rows.ColumnOf(instant)} < $1 LIMIT $2",
            row => Stored(row, rows.Key.Count));
    });

    private SqlStatement? _delete;

    public (SqlStatement Find, SqlStatement Delete) StatementsIn(IModel model) =>
        (_find.In(model).Statement, _delete ??= Delete(Rows<TRow>.Of(model)));

    public async Task<int> DeleteAsync(
        CountersignDbContext db, RetentionOptions options, DateTimeOffset now, int limit, CancellationToken ct)
    {
        var before = (now - keep(options)).ToUnixMicroseconds();
        var (_, delete) = StatementsIn(db.Model);
        var found = await db.ReadAsync(_find, [before, limit], ct);
        foreach (var key in found)
        {
            await db.ChangeAsync(delete, [before, .. key]);
        }

        return found.Count;
    }

    /// <summary>The first columns, as they are stored.</summary>
    private static object[] Stored(DbDataReader row, int columns)
    {
        var values = new object[columns];
        row.GetValues(values);
        return values;
    }

    private SqlStatement Delete(Rows<TRow> rows)
    {
        var isThat = string.Join(" AND ", rows.Key.Select((column, i) => $"{column} = ${i + 2}"));
        return new SqlStatement($"DELETE FROM {rows.Table} WHERE {isThat} AND {rows.ColumnOf(instant)} + 0 < $1");
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
            var most = Math.Min(BatchSize, table.MostAtOnce);
            int deleted;
            do
            {
                deleted = await writer.RunAsync(
                    (db, token) => table.DeleteAsync(db, options.Value, time.GetUtcNow(), most, token), ct);
                total += deleted;
            }
            while (deleted == most);
        }

        return total;
    }
}
