using System.Diagnostics;
using Countersign.Bench;
using Countersign.Bench.Scenarios;
using Countersign.Testing;
using Npgsql;

namespace Countersign.Faults;

/// <summary>
/// Backs a running installation up as docs/operations.md says, destroys it, restores it, and lets people in: one with a session from before
/// the backup, one with a device. What was done after the backup is gone, as that page says too.
/// </summary>
internal sealed class RestoreDrill : IRun
{
    private const string Page = "/settings";

    public string Name => "restore";

    public IReadOnlyList<string> Databases => [SitePlan.Sqlite, SitePlan.Postgres];

    public async Task<bool> RunAsync(string database, FaultOptions options, CancellationToken ct)
    {
        using var elsewhere = new TestFolder();
        await using var site = await Site.CreateAsync(new SitePlan(database, Users: 200) { LightHash = true }, ct);
        await site.StartAsync();
        using var http = site.Connect();
        var before = await SignInAsync(site, http, 0);
        await BackUpAsync(site, elsewhere.Path);
        var after = await SignInAsync(site, http, 1);

        await site.KillNodeAsync(0);
        await DestroyAsync(site);
        await RestoreAsync(site, elsewhere.Path);
        await site.StartNodeAsync(0);

        var faults = new List<string>();
        await ExpectAsync(faults, "a session from before the backup lives", expected: true, () => before.GetAsync(Page));
        await ExpectAsync(faults, "a session from after the backup is gone", expected: false, () => after.GetAsync(Page));
        await ExpectAsync(faults, "somebody signs in with a device", expected: true, () => SignInAsync(site, http, 2));
        await ExpectAsync(faults, "whose sign-in is not in the backup signs in again", expected: true, () => SignInAsync(site, http, 1));
        Console.WriteLine($"restore, {database}: {(faults.Count == 0 ? "as it has to be" : "NOT SO: " + string.Join("; ", faults))}");
        return faults.Count == 0;
    }

    private static async Task<BenchClient> SignInAsync(Site site, HttpMessageInvoker http, int user)
    {
        var (browser, person) = (site.Browser(http, user), site.Users[user]);
        var page = await SignInSteps.TypePasswordAsync(browser, person);
        var token = await SignInSteps.ToFieldAsync(browser, page);
        var answer = await site.ReadDeviceAsync(person, SignInSteps.HandleOf(page));
        var home = await SignInSteps.AnswerAsync(browser, page, token, answer!);
        return home == "/" ? browser : throw new OtherAnswerException(System.Net.HttpStatusCode.Found, $"A right code led to {home}.");
    }

    private static async Task BackUpAsync(Site site, string elsewhere)
    {
        File.Copy(site.KeyFile, Path.Combine(elsewhere, "master.keys"));
        await (site.Cluster is { } cluster
            ? RunAsync(cluster, "pg_dump", "--format=custom", "--file", Dump(elsewhere), Database(site))
            : RunAsync("sqlite3", site.SqliteFile, $".backup '{Copy(elsewhere)}'"));
    }

    private static async Task DestroyAsync(Site site)
    {
        site.Forget();
        File.Delete(site.KeyFile);
        if (site.Cluster is { } cluster)
        {
            await RunAsync(cluster, "dropdb", "--force", Database(site));
            return;
        }

        foreach (var file in Directory.GetFiles(Path.GetDirectoryName(site.SqliteFile)!, "countersign.db*"))
        {
            File.Delete(file);
        }
    }

    private static async Task RestoreAsync(Site site, string elsewhere)
    {
        File.Copy(Path.Combine(elsewhere, "master.keys"), site.KeyFile);
        if (site.Cluster is not { } cluster)
        {
            File.Copy(Copy(elsewhere), site.SqliteFile);
            return;
        }

        await RunAsync(cluster, "createdb", Database(site));
        await RunAsync(cluster, "pg_restore", "--exit-on-error", "--dbname", Database(site), Dump(elsewhere));

        // A dump holds no statistics: until there are some, every statement is planned as if tables were empty.
        var without = await StatisticsAsync(site);
        await RunAsync(cluster, "vacuumdb", "--analyze-only", "--dbname", Database(site));
        if (without > 0 || await StatisticsAsync(site) == 0)
        {
            throw new InvalidOperationException("ANALYZE after a restore does not do what it is there for.");
        }
    }

    private static async Task<long> StatisticsAsync(Site site)
    {
        await using var source = NpgsqlDataSource.Create(site.Connection!);
        await using var command = source.CreateCommand("SELECT count(*) FROM pg_stats WHERE schemaname = 'public'");
        return (long)(await command.ExecuteScalarAsync())!;
    }

    private static async Task ExpectAsync(List<string> faults, string what, bool expected, Func<Task> act)
    {
        var came = true;
        try
        {
            await act();
        }
        catch (OtherAnswerException)
        {
            came = false;
        }

        if (came != expected)
        {
            faults.Add(what);
        }
    }

    private static string Copy(string elsewhere) => Path.Combine(elsewhere, "copy.db");

    private static string Dump(string elsewhere) => Path.Combine(elsewhere, "countersign.dump");

    private static string Database(Site site) => new NpgsqlConnectionStringBuilder(site.Connection).Database!;

    private static Task RunAsync(PostgresCluster cluster, string program, params string[] arguments)
    {
        var (socket, user, programs) = cluster.Access;
        return RunAsync(Path.Combine(programs, program), ["--host", socket, "--username", user, .. arguments]);
    }

    private static async Task RunAsync(string program, params string[] arguments)
    {
        using var process = Process.Start(program, arguments);
        await process.WaitForExitAsync().WaitAsync(Waiting.Ceiling);
        if (process.ExitCode != 0)
        {
            throw new InvalidOperationException($"{program} {string.Join(' ', arguments)} ended with {process.ExitCode}.");
        }
    }
}
