using System.Diagnostics;
using System.Net;
using Countersign.Server.Tests.Guards;
using Countersign.Server.Tests.Hosting;
using Countersign.Testing;
using Microsoft.Data.Sqlite;
using Npgsql;

namespace Countersign.Server.Tests.Processes;

/// <summary>What the program says when it cannot start, and how it stops.</summary>
public sealed class StartTests
{
    private static readonly string[] Proxied = ["--set", "Site:TrustedProxies:0=127.0.0.1"];
    private static readonly string[] Public = ["--set", "Site:PublicUrl=https://broker.example"];

    [Theory]
    [InlineData("Passwords:MinimumLength=3", "MinimumLength")]
    [InlineData("Regimes:Default:ChallengeTries=0", "ChallengeTries")]
    [InlineData("Site:PublicUrl=nowhere", "PublicUrl")]
    [InlineData("nonsense", "--set takes")]
    public async Task A_wrong_setting_is_named(string setting, string named)
    {
        using var folder = new TestFolder();

        var (code, output) = await RunAsync("serve", "--demo", "--data", folder.Path, "--urls", "http://127.0.0.1:0", "--set", setting);

        Assert.Equal(1, code);
        Assert.Contains(named, output, StringComparison.Ordinal);
        Assert.DoesNotContain("   at ", output, StringComparison.Ordinal);
    }

    [Fact]
    [Claim("D30")]
    public async Task Demo_and_real_databases_never_mix_and_a_lost_key_file_is_told()
    {
        using var demo = new TestFolder();
        using var real = new TestFolder();
        await using (await DemoNode.OnSqliteAsync(demo.Path))
        {
            await RefusesAsync("Another server", "serve", "--demo", "--data", demo.Path, "--urls", "http://127.0.0.1:0");
            await RefusesAsync("Another server", "db", "migrate", "--data", demo.Path);
        }

        await RefusesAsync("There is no database", "serve", "--data", real.Path, "--urls", "http://127.0.0.1:0");
        Assert.Equal(0, (await RunAsync("db", "migrate", "--data", real.Path)).Code);
        Assert.Equal(0, (await RunAsync("db", "migrate", "--data", real.Path)).Code);
        await RefusesAsync("demo database", "serve", "--data", demo.Path, "--urls", "http://127.0.0.1:0");
        await RefusesAsync("demo database", "db", "migrate", "--data", demo.Path);
        await RefusesAsync("Demo mode refuses", "serve", "--demo", "--data", real.Path, "--urls", "http://127.0.0.1:0");
        await RefusesAsync("--demo-expose", "serve", "--demo", "--data", demo.Path, "--urls", "http://0.0.0.0:0");
        File.Copy(Path.Combine(demo.Path, "master.keys"), Path.Combine(real.Path, "master.keys"), overwrite: true);
        await RefusesAsync("is not the one", "serve", "--data", real.Path, "--urls", "http://127.0.0.1:0");
        File.Delete(Path.Combine(real.Path, "master.keys"));
        await RefusesAsync("is missing", "serve", "--data", real.Path, "--urls", "http://127.0.0.1:0");
    }

    /// <summary>Its lock is a row, which stays where the process ends before it is through.</summary>
    [Fact]
    public async Task After_a_migration_that_was_cut_off_the_next_one_goes_on()
    {
        using var folder = new TestFolder();
        Assert.Equal(0, (await RunAsync("db", "migrate", "--data", folder.Path)).Code);
        await using (var connection = new SqliteConnection($"Data Source={Path.Combine(folder.Path, "countersign.db")};Pooling=false"))
        {
            await connection.OpenAsync(TestContext.Current.CancellationToken);
            await using var leave = connection.CreateCommand();
            leave.CommandText = """
                CREATE TABLE IF NOT EXISTS "__EFMigrationsLock" ("Id" INTEGER NOT NULL PRIMARY KEY, "Timestamp" TEXT NOT NULL);
                INSERT OR REPLACE INTO "__EFMigrationsLock" VALUES (1, '2026-11-30');
                """;
            await leave.ExecuteNonQueryAsync(TestContext.Current.CancellationToken);
        }

        Assert.Equal(0, (await RunAsync("db", "migrate", "--data", folder.Path)).Code);
    }

    [Fact]
    public async Task A_database_that_is_not_there_on_PostgreSQL_is_told_with_what_to_do()
    {
        using var folder = new TestFolder();
        var missing = new NpgsqlConnectionStringBuilder(await OnPostgres.NewDatabaseAsync()) { Database = "nobody_made_it" };

        await RefusesAsync(
            "Run: countersign db migrate", "serve", "--data", folder.Path, "--postgres", missing.ConnectionString, "--urls",
            "http://127.0.0.1:0");
    }

