using Countersign.Testing;
using Microsoft.Data.Sqlite;

[assembly: AssemblyFixture(typeof(Countersign.Server.Tests.Hosting.OnSqlite))]

namespace Countersign.Server.Tests.Hosting;

/// <summary>The server on the embedded database.</summary>
public sealed class OnSqlite : CountersignServer
{
    private static readonly Lazy<Task<TestFolder>> Template = new(MakeTemplateAsync);
    private readonly TestFolder _folder = new();

    protected override CountersignServer New() => new OnSqlite();

    protected override async Task<IReadOnlyDictionary<string, string?>> PrepareDatabaseAsync()
    {
        foreach (var file in Directory.EnumerateFiles((await Template.Value).Path))
        {
            File.Copy(file, Path.Combine(_folder.Path, Path.GetFileName(file)));
        }

        return new Dictionary<string, string?>(CommonSettings()) { ["Data:Directory"] = _folder.Path };
    }

    protected override Task DropDatabaseAsync()
    {
        SqliteConnection.ClearAllPools();
        _folder.Dispose();
        return Task.CompletedTask;
    }

    private static async Task<TestFolder> MakeTemplateAsync()
    {
        var folder = new TestFolder();
        await MigrateAsync(new Dictionary<string, string?> { ["Data:Directory"] = folder.Path });
        SqliteConnection.ClearAllPools();
        return folder;
    }
}
