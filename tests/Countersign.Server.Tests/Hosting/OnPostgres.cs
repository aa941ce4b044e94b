using Countersign.Testing;
using Npgsql;

[assembly: AssemblyFixture(typeof(Countersign.Server.Tests.Hosting.OnPostgres))]

namespace Countersign.Server.Tests.Hosting;

/// <summary>The server on PostgreSQL.</summary>
public sealed class OnPostgres : CountersignServer
{
    private static readonly Lazy<Task<(PostgresCluster Cluster, string Template, TestFolder Keys)>> Prepared = new(PrepareAsync);
    private readonly TestFolder _folder = new();

    /// <summary>A database of its own that has this release's schema.</summary>
    public static async Task<string> NewDatabaseAsync()
    {
        var (cluster, template, _) = await Prepared.Value;
        return cluster.ConnectionString(await cluster.CloneAsync(template));
    }

    /// <summary>The key file that such a database was made with.</summary>
    public static async Task<string> KeyFileAsync() => Path.Combine((await Prepared.Value).Keys.Path, "master.keys");

    /// <summary>How many of a database's connections wait for another one.</summary>
    public static async Task<long> WaitingForLocksAsync(NpgsqlDataSource database)
    {
        await using var command = database.CreateCommand(
            "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'");
        return (long)(await command.ExecuteScalarAsync())!;
    }

    protected override CountersignServer New() => new OnPostgres();

    protected override async Task<IReadOnlyDictionary<string, string?>> PrepareDatabaseAsync() =>
        new Dictionary<string, string?>(CommonSettings())
        {
            ["Data:Directory"] = _folder.Path,
            ["Data:KeyFile"] = await KeyFileAsync(),
            ["Data:Postgres"] = await NewDatabaseAsync(),
        };

    protected override Task DropDatabaseAsync()
    {
        _folder.Dispose();
        return Task.CompletedTask;
    }

    private static async Task<(PostgresCluster Cluster, string Template, TestFolder Keys)> PrepareAsync()
    {
        var cluster = await PostgresCluster.SharedAsync();
        var folder = new TestFolder();
        var template = await cluster.CreateDatabaseAsync("template");
        await MigrateAsync(new Dictionary<string, string?>
        {
            ["Data:Directory"] = folder.Path,
            ["Data:Postgres"] = cluster.ConnectionString(template) + ";Pooling=false",
        });
        return (cluster, template, folder);
    }
}
