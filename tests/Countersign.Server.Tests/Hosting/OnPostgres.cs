using Countersign.Testing;

[assembly: AssemblyFixture(typeof(Countersign.Server.Tests.Hosting.OnPostgres))]

namespace Countersign.Server.Tests.Hosting;

/// <summary>The server on PostgreSQL.</summary>
public sealed class OnPostgres : CountersignServer
{
    private static readonly Lazy<Task<(PostgresCluster Cluster, string Template)>> Prepared = new(PrepareAsync);
    private readonly TestFolder _folder = new();

    /// <summary>A database of its own that has this release's schema.</summary>
    public static async Task<string> NewDatabaseAsync()
    {
        var (cluster, template) = await Prepared.Value;
        return cluster.ConnectionString(await cluster.CloneAsync(template));
    }

    protected override CountersignServer New() => new OnPostgres();

    protected override async Task<IReadOnlyDictionary<string, string?>> PrepareDatabaseAsync() =>
        new Dictionary<string, string?>(CommonSettings()) { ["Data:Directory"] = _folder.Path, ["Data:Postgres"] = await NewDatabaseAsync() };

    protected override Task DropDatabaseAsync()
    {
        _folder.Dispose();
        return Task.CompletedTask;
    }

    private static async Task<(PostgresCluster Cluster, string Template)> PrepareAsync()
    {
        var cluster = await PostgresCluster.SharedAsync();
        using var folder = new TestFolder();
        var template = await cluster.CreateDatabaseAsync("template");
        await MigrateAsync(new Dictionary<string, string?> { ["Data:Directory"] = folder.Path, ["Data:Postgres"] = cluster.ConnectionString(template) + ";Pooling=false" });
        return (cluster, template);
    }
}
