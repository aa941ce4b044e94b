using System.Data.Common;
using System.Globalization;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata;
using Microsoft.EntityFrameworkCore.Storage;
using Npgsql;

namespace Countersign.Server.Data;

/// <summary>
/// Statements of a context that writes outside a unit of work, such as an import: each runs at once, and nothing is kept.
/// </summary>
internal sealed class StatementsOutside(CountersignDbContext db) : Statements
{
    public override ValueTask<bool> ChangeOneAsync(SqlStatement statement, ReadOnlySpan<object?> values) =>
        ChangedOneAsync(Command(statement, values));

    public override ValueTask<bool> TryChangeOneAsync(SqlStatement statement, ReadOnlySpan<object?> values) =>
        ChangeOneAsync(statement, values);

    public override ValueTask ChangeAsync(SqlStatement statement, ReadOnlySpan<object?> values) =>
        new(RunAsync(Command(statement, values)));

    /// <summary>Entity Framework adds it together with what else is saved.</summary>
    public override bool Append<T>(T row, IModel model) => false;

    private async ValueTask<bool> ChangedOneAsync(DbCommand command) => await RunAsync(command) == 1;

    private async Task<int> RunAsync(DbCommand command)
    {
        await db.Database.OpenConnectionAsync(CancellationToken.None);
        try
        {
            await using (command)
            {
                return await command.ExecuteNonQueryAsync(CancellationToken.None);
            }
        }
        finally
        {
            await db.Database.CloseConnectionAsync();
        }
    }

    protected override async ValueTask<IReadOnlyList<T>> ReadAsync<T>(
        SqlRead<T> query, object?[] values, int most, CancellationToken ct)
    {
        await db.Database.OpenConnectionAsync(ct);
        try
        {
            await using var command = Command(query.Statement, values);
            await using var rows = await command.ExecuteReaderAsync(ct);
            return await PostgresStatements.ReadAsync(rows, query, most, ct);
        }
        finally
        {
            await db.Database.CloseConnectionAsync();
        }
    }

    private DbCommand Command(SqlStatement statement, ReadOnlySpan<object?> values)
    {
        var command = db.Database.GetDbConnection().CreateCommand();
#pragma warning disable CA2100 // Constant text: see SqlStatement.
        command.CommandText = statement.Text;
#pragma warning restore CA2100
        command.Transaction = db.Database.CurrentTransaction?.GetDbTransaction();
        for (var i = 0; i < values.Length; i++)
        {
            var value = command.CreateParameter();
            value.ParameterName = command is NpgsqlCommand ? string.Empty : string.Create(CultureInfo.InvariantCulture, $"${i + 1}");
            value.Value = values[i] ?? DBNull.Value;
            command.Parameters.Add(value);
        }

        return command;
    }
}
