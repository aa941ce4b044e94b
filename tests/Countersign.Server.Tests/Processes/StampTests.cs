using System.Data.Common;
using Countersign.Server.Tests.Guards;
using Countersign.Server.Tests.Hosting;
using Countersign.Testing;
using Microsoft.Data.Sqlite;
using Npgsql;

namespace Countersign.Server.Tests.Processes;

/// <summary>Whoever writes to the database does not make a demo a real installation, nor a real one a demo.</summary>
public sealed class StampTests : IDisposable
{
    private readonly TestFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_real_installation_that_was_made_to_look_like_a_demo_starts_as_neither(bool onPostgres)
    {
        string[] where = await MigratedAsync(onPostgres);

        await ChangeAsync(where, onPostgres ? "UPDATE installations SET demo = true" : "UPDATE installations SET demo = 1");

        await NeverStartsAsync("does not fit its stamp", where);
    }

    [Fact]
    [Claim("D30")]
    public async Task A_demo_that_was_made_to_look_real_starts_as_neither()
    {
        await DemoNode.SeedAsync(_folder);
        string[] where = ["--data", _folder.Path];

        await ChangeAsync(where, "UPDATE installations SET demo = 0");

        await NeverStartsAsync("does not fit its stamp", where);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_stamp_that_was_taken_away_is_not_given_again(bool onPostgres)
    {
        string[] where = await MigratedAsync(onPostgres);

        await ChangeAsync(where, "UPDATE installations SET stamp = NULL, stamp_key_id = NULL");

        await NeverStartsAsync("does not say with a stamp", where);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task An_installation_of_the_release_before_is_stamped_as_it_is_when_it_is_migrated(bool onPostgres)
    {
        string[] where = await MigratedAsync(onPostgres);
        await ChangeAsync(
            where,
            """
            ALTER TABLE installations DROP COLUMN stamp;
            ALTER TABLE installations DROP COLUMN stamp_key_id;
            DELETE FROM "__EFMigrationsHistory" WHERE migration_id LIKE '%StampInstallation';
            """);
        await Command.RefusedAsync("Run: countersign db migrate", ["serve", .. where]);

        // With other keys nothing has begun that could not be ended.
        using var other = new TestFolder();
        await Command.DoAsync(["db", "migrate", "--data", other.Path]);
        await Command.RefusedAsync(
            "is not the one that this database was made with",
            ["db", "migrate", .. where, "--set", "Data:KeyFile=" + Path.Combine(other.Path, "master.keys")]);
        await Command.DoAsync(["db", "migrate", .. where]);

        await Command.DoAsync(["keys", "list", .. where]);
        await ChangeAsync(where, onPostgres ? "UPDATE installations SET demo = true" : "UPDATE installations SET demo = 1");
        await NeverStartsAsync("does not fit its stamp", where);
    }

    private async Task<string[]> MigratedAsync(bool onPostgres)
    {
        string[] where = onPostgres
            ?
            [
                "--data", _folder.Path, "--postgres", await OnPostgres.NewDatabaseAsync(), "--set",
                "Data:KeyFile=" + await OnPostgres.KeyFileAsync(),
            ]
            : ["--data", _folder.Path];
        await Command.DoAsync(["db", "migrate", .. where]);
        return where;
    }

    private static async Task NeverStartsAsync(string why, string[] where)
    {
        await Command.RefusedAsync(why, ["serve", "--urls", "http://127.0.0.1:0", .. where]);
        await Command.RefusedAsync(why, ["serve", "--demo", "--urls", "http://127.0.0.1:0", .. where]);
        await Command.RefusedAsync(why, ["db", "migrate", .. where]);
        await Command.RefusedAsync(why, ["keys", "list", .. where]);
    }

    private async Task ChangeAsync(string[] where, string statement)
    {
        var postgres = Array.IndexOf(where, "--postgres");
        await using DbConnection connection = postgres < 0
            ? new SqliteConnection($"Data Source={Path.Combine(_folder.Path, "countersign.db")};Pooling=false")
            : new NpgsqlConnection(where[postgres + 1]);
        await connection.OpenAsync(TestContext.Current.CancellationToken);
        await using var command = connection.CreateCommand();
#pragma warning disable CA2100 // Constant text of this file.
        command.CommandText = statement;
#pragma warning restore CA2100
        await command.ExecuteNonQueryAsync(TestContext.Current.CancellationToken);
    }
}