    [Fact]
    [Claim("D30")]
    public async Task A_real_server_has_no_demo_and_says_what_it_lacks()
    {
        using var folder = new TestFolder();
        Assert.Equal(0, (await Command.RunAloneAsync(["db", "migrate", "--data", folder.Path])).Code);
        await using var server = await PublishedServer.StartAsync(["serve", "--data", folder.Path, .. Public]);
        using var browser = new TestBrowser(server.BaseAddress);

        foreach (var path in new[] { "/demo", "/demo/phone", "/demo/mailbox", "/demo/personas", "/demo/phone/messages", "/demo/mail" })
        {
            using var response = await browser.SendRawAsync(new HttpRequestMessage(HttpMethod.Get, path));
            Assert.Equal((path, HttpStatusCode.NotFound), (path, response.StatusCode));
        }

        using var live = await browser.SendRawAsync(new HttpRequestMessage(HttpMethod.Get, "/health/live"));
        using var ready = await browser.SendRawAsync(new HttpRequestMessage(HttpMethod.Get, "/health/ready"));
        Assert.Equal(HttpStatusCode.OK, live.StatusCode);
        Assert.Equal(HttpStatusCode.ServiceUnavailable, ready.StatusCode);
        Assert.Contains("gateway", await ready.Content.ReadAsStringAsync(TestContext.Current.CancellationToken), StringComparison.Ordinal);
        Assert.Equal(0, (await Command.RunAloneAsync(["health", "--url", server.BaseAddress.ToString()])).Code);
        Assert.Equal(1, (await RunAsync("health", "--ready", "--url", server.BaseAddress.ToString())).Code);
        await RefusesAsync("--url takes", "health", "--url", "nowhere");
        Assert.Equal(0, await server.StopAsync());
        await RefusesAsync("does not answer", "health", "--url", server.BaseAddress.ToString());
    }

    [Fact]
    public async Task A_stop_ends_the_pages_that_wait()
    {
        using var folder = new TestFolder();
        await DemoNode.SeedAsync(folder);
        await using var server = await DemoNode.OnSqliteAsync(folder.Path);
        using var browser = new TestBrowser(server.BaseAddress);
        var page = await DemoNode.TypePasswordAsync(browser, "mei.chan");
        using var stream = await browser.SendRawAsync(
            new HttpRequestMessage(HttpMethod.Get, $"/challenges/{page.Path.Split('/')[^1]}/events"),
            HttpCompletionOption.ResponseHeadersRead);
        var started = Stopwatch.GetTimestamp();

        Assert.Equal(0, await server.StopAsync());

        // The host would wait half a minute for a request that does not end.
        Assert.True(Stopwatch.GetElapsedTime(started) < TimeSpan.FromSeconds(20));
    }

    [Theory]
    [InlineData("--help")]
    [InlineData("serve", "--help")]
    [InlineData("db", "migrate", "--help")]
    [InlineData("users", "import", "--help")]
    [InlineData("applications", "add", "--help")]
    [InlineData("health", "--help")]
    [InlineData("numbers", "import-dnc", "--help")]
    [InlineData("operators", "code", "--help")]
    [InlineData("oath", "hotp", "--help")]
    [InlineData("oath", "totp", "--help")]
    [InlineData("oath", "ocra", "--help")]
    public async Task Each_command_has_help(params string[] arguments) => Assert.Equal(0, (await RunAsync(arguments)).Code);

