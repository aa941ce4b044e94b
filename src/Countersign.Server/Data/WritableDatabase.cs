using System.Data.Common;
using Microsoft.EntityFrameworkCore;
using Npgsql;

namespace Countersign.Server.Data;

/// <summary>
/// Whether the database takes what this node has to write, by writing a row of its own: rights that an upgrade forgot, a full disk and a
/// standby show there and nowhere else. Looked at once a second at most, whoever asks.
/// </summary>
internal sealed class WritableDatabase(Contexts contexts, IWriter writer, TimeProvider time)
{
    /// <summary>Of a lease.</summary>
    private const int LongestName = 64;

    private static readonly TimeSpan Fresh = TimeSpan.FromSeconds(1);

    /// <summary>
    /// A lease of a job that nobody does, one for each host: a node that stands still before its COMMIT holds up no other one's.
    /// </summary>
    private static readonly SqlStatement Touch = new("""
        INSERT INTO job_leases (name, holder, epoch, until) VALUES ($1, $2, 1, $3)
        ON CONFLICT (name) DO UPDATE SET epoch = job_leases.epoch + 1, holder = excluded.holder, until = excluded.until
        """);

    private static readonly string Row = new([.. ("readiness/" + Environment.MachineName).Take(LongestName)]);

    private readonly Guid _node = Guid.CreateVersion7(time.GetUtcNow());

    private readonly Lock _lock = new();
    private Task<IReadOnlyList<string>>? _last;
    private long _begun;

    /// <summary>Sentences for an operator; empty when all is well.</summary>
    public Task<IReadOnlyList<string>> ReasonsAsync()
    {
        lock (_lock)
        {
            // Real time: it is about load, not about the domain.
            if (_last is null || (_last.IsCompleted && TimeProvider.System.GetElapsedTime(_begun) >= Fresh))
            {
                (_last, _begun) = (LookAsync(), TimeProvider.System.GetTimestamp());
            }

            return _last;
        }
    }

    private async Task<IReadOnlyList<string>> LookAsync()
    {
        // Off the caller's lock, and not cut off when the one who asked first goes away.
        await Task.Yield();
        try
        {
            if (await DeniedAsync() is { Count: > 0 } denied)
            {
                return [$"The database's user may not read and write {string.Join(", ", denied)}. Grant it what docs/operations.md says."];
            }

            await writer.RunAsync(
                (db, _) => db.ChangeAsync(Touch, Row, _node, time.GetUtcNow().ToUnixMicroseconds()).AsTask(), CancellationToken.None);
            return [];
        }
        catch (WriterBusyException)
        {
            return ["The database does not keep up: what is to be written waits, and more is refused."];
        }
        catch (Exception e) when (e is DbException || e.InnerException is DbException)
        {
            var fault = (e as DbException ?? e.InnerException as DbException)!;
            return [fault.SqlState is { } state ? $"The database refuses to write ({state})." : "The database does not answer."];
        }
    }

    /// <summary>
    /// Tables of this release in which this node's user lacks a right that docs/operations.md gives it, some of them. Others, such as those
    /// of a release to come, are none of its business.
    /// </summary>
    private async Task<List<string>> DeniedAsync()
    {
        if (contexts.Postgres is null)
        {
            return [];
        }

        await using var db = contexts.Read();
        var tables = db.Model.GetEntityTypes().Select(t => t.GetTableName()).OfType<string>().Append("__EFMigrationsHistory").ToArray();
        return await db.Database.SqlQueryRaw<string>(
            """
            SELECT c.relname::text AS "Value" FROM pg_class c
            WHERE c.relnamespace = current_schema()::regnamespace AND c.relname = ANY ({0}) AND NOT (
                has_table_privilege(c.oid, 'SELECT')
                AND (c.relname IN ('installations', '__EFMigrationsHistory') OR has_table_privilege(c.oid, 'INSERT'))
                AND (c.relname IN ('installations', '__EFMigrationsHistory', 'audit_events', 'key_ring')
                    OR (has_table_privilege(c.oid, 'UPDATE') AND has_table_privilege(c.oid, 'DELETE'))))
            ORDER BY 1 LIMIT 5
            """,
            new NpgsqlParameter { Value = tables }).ToListAsync();
    }
}
