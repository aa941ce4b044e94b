using System.Collections.Concurrent;
using Microsoft.Data.Sqlite;
using Microsoft.EntityFrameworkCore.Metadata;
using Npgsql;

namespace Countersign.Server.Data;

/// <summary>Statements of contexts that only read: queries go to connections of their own, which stay open and prepared.</summary>
internal abstract class HotReads : Statements
{
    public override ValueTask<bool> ChangeOneAsync(SqlStatement statement, ReadOnlySpan<object?> values) => throw ReadsOnly();

    public override ValueTask<bool> TryChangeOneAsync(SqlStatement statement, ReadOnlySpan<object?> values) => throw ReadsOnly();

    public override ValueTask ChangeAsync(SqlStatement statement, ReadOnlySpan<object?> values) => throw ReadsOnly();

    public override bool Append<T>(T row, IModel model) => throw ReadsOnly();

    private static InvalidOperationException ReadsOnly() => new("This context only reads: a change goes through the writer.");
}

/// <summary>The same on the embedded database.</summary>
internal sealed class SqliteReads(Func<SqliteConnection> open) : HotReads, IDisposable
{
    private static readonly int MostIdle = 2 * Environment.ProcessorCount;

    private readonly ConcurrentBag<(SqliteConnection Connection, KeptCommands Commands)> _idle = [];

    protected override ValueTask<IReadOnlyList<T>> ReadAsync<T>(
        SqlRead<T> query, object?[] values, int most, CancellationToken ct)
    {
        if (!_idle.TryTake(out var reader))
        {
            var connection = open();
            reader = (connection, new KeptCommands(connection));
        }

        IReadOnlyList<T> found;
        try
        {
            found = KeptCommands.Read(reader.Commands.Get(query.Statement, transaction: null, values), query, most);
        }
        catch
        {
            // What failed once is not used again.
            Close(reader);
            throw;
        }

        // Each has a cache of its own: what a burst has opened is not kept for ever.
        if (_idle.Count < MostIdle)
        {
            _idle.Add(reader);
        }
        else
        {
            Close(reader);
        }

        return new(found);
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
        catch (PostgresException e) when (PostgresWriter.WasPreparedBefore(e))
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
        await using var rows = await command.ExecuteReaderAsync(ct);
        return await PostgresStatements.ReadAsync(rows, query, most, ct);
    }
}