    [Fact]
    public async Task The_program_writes_its_help_on_standard_output_and_a_refusal_on_standard_error()
    {
        using var folder = new TestFolder();

        var help = await Command.RunAloneAsync(["--help"]);
        var (code, output, errors) = await Command.RunAloneAsync(["serve", "--data", folder.Path]);

        Assert.Equal((0, ""), (help.Code, help.Errors));
        Assert.Contains("serve", help.Output, StringComparison.Ordinal);
        Assert.Equal((1, ""), (code, output));
        Assert.StartsWith("There is no database", errors, StringComparison.Ordinal);
        Assert.DoesNotContain("   at ", errors, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_command_that_is_none_fails() => Assert.NotEqual(0, (await RunAsync("dance")).Code);

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Applications_are_added_renewed_and_removed_beside_a_running_server(bool onPostgres)
    {
        using var folder = new TestFolder();
        string[] where = onPostgres
            ?
            [
                "--data", folder.Path, "--postgres", await OnPostgres.NewDatabaseAsync(),
                "--set", "Data:KeyFile=" + await OnPostgres.KeyFileAsync(),
            ]
            : ["--data", folder.Path];
        Assert.Equal(0, (await RunAsync(["db", "migrate", .. where])).Code);
        await using var server = await PublishedServer.StartAsync(["serve", .. where, .. Public, .. Proxied]);
        using var api = new ApiClient(server.BaseAddress);

        var added = await RunAsync(["applications", "add", "Platform", "--scope", "restrictions.read", "--country", "HK", .. where]);
        var (id, first) = (Word(added.Output, "client_id"), Word(added.Output, "client_secret"));
        Assert.Equal(HttpStatusCode.OK, (await api.TokenAsync(id, first)).Status);
        Assert.Contains($"{id}  ", (await RunAsync(["applications", "list", .. where])).Output, StringComparison.Ordinal);
        var second = Word((await RunAsync(["applications", "rotate-secret", id, "--grace", "00:00:00", .. where])).Output, "client_secret");
        Assert.Equal(HttpStatusCode.Unauthorized, (await api.TokenAsync(id, first)).Status);
        Assert.Equal(HttpStatusCode.OK, (await api.TokenAsync(id, second)).Status);
        Assert.Equal(0, (await RunAsync(["applications", "remove", id, .. where])).Code);
        Assert.Equal(HttpStatusCode.Unauthorized, (await api.TokenAsync(id, second)).Status);
        await RefusesAsync("There is no application", ["applications", "remove", id, .. where]);
        await RefusesAsync(
            "ISO 3166", ["applications", "add", "Platform", "--scope", "restrictions.read", "--country", "Hong Kong", .. where]);
        Assert.NotEqual(0, (await RunAsync(["applications", "add", "Platform", "--scope", "everything", .. where])).Code);
        Assert.Equal(0, await server.StopAsync());
    }

    [Fact]
    public async Task A_register_is_imported_and_an_operator_gets_a_code_beside_a_running_server()
    {
        using var folder = new TestFolder();
        string[] where = ["--data", folder.Path];
        Assert.Equal(0, (await RunAsync(["db", "migrate", .. where])).Code);
        var register = Path.Combine(folder.Path, "register.txt");
        await File.WriteAllTextAsync(register, "# NDNC\n81234 56789\n+91 81234 56780\n", TestContext.Current.CancellationToken);
        var bad = Path.Combine(folder.Path, "bad.txt");
        await File.WriteAllTextAsync(bad, "81234 56789\nnobody\n", TestContext.Current.CancellationToken);
        await using var server = await PublishedServer.StartAsync(["serve", .. where, .. Public, .. Proxied]);

        var imported = await RunAsync(["numbers", "import-dnc", register, "--register", "ndnc", "--country", "IN", .. where]);
        Assert.Equal(0, imported.Code);
        Assert.Contains("has 2 numbers", imported.Output, StringComparison.Ordinal);
        var refused = await RunAsync(["numbers", "import-dnc", bad, "--country", "IN", .. where]);
        Assert.Equal(1, refused.Code);
        Assert.Contains("line 2: number.unreadable", refused.Output, StringComparison.Ordinal);
        await RefusesAsync("There is no file", ["numbers", "import-dnc", Path.Combine(folder.Path, "none.txt"), .. where]);

        var code = (await RunAsync(["operators", "code", "--name", "ada", .. where])).Output.Split('\n')[0].Trim();
        TestSecrets.Note(code);
        using var browser = new TestBrowser(server.BaseAddress, "198.18.0.1");
        var page = await browser.SubmitAsync(
            await browser.GetAsync("/operations/enter"), "operator-code", new Dictionary<string, string> { ["operator-code"] = code });
        Assert.Equal("/operations/messages", page.Path);
        Assert.Equal(0, await server.StopAsync());
    }

    private static string Word(string output, string before)
    {
        var line = output.Split('\n').Single(l => l.StartsWith(before, StringComparison.Ordinal));
        var word = line[before.Length..].Trim();
        TestSecrets.Note(word);
        return word;
    }

    private static async Task RefusesAsync(string why, params string[] arguments)
    {
        var (code, output) = await Command.RunAsync(arguments);

        Assert.Equal(1, code);
        Assert.Contains(why, output, StringComparison.Ordinal);
        Assert.DoesNotContain("   at ", output, StringComparison.Ordinal);
    }

    private static Task<(int Code, string Output)> RunAsync(params string[] arguments) => Command.RunAsync(arguments);
}
