using System.Collections.Concurrent;
using Microsoft.Data.Sqlite;
using Microsoft.EntityFrameworkCore.Metadata;
using Npgsql;

namespace Countersign.Server.Data;

/// <summary>Statements of contexts that only read: queries go to connections of their own, which stay open and prepared.</summary>
internal abstract class HotReads : Statements
{
    public override ValueTask<bool> ChangeOneAsync(SqlStatement statement, ReadOnlySpan<object?> values) => throw ReadsOnly();

    public override ValueTask ChangeAsync(SqlStatement statement, ReadOnlySpan<object?> values) => throw ReadsOnly();

    public override bool Append<T>(T row, IModel model) => throw ReadsOnly();

    private static InvalidOperationException ReadsOnly() => new("This context only reads: a change goes through the writer.");
}

/// <summary>The same on the embedded database.</summary>
internal sealed class SqliteReads(Func<SqliteConnection> open) : HotReads, IDisposable
{
    private readonly ConcurrentBag<(SqliteConnection Connection, KeptCommands Commands)> _idle = [];

    public override ValueTask<T?> ReadOneAsync<T>(SqlQuery<T> query, ReadOnlySpan<object?> values)
        where T : class
    {
        if (!_idle.TryTake(out var reader))
        {
            var connection = open();
            reader = (connection, new KeptCommands(connection));
        }

        T? found;
        try
        {
            using var rows = reader.Commands.Get(query.Statement, transaction: null, values).ExecuteReader();
            found = rows.Read() ? query.Read(rows) : null;
        }
        catch
        {
            // What failed once is not used again.
            Close(reader);
            throw;
        }

        _idle.Add(reader);
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
    public override ValueTask<T?> ReadOneAsync<T>(SqlQuery<T> query, ReadOnlySpan<object?> values)
        where T : class => ReadAsync(source.CreateCommand(query.Statement.Text), query, PostgresStatements.Parameters(values));

    private static async ValueTask<T?> ReadAsync<T>(NpgsqlCommand command, SqlQuery<T> query, NpgsqlParameter[] values)
        where T : class
    {
        await using (command)
        {
            command.Parameters.AddRange(values);
            await using var rows = await command.ExecuteReaderAsync(CancellationToken.None);
            return await rows.ReadAsync(CancellationToken.None) ? query.Read(rows) : null;
        }
    }
}
