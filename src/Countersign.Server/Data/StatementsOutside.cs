using System.Data.Common;
using System.Globalization;
using Microsoft.Data.Sqlite;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata;
using Microsoft.EntityFrameworkCore.Storage;
using Npgsql;

namespace Countersign.Server.Data;

/// <summary>What a context outside a unit of work has of statements: nothing is changed by them there.</summary>
internal abstract class StatementsOutside : Statements
{
    public override ValueTask<bool> ChangeOneAsync(SqlStatement statement, ReadOnlySpan<object?> values) => throw OnlyInUnit();

    public override ValueTask<bool> TryChangeOneAsync(SqlStatement statement, ReadOnlySpan<object?> values) => throw OnlyInUnit();

    public override ValueTask ChangeAsync(SqlStatement statement, ReadOnlySpan<object?> values) => throw OnlyInUnit();

    public static InvalidOperationException OnlyInUnit() =>
        new("A statement changes rows in a unit of work only, which the writer runs, or in a transaction of its own.");
}

/// <summary>
/// Of a context that writes in a transaction of its own, such as an import's: each runs at once, and Entity Framework adds what is
/// appended, with what else it saves.
/// </summary>
internal sealed class StatementsOfTransaction(CountersignDbContext db) : Statements
{
    public override ValueTask<bool> ChangeOneAsync(SqlStatement statement, ReadOnlySpan<object?> values) =>
        OneAsync(Command(statement, values));

    public override ValueTask<bool> TryChangeOneAsync(SqlStatement statement, ReadOnlySpan<object?> values) =>
        OneAsync(Command(statement, values));

    public override ValueTask ChangeAsync(SqlStatement statement, ReadOnlySpan<object?> values) => SomeAsync(Command(statement, values));

    public override bool Append<T>(T row, IModel model) => false;

    protected override async ValueTask<IReadOnlyList<T>> ReadAsync<T>(
        SqlRead<T> query, object?[] values, int most, CancellationToken ct)
    {
        await using var command = Command(query.Statement, values);
        await using var rows = await command.ExecuteReaderAsync(ct);
        return await query.ReadAsync(rows, most, ct);
    }

    private static async ValueTask<bool> OneAsync(DbCommand command)
    {
        await using (command)
        {
            return await command.ExecuteNonQueryAsync() == 1;
        }
    }

    private static async ValueTask SomeAsync(DbCommand command)
    {
        await using (command)
        {
            await command.ExecuteNonQueryAsync();
        }
    }

    private DbCommand Command(SqlStatement statement, ReadOnlySpan<object?> values)
    {
        var transaction = db.Database.CurrentTransaction ?? throw StatementsOutside.OnlyInUnit();
        var command = db.Database.GetDbConnection().CreateCommand();
#pragma warning disable CA2100 // Constant text: see SqlStatement.
        command.CommandText = statement.Text;
#pragma warning restore CA2100
        command.Transaction = transaction.GetDbTransaction();
        if (command is NpgsqlCommand postgres)
        {
            postgres.Parameters.AddRange(PostgresStatements.Parameters(values));
            return command;
        }

        for (var i = 0; i < values.Length; i++)
        {
            var name = string.Create(CultureInfo.InvariantCulture, $"${i + 1}");
            command.Parameters.Add(new SqliteParameter { ParameterName = name, Value = values[i] ?? DBNull.Value });
        }

        return command;
    }
}
