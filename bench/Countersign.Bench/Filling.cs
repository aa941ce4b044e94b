using System.Globalization;
using Countersign.Server.Data;
using Microsoft.Data.Sqlite;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata;
using Npgsql;

namespace Countersign.Bench;

/// <summary>Adds rows by the million, columns and conversions from the model. Dispose it.</summary>
internal abstract class Filling(CountersignDbContext db) : IAsyncDisposable
{
    protected IModel Model => db.Model;

    public static async Task<Filling> OnAsync(CountersignDbContext db, CancellationToken ct)
    {
        await db.Database.OpenConnectionAsync(ct);
        return db.Database.GetDbConnection() is SqliteConnection sqlite
            ? new SqliteFilling(db, sqlite)
            : new PostgresFilling(db, (NpgsqlConnection)db.Database.GetDbConnection());
    }

    public abstract void Add<T>(T row)
        where T : class;

    /// <summary>Makes durable what was added.</summary>
    public abstract Task SaveAsync(CancellationToken ct);

    /// <summary>The context goes back to its pool: its connection must not stay open.</summary>
    public virtual async ValueTask DisposeAsync() => await db.Database.CloseConnectionAsync();

    /// <summary>By statements that stay prepared.</summary>
    private sealed class SqliteFilling(CountersignDbContext db, SqliteConnection connection) : Filling(db)
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
            return base.DisposeAsync();
        }
    }

    /// <summary>By COPY, table after table in the order in which they were first added to.</summary>
    private sealed class PostgresFilling(CountersignDbContext db, NpgsqlConnection connection) : Filling(db)
    {
        private readonly Dictionary<string, List<object?[]>> _rows = [];
        private readonly List<string> _order = [];

        public override void Add<T>(T row)
        {
            var rows = Rows<T>.Of(Model);
            if (!_rows.TryGetValue(rows.Into, out var waiting))
            {
                _rows.Add(rows.Into, waiting = []);
                _order.Add(rows.Into);
            }

            waiting.Add(rows.ValuesOf(row));
        }

        public override async Task SaveAsync(CancellationToken ct)
        {
            foreach (var into in _order)
            {
                await using var copy = await connection.BeginBinaryImportAsync(
                    string.Create(CultureInfo.InvariantCulture, $"COPY {into} FROM STDIN (FORMAT BINARY)"), ct);
                foreach (var row in _rows[into])
                {
                    await copy.WriteRowAsync(ct, row);
                }

                await copy.CompleteAsync(ct);
                _rows[into].Clear();
            }
        }
    }
}
