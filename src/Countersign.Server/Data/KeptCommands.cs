using System.Globalization;
using Microsoft.Data.Sqlite;

namespace Countersign.Server.Data;

/// <summary>The commands of one open connection of the embedded database: each is prepared once. Not safe for two threads.</summary>
internal sealed class KeptCommands(SqliteConnection connection) : IDisposable
{
    private readonly Dictionary<SqlStatement, SqliteCommand> _commands = [];

    public SqliteCommand Get(SqlStatement statement, SqliteTransaction? transaction, ReadOnlySpan<object?> values)
    {
        if (!_commands.TryGetValue(statement, out var command))
        {
            command = connection.CreateCommand();
#pragma warning disable CA2100 // Constant text: see SqlStatement.
            command.CommandText = statement.Text;
#pragma warning restore CA2100
            for (var i = 1; i <= values.Length; i++)
            {
                command.Parameters.Add(new SqliteParameter { ParameterName = string.Create(CultureInfo.InvariantCulture, $"${i}") });
            }

            _commands.Add(statement, command);
        }

        command.Transaction = transaction;
        for (var i = 0; i < values.Length; i++)
        {
            command.Parameters[i].Value = values[i] ?? DBNull.Value;
        }

        return command;
    }

    public void Dispose()
    {
        foreach (var command in _commands.Values)
        {
            command.Dispose();
        }
    }
}
