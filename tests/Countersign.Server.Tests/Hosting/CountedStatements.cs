using Countersign.Server.Data;
using Microsoft.EntityFrameworkCore;

namespace Countersign.Server.Tests.Hosting;

/// <summary>What the database of one server on PostgreSQL was asked for, by its own count. Dispose it.</summary>
internal sealed class CountedStatements(CountersignDbContext db) : IAsyncDisposable
{
    public static async Task<CountedStatements> BeginAsync(CountersignServer server)
    {
        await server.WriteAsync((unit, ct) => unit.Database.ExecuteSqlAsync($"CREATE EXTENSION IF NOT EXISTS pg_stat_statements", ct));
        var db = server.Reader();
        await db.Database.ExecuteSqlAsync(
            $"SELECT pg_stat_statements_reset(0, (SELECT oid FROM pg_database WHERE datname = current_database()), 0)");
        return new CountedStatements(db);
    }

    /// <summary>Each statement and how often it ran.</summary>
    /// <remarks>How often the outbox looks for work in the meantime is nobody's doing here.</remarks>
    public async Task<IReadOnlyList<Counted>> SeenAsync() => await db.Database.SqlQuery<Counted>(
        $"""
        SELECT calls::int AS "Calls", query AS "Text" FROM pg_stat_statements
        WHERE dbid = (SELECT oid FROM pg_database WHERE datname = current_database()) AND query NOT LIKE '%pg_stat_statements%'
            AND query NOT LIKE '%FROM messages r%due_at%'
        ORDER BY calls DESC, query
        """).ToListAsync();

    public ValueTask DisposeAsync() => db.DisposeAsync();

    internal sealed record Counted(int Calls, string Text);
}
