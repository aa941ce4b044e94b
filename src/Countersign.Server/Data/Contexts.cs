using System.Data.Common;
using System.Runtime.CompilerServices;
using Microsoft.Data.Sqlite;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Diagnostics;
using Microsoft.EntityFrameworkCore.Infrastructure;
using Microsoft.Extensions.Options;
using Npgsql;

namespace Countersign.Server.Data;

/// <summary>
/// Makes contexts: readers that the database itself keeps from writing, and writers for the one door and for programs
/// that run beside it (migration, key ring, command line).
/// </summary>
internal sealed class Contexts : IDisposable, IAsyncDisposable
{
    private const string ReaderPragmas = "PRAGMA query_only = 1; PRAGMA cache_size = -8000;";

    /// <summary>
    /// How many statements PostgreSQL keeps prepared for each connection: those of hot paths, and what else is asked often.
    /// </summary>
    private const int KeptPrepared = 100;

    /// <summary>How long a database that was told to give a statement up is waited for; then the connection is given up.</summary>
    private const int CancellationMilliseconds = 500;

    private const int ConnectSeconds = 3;

    private readonly Func<CountersignDbContext> _read;
    private readonly Func<CountersignDbContext> _write;
    private readonly NpgsqlDataSource? _readSource;
    private readonly NpgsqlDataSource? _writeSource;
    private readonly HotReads _hotReads;
    private readonly string? _postgres;

    public Contexts(IOptions<DataOptions> options)
    {
        var data = options.Value;
        if (data.OnPostgres)
        {
            _postgres = PostgresHosts.WithFailOver(data.Postgres).ConnectionString;
            _readSource = NpgsqlDataSource.Create(Kept(data, "-c default_transaction_read_only=on"));
            _writeSource = NpgsqlDataSource.Create(Kept(data, @"-c default_transaction_isolation=read\ committed"));
            _hotReads = new PostgresReads(_readSource);
            _read = Postgresql(_readSource, readOnly: true);
            _write = Postgresql(_writeSource, readOnly: false);
        }
        else
        {
            // The modes differ so that the two kinds of connection never share a pool: a pooled connection keeps its pragmas.
            var read = new SqliteConnectionStringBuilder { DataSource = data.SqliteFile, Mode = SqliteOpenMode.ReadWrite };
            var write = new SqliteConnectionStringBuilder { DataSource = data.SqliteFile, Mode = SqliteOpenMode.ReadWriteCreate };
            _hotReads = new SqliteReads(() => OpenReader(read));
            _read = Pool(Sqlite(read, ReaderPragmas), readOnly: true);
            _write = Pool(
                Sqlite(write, "PRAGMA synchronous = FULL; PRAGMA busy_timeout = 10000; PRAGMA foreign_keys = 1;"), readOnly: false);
        }
    }

    /// <summary>The data source for NOTIFY; null on SQLite.</summary>
    public NpgsqlDataSource? Postgres => _writeSource;

    /// <summary>A connection for LISTEN. No pool takes it back: who got it next would listen too.</summary>
    public NpgsqlConnection Listener() => new(new NpgsqlConnectionStringBuilder(_postgres) { Pooling = false }.ToString());

    /// <summary>Closes the connections that nobody uses, so that the next one to ask does not get one that died in the meantime.</summary>
    public void ForgetIdle()
    {
        _readSource?.Clear();
        _writeSource?.Clear();
    }

    /// <summary>A context that tracks nothing and cannot write. Dispose it.</summary>
    public CountersignDbContext Read()
    {
        var db = _read();
        db.Statements = _hotReads;
        return db;
    }

    /// <summary>
    /// A context that can write. Only for <see cref="IWriter"/>, migrations, the key ring and the command line. Dispose it.
    /// </summary>
    public CountersignDbContext Write()
    {
        var db = _write();
        db.Statements = new StatementsOfTransaction(db);
        return db;
    }

    public void Dispose()
    {
        (_hotReads as IDisposable)?.Dispose();
        _readSource?.Dispose();
        _writeSource?.Dispose();
    }

    public async ValueTask DisposeAsync()
    {
        (_hotReads as IDisposable)?.Dispose();
        if (_readSource is not null)
        {
            await _readSource.DisposeAsync();
        }

        if (_writeSource is not null)
        {
            await _writeSource.DisposeAsync();
        }
    }

