using System.Globalization;
using System.Net;
using Countersign.Server.Data;
using Countersign.Server.Tests.Hosting;
using Countersign.Testing;
using Microsoft.Extensions.DependencyInjection;
using Npgsql;

namespace Countersign.Server.Tests.Data;

/// <summary>An upgrade of a database that is in use stands in nobody's way, and what is in its way only delays it.</summary>
public sealed class PostgresUpgradeTests(OnPostgres server)
{
    private static readonly TimeSpan Ceiling = Waiting.Ceiling;

    [Fact]
    public async Task While_a_backup_holds_a_table_people_sign_in_and_the_upgrade_gets_through_afterwards()
    {
        await using var own = await server.FreshAsync();
        var users = new List<TestUser>();
        for (var i = 0; i < 3; i++)
        {
            users.Add(await own.UserAsync());
        }

        await using var source = NpgsqlDataSource.Create(own.Settings["Data:Postgres"]!);
        await using var backup = await source.OpenConnectionAsync(TestContext.Current.CancellationToken);
        await using var reading = await backup.BeginTransactionAsync(TestContext.Current.CancellationToken);
        await ExecuteAsync(backup, "LOCK TABLE challenges IN ACCESS SHARE MODE");
        var trial = new TrialMigration(1);

        var upgrade = UpgradeAsync(own, TestContext.Current.CancellationToken);

        // It has got as far as the table that is held, and has tried that one more than once.
        await Waiting.UntilAsync(() => HasAsync(source, "sessions", trial.Column), Ceiling);
        foreach (var user in users)
        {
            using var browser = own.Browser();
            Assert.Equal((HttpStatusCode.OK, "/"), await PathAsync(own, browser, user));
        }

        Assert.False(upgrade.IsCompleted);
        Assert.False(await HasAsync(source, "challenges", trial.Column));
        await reading.RollbackAsync(TestContext.Current.CancellationToken);
        await upgrade.WaitAsync(Ceiling, TimeProvider.System, TestContext.Current.CancellationToken);

        Assert.True(await HasAsync(source, "audit_events", trial.Column));
        Assert.Equal(1, await CountAsync(source, $"pg_index WHERE indexrelid = '{trial.Index}'::regclass AND indisvalid"));
        Assert.Equal(1, await CountAsync(source, $"\"__EFMigrationsHistory\" WHERE migration_id LIKE '{trial.Id}%'"));
    }

    [Fact]
    public async Task One_that_was_cut_off_goes_on_where_it_was()
    {
        await using var own = await server.FreshAsync();
        await using var source = NpgsqlDataSource.Create(own.Settings["Data:Postgres"]!);
        await using var backup = await source.OpenConnectionAsync(TestContext.Current.CancellationToken);
        await using var reading = await backup.BeginTransactionAsync(TestContext.Current.CancellationToken);
        await ExecuteAsync(backup, "LOCK TABLE credentials IN ACCESS SHARE MODE");
        var trial = new TrialMigration(1);
        using var cut = new CancellationTokenSource();
        var first = UpgradeAsync(own, cut.Token);
        await Waiting.UntilAsync(() => HasAsync(source, "challenges", trial.Column), Ceiling);
        await cut.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => first);

        // What building an index leaves behind when it is cut off.
        await reading.RollbackAsync(TestContext.Current.CancellationToken);
        await ExecuteAsync(backup, $"CREATE INDEX {trial.Index} ON sessions (user_id)");
        await ExecuteAsync(backup, $"UPDATE pg_index SET indisvalid = false WHERE indexrelid = '{trial.Index}'::regclass");

        // Two at once: one does it, the other finds it done.
        await Task.WhenAll(
            UpgradeAsync(own, TestContext.Current.CancellationToken),
            UpgradeAsync(own, TestContext.Current.CancellationToken)).WaitAsync(
                Ceiling, TimeProvider.System, TestContext.Current.CancellationToken);

        Assert.True(await HasAsync(source, "audit_events", trial.Column));
        Assert.Equal(1, await CountAsync(
            source, $"pg_indexes WHERE indexname = '{trial.Index}' AND indexdef LIKE '%({trial.Column}, user_id)'"));
    }

    private static async Task UpgradeAsync(CountersignServer server, CancellationToken ct)
    {
        var (contexts, trial) = (server.App.Services.GetRequiredService<Contexts>(), new TrialMigration(1));
        await using var db = contexts.Write();
        await new PostgresUpgrade(db, contexts, TimeProvider.System).RunAsync([(trial.Id, trial)], ct);
    }

    private static async Task<(HttpStatusCode Status, string Path)> PathAsync(CountersignServer server, TestBrowser browser, TestUser user)
    {
        var page = await server.SignInAsync(browser, user);
        return (page.Status, page.Path);
    }

    private static async Task<bool> HasAsync(NpgsqlDataSource source, string table, string column) =>
        await CountAsync(source, $"information_schema.columns WHERE table_name = '{table}' AND column_name = '{column}'") == 1;

    private static async Task<long> CountAsync(NpgsqlDataSource source, string from)
    {
#pragma warning disable CA2100 // Text of this file.
        await using var command = source.CreateCommand(string.Create(CultureInfo.InvariantCulture, $"SELECT count(*) FROM {from}"));
#pragma warning restore CA2100
        return (long)(await command.ExecuteScalarAsync(TestContext.Current.CancellationToken))!;
    }

    private static async Task ExecuteAsync(NpgsqlConnection connection, string sql)
    {
#pragma warning disable CA2100 // Text of this file.
        await using var command = new NpgsqlCommand(sql, connection);
#pragma warning restore CA2100
        await command.ExecuteNonQueryAsync(TestContext.Current.CancellationToken);
    }
}
