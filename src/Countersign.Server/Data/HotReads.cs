using System.Collections.Concurrent;
using Microsoft.Data.Sqlite;
using Microsoft.EntityFrameworkCore.Metadata;
using Npgsql;

namespace Countersign.Server.Data;

/// <summary>Statements of contexts that only read: queries go to connections of their own, which stay open and prepared.</summary>
internal abstract class HotReads : StatementsOutside
{
    public override bool Append<T>(T row, IModel model) => throw OnlyInUnit();
}

/// <summary>The same on the embedded database.</summary>
internal sealed class SqliteReads(Func<SqliteConnection> open) : HotReads, IDisposable
{
    private static readonly int MostIdle = 2 * Environment.ProcessorCount;

    private readonly ConcurrentBag<(SqliteConnection Connection, KeptCommands Commands)> _idle = [];

    /// <summary>How many lie there: to count the bag would take all its locks.</summary>
    private int _kept;

    protected override async ValueTask<IReadOnlyList<T>> ReadAsync<T>(
        SqlRead<T> query, object?[] values, int most, CancellationToken ct)
    {
        ct.ThrowIfCancellationRequested();
        if (_idle.TryTake(out var reader))
        {
            Interlocked.Decrement(ref _kept);
        }
        else
        {
            var connection = open();
            reader = (connection, new KeptCommands(connection));
        }

        IReadOnlyList<T> found;
        try
        {
            // It ends where it begins: one that was cancelled would cost the connection.
            await using var rows = await reader.Commands.Get(query.Statement, transaction: null, values)
                .ExecuteReaderAsync(CancellationToken.None);
            found = await query.ReadAsync(rows, most, CancellationToken.None);
        }
        catch
        {
            // What failed once is not used again.
            Close(reader);
            throw;
        }

        // Each has a cache of its own: what a burst has opened is not kept for ever.
        if (Interlocked.Increment(ref _kept) <= MostIdle)
        {
            _idle.Add(reader);
        }
        else
        {
            Interlocked.Decrement(ref _kept);
            Close(reader);
        }

        return found;
    }

    public void Dispose()
    {
        while (_idle.TryTake(out var reader))
        {
            Close(reader);
        }
    }

    private static void Close((SqliteConnection Connection, KeptCommands Commands) reader)
    {
        reader.Commands.Dispose();
        reader.Connection.Dispose();
    }
}

/// <summary>The same on PostgreSQL, whose driver keeps what is used often prepared on each connection.</summary>
internal sealed class PostgresReads(NpgsqlDataSource source) : HotReads
{
    protected override async ValueTask<IReadOnlyList<T>> ReadAsync<T>(
        SqlRead<T> query, object?[] values, int most, CancellationToken ct)
    {
        try
        {
            return await OnceAsync(query, values, most, ct);
        }
        catch (PostgresException e) when (StalePlan.Is(e))
        {
            source.Clear();
            return await OnceAsync(query, values, most, ct);
        }
    }

    private async ValueTask<IReadOnlyList<T>> OnceAsync<T>(SqlRead<T> query, object?[] values, int most, CancellationToken ct)
        where T : class
    {
        await using var command = source.CreateCommand(query.Statement.Text);
        command.Parameters.AddRange(PostgresStatements.Parameters(values));
        command.CommandTimeout = Patience.Seconds ?? command.CommandTimeout;
        await using var rows = await command.ExecuteReaderAsync(ct);
        return await query.ReadAsync(rows, most, ct);
    }
}