    /// <summary>
    /// What is asked often stays prepared. Nothing here leaves settings, locks or cursors behind in a connection, so that nothing has to be
    /// taken back when the next one gets it, which would cost more than most statements.
    /// </summary>
    /// <param name="options">Come after the operator's own, such as a search path.</param>
    private static NpgsqlConnectionStringBuilder Kept(DataOptions data, string options)
    {
        var kept = PostgresHosts.WithFailOver(data.Postgres);
        (kept.MaxAutoPrepare, kept.NoResetOnClose) = (KeptPrepared, true);
        (kept.MaxPoolSize, kept.CancellationTimeout) = (data.Connections / 2, CancellationMilliseconds);

        // The operator's own word, where it was said, is the operator's.
        var defaults = new NpgsqlConnectionStringBuilder();
        kept.CommandTimeout = kept.CommandTimeout == defaults.CommandTimeout
            ? (int)Math.Ceiling(data.Deadline.TotalSeconds)
            : kept.CommandTimeout;
        kept.Timeout = kept.Timeout == defaults.Timeout ? ConnectSeconds : kept.Timeout;

        kept.Options = $"{kept.Options} {options}".TrimStart();
        return kept;
    }

    private static SqliteConnection OpenReader(SqliteConnectionStringBuilder builder)
    {
        var connection = new SqliteConnection(new SqliteConnectionStringBuilder(builder.ToString()) { Pooling = false }.ToString());
        connection.Open();
        using var command = connection.CreateCommand();
        command.CommandText = ReaderPragmas;
        command.ExecuteNonQuery();
        return connection;
    }

    private static DbContextOptionsBuilder<SqliteDbContext> Sqlite(SqliteConnectionStringBuilder connection, string pragmas) =>
        new DbContextOptionsBuilder<SqliteDbContext>().UseSqlite(connection.ToString()).AddInterceptors(new OnOpen(pragmas));

    /// <summary>
    /// Entity Framework keeps a model and a store of compiled queries for each data source that it is given. It is given a
    /// connection instead, so that there is one model in the process.
    /// </summary>
    private static Func<CountersignDbContext> Postgresql(NpgsqlDataSource source, bool readOnly)
    {
        var options = new DbContextOptionsBuilder<PostgresDbContext>().UseNpgsql().AddInterceptors(new PostgresStatements.InOrder());
        var pool = Pool(options, readOnly);
        return () =>
        {
            var db = pool();
            db.Database.SetCommandTimeout(Patience.Seconds);
            db.Database.SetDbConnection(source.CreateConnection(), contextOwnsConnection: true);
            return db;
        };
    }

    private static Func<CountersignDbContext> Pool<TContext>(DbContextOptionsBuilder<TContext> builder, bool readOnly)
        where TContext : CountersignDbContext
    {
        builder.UseSnakeCaseNamingConvention();

        // Composite keys on purpose; split queries are chosen where they are written.
        builder.ConfigureWarnings(w => w.Ignore(CoreEventId.RowLimitingOperationWithoutOrderByWarning));
        if (readOnly)
        {
            builder.UseQueryTrackingBehavior(QueryTrackingBehavior.NoTracking);
        }

        return new PooledDbContextFactory<TContext>(builder.Options, poolSize: 256).CreateDbContext;
    }

    /// <summary>Sets the pragmas of a connection once: a pool keeps its handle, and no other code sets any.</summary>
    private sealed class OnOpen(string pragmas) : DbConnectionInterceptor
    {
        private readonly ConditionalWeakTable<object, object> _set = [];

        public override void ConnectionOpened(DbConnection connection, ConnectionEndEventData eventData) => Run(connection);

        public override Task ConnectionOpenedAsync(
            DbConnection connection, ConnectionEndEventData eventData, CancellationToken cancellationToken = default)
        {
            Run(connection);
            return Task.CompletedTask;
        }

        private void Run(DbConnection connection)
        {
            // One of the pool has them already.
            if (connection is not SqliteConnection { Handle: { } handle } || _set.TryGetValue(handle, out _))
            {
                return;
            }

            using var command = connection.CreateCommand();
#pragma warning disable CA2100 // Constant text of this file.
            command.CommandText = pragmas;
#pragma warning restore CA2100
            command.ExecuteNonQuery();
            _set.AddOrUpdate(handle, this);
        }
    }
}
