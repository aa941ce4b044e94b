using System.Collections.Concurrent;
using System.Diagnostics;
using System.Diagnostics.CodeAnalysis;
using Npgsql;

namespace Countersign.Testing;

/// <summary>A private PostgreSQL server on a unix socket, gone without a trace when its process is.</summary>
/// <remarks>
/// COUNTERSIGN_TEST_POSTGRES may name the socket folder of a running server, which is then used instead. What the shared
/// cluster's users create there stays, to be looked at.
/// </remarks>
public sealed class PostgresCluster : IAsyncDisposable
{
    private const string Superuser = "postgres";

    private static readonly Lazy<Task<PostgresCluster>> SharedCluster = new(() => StartAsync());

    private readonly ConcurrentBag<string> _created = [];
    private readonly Process? _keeper;
    private readonly string _socketFolder;

    private PostgresCluster(string socketFolder, Process? keeper) => (_socketFolder, _keeper) = (socketFolder, keeper);

    private Process Keeper => _keeper ?? throw new InvalidOperationException("A cluster that others run is not stopped.");

    /// <summary>The one cluster of this process. Nobody disposes it: it ends with the process.</summary>
    public static Task<PostgresCluster> SharedAsync() => SharedCluster.Value;

    /// <summary>Starts a cluster of one's own.</summary>
    /// <param name="durable">Whether a commit reaches the disk, as in production; tests are faster without.</param>
    public static async Task<PostgresCluster> StartAsync(bool durable = false)
    {
        var running = Environment.GetEnvironmentVariable("COUNTERSIGN_TEST_POSTGRES");
        if (!string.IsNullOrEmpty(running))
        {
            return new PostgresCluster(running, keeper: null);
        }

        return await StartOwnAsync(durable);
    }

    /// <summary>Starts a cluster of one's own even where another one is named: for those who stop it.</summary>
    public static async Task<PostgresCluster> StartOwnAsync(bool durable = false)
    {
        var (keeper, socketFolder) = await PostgresKeeper.StartAsync(Superuser, durable);
        return new PostgresCluster(socketFolder, keeper);
    }

    /// <summary>Starts a copy that has each commit before its client hears of it, and may take over. End it before this one.</summary>
    public async Task<PostgresCluster> StartReplicaAsync()
    {
        var (keeper, socketFolder) = await PostgresKeeper.StartAsync(Superuser, durable: true, primary: _socketFolder);
        await ExecuteAsync("ALTER SYSTEM SET synchronous_standby_names = '*'");
        await ExecuteAsync("SELECT pg_reload_conf()");
        return new PostgresCluster(socketFolder, keeper);
    }

    /// <summary>Makes a primary of what was a copy.</summary>
    public Task PromoteAsync() => PostgresKeeper.OrderAsync(Keeper, "promote");

    /// <summary>Takes the server away from those who use it.</summary>
    public Task GoAwayAsync() => PostgresKeeper.OrderAsync(Keeper, "stop");

    /// <summary>Ends it as a power cut would: all its processes at once.</summary>
    public Task KillAsync() => PostgresKeeper.OrderAsync(Keeper, "kill");

    /// <summary>Brings it back, with all that it held, unless it is there.</summary>
    public Task ComeBackAsync() => PostgresKeeper.OrderAsync(Keeper, "start");

    /// <summary>Has it stand still with its connections open, as a host does that has lost its disk.</summary>
    public Task FreezeAsync() => PostgresKeeper.OrderAsync(Keeper, "freeze");

    public Task ThawAsync() => PostgresKeeper.OrderAsync(Keeper, "thaw");

    /// <summary>Where its own programs, such as <c>pg_dump</c>, find it and are found.</summary>
    public (string Socket, string User, string Programs) Access => (_socketFolder, Superuser, PostgresKeeper.NewestInstallation());

    public string ConnectionString(string database) => new NpgsqlConnectionStringBuilder
    {
        Host = _socketFolder,
        Username = Superuser,
        Database = database,
        CommandTimeout = (int)Waiting.Ceiling.TotalSeconds,
        Timeout = (int)Waiting.Ceiling.TotalSeconds,
        // Each test's database has a pool of its own: idle connections must not add up to the server's limit.
        ConnectionIdleLifetime = 10,
        ConnectionPruningInterval = 5,
    }.ConnectionString;

    /// <summary>The same as an operator writes it: what a test waits longer for is left to the server.</summary>
    public static string Hurried(string connection)
    {
        var (hurried, defaults) = (new NpgsqlConnectionStringBuilder(connection), new NpgsqlConnectionStringBuilder());
        (hurried.CommandTimeout, hurried.Timeout) = (defaults.CommandTimeout, defaults.Timeout);
        return hurried.ConnectionString;
    }

    /// <summary>Creates an empty database, say to migrate it and clone it.</summary>
    /// <returns>Its name: the given one, made unique.</returns>
    public Task<string> CreateDatabaseAsync(string name) => CreateAsync(name, template: "template0");

    /// <summary>Copies a database, which ends the connections to it.</summary>
    /// <returns>The name of the copy.</returns>
    public async Task<string> CloneAsync(string templateName)
    {
        // PostgreSQL copies only what nobody is connected to, and pools keep connections open.
        var wait = (long)Waiting.Ceiling.TotalMilliseconds;
        await ExecuteAsync($"SELECT pg_terminate_backend(pid, {wait}) FROM pg_stat_activity WHERE datname = '{templateName}'");
        return await CreateAsync("clone", templateName);
    }

    public async ValueTask DisposeAsync()
    {
        if (_keeper is not null)
        {
            await PostgresKeeper.StopAsync(_keeper);
            return;
        }

        foreach (var database in _created)
        {
            await ExecuteAsync($"DROP DATABASE IF EXISTS \"{database}\" WITH (FORCE)");
        }
    }

    private async Task<string> CreateAsync(string name, string template)
    {
        var database = $"{name}_{Guid.CreateVersion7(TimeProvider.System.GetUtcNow()):N}";
        await ExecuteAsync($"CREATE DATABASE \"{database}\" TEMPLATE \"{template}\"");
        _created.Add(database);
        return database;
    }

    [SuppressMessage("Security", "CA2100", Justification = "A database's name cannot be a parameter; the names are the tests' own.")]
    private async Task ExecuteAsync(string sql)
    {
        await using var connection = new NpgsqlConnection(ConnectionString(Superuser));
        await connection.OpenAsync();
        await using var command = new NpgsqlCommand(sql, connection);
        await command.ExecuteNonQueryAsync();
    }
}
