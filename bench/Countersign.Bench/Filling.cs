using System.Globalization;
using Countersign.Server.Data;
using Microsoft.Data.Sqlite;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata;
using Npgsql;

namespace Countersign.Bench;

/// <summary>Adds rows by the million, columns and conversions from the model. Dispose it.</summary>
internal abstract class Filling(IModel model) : IAsyncDisposable
{
    protected IModel Model => model;

    public static async Task<Filling> OnAsync(CountersignDbContext db, CancellationToken ct)
    {
        await db.Database.OpenConnectionAsync(ct);
        return db.Database.GetDbConnection() is SqliteConnection sqlite
            ? new SqliteFilling(sqlite, db.Model)
            : new PostgresFilling((NpgsqlConnection)db.Database.GetDbConnection(), db.Model);
    }

    public abstract void Add<T>(T row)
        where T : class;

    /// <summary>Makes durable what was added.</summary>
    public abstract Task SaveAsync(CancellationToken ct);

    public abstract ValueTask DisposeAsync();

    /// <summary>By statements that stay prepared.</summary>
    private sealed class SqliteFilling(SqliteConnection connection, IModel model) : Filling(model)
    {
        private readonly KeptCommands _commands = new(connection);
        private SqliteTransaction? _transaction;

        public override void Add<T>(T row)
        {
            var rows = Rows<T>.Of(Model);
            _transaction ??= connection.BeginTransaction();
            _commands.Get(rows.Insert, _transaction, rows.ValuesOf(row)).ExecuteNonQuery();
        }

        public override async Task SaveAsync(CancellationToken ct)
        {
            await _transaction!.CommitAsync(ct);
            await _transaction.DisposeAsync();
            _transaction = null;
        }

        public override ValueTask DisposeAsync()
        {
            _commands.Dispose();
            return ValueTask.CompletedTask;
        }
    }

    /// <summary>By COPY, table after table in the order in which they were first added to.</summary>
    private sealed class PostgresFilling(NpgsqlConnection connection, IModel model) : Filling(model)
    {
        private readonly Dictionary<string, List<object?[]>> _rows = [];
        private readonly List<string> _order = [];

        public override void Add<T>(T row)
        {
            var rows = Rows<T>.Of(Model);
            if (!_rows.TryGetValue(rows.Insert.Text, out var waiting))
            {
                _rows.Add(rows.Insert.Text, waiting = []);
                _order.Add(rows.Insert.Text);
            }

            waiting.Add(rows.ValuesOf(row));
        }

        public override async Task SaveAsync(CancellationToken ct)
        {
            foreach (var insert in _order)
            {
                var into = insert["INSERT INTO ".Length..insert.IndexOf(" VALUES", StringComparison.Ordinal)];
                await using var copy = await connection.BeginBinaryImportAsync(
                    string.Create(CultureInfo.InvariantCulture, $"COPY {into} FROM STDIN (FORMAT BINARY)"), ct);
                foreach (var row in _rows[insert])
                {
                    await copy.WriteRowAsync(ct, row);
                }

                await copy.CompleteAsync(ct);
                _rows[insert].Clear();
            }
        }

        public override ValueTask DisposeAsync() => ValueTask.CompletedTask;
    }
}
