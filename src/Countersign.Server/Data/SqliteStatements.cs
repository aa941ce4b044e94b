using Microsoft.Data.Sqlite;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata;
using Microsoft.EntityFrameworkCore.Storage;

namespace Countersign.Server.Data;

/// <summary>Statements of units of work on the embedded database: each runs at once, by a command that stays prepared.</summary>
internal sealed class SqliteStatements(CountersignDbContext db) : Statements, IDisposable
{
    private SqliteConnection? _connection;
    private KeptCommands? _kept;

    public int Run(SqlStatement statement, params ReadOnlySpan<object?> values) => Command(statement, values).ExecuteNonQuery();

    public override ValueTask<bool> ChangeOneAsync(SqlStatement statement, ReadOnlySpan<object?> values) =>
        new(Run(statement, values) == 1);

    public override ValueTask<bool> TryChangeOneAsync(SqlStatement statement, ReadOnlySpan<object?> values) =>
        ChangeOneAsync(statement, values);

    public override ValueTask ChangeAsync(SqlStatement statement, ReadOnlySpan<object?> values)
    {
        Run(statement, values);
        return default;
    }

    protected override async ValueTask<IReadOnlyList<T>> ReadAsync<T>(
        SqlRead<T> query, object?[] values, int most, CancellationToken ct)
    {
        await using var rows = await Command(query.Statement, values).ExecuteReaderAsync(ct);
        return await query.ReadAsync(rows, most, ct);
    }

    public override bool Append<T>(T row, IModel model)
    {
        var rows = Rows<T>.Of(model);
        Run(rows.Insert, rows.ValuesOf(row));
        return true;
    }

    public void Dispose() => _kept?.Dispose();

    private SqliteCommand Command(SqlStatement statement, ReadOnlySpan<object?> values)
    {
        var connection = (SqliteConnection)db.Database.GetDbConnection();
        if (connection != _connection)
        {
            _kept?.Dispose();
            (_connection, _kept) = (connection, new KeptCommands(connection));
        }

        return _kept!.Get(statement, (SqliteTransaction?)db.Database.CurrentTransaction?.GetDbTransaction(), values);
    }
}
