using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using System.Runtime.Versioning;
using System.Text.RegularExpressions;
using Countersign.Server.Tests.Guards;
using Countersign.Server.Tests.Hosting;
using Countersign.Testing;
using Npgsql;

namespace Countersign.Server.Tests.Processes;

/// <summary>Whatever keeps the program from starting, it says in a sentence what to do, and ends.</summary>
[UnsupportedOSPlatform("windows")]
public sealed partial class RefusedStartTests : IDisposable
{
    private const string Anywhere = "http://127.0.0.1:0";
    private const string Light = "Passwords:MemoryKiB=8";
    private readonly TestFolder _folder = new();

    private string Data => Path.Combine(_folder.Path, "data");

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData("Regimes:Default:ChallengeTries=many", "ChallengeTries cannot be many: it takes a whole number")]
    [InlineData("Regimes:Default:MessageGap=2 minutes", "it takes a time, as [days.]hours:minutes:seconds")]
    [InlineData("Keys:Source=Safe", "one of File, Pkcs11")]
    [InlineData("Passkeys:Alone=perhaps", "true or false")]
    [InlineData("Shield:Prices:HK=cheap", "a number")]
    [InlineData("Regimes:Default:ChallengeTrys=4", "the nearest is Regimes:Default:ChallengeTries")]
    [InlineData("Messages:Gateways:0:Knid=kannel", "the nearest is Messages:Gateways:0:Kind", "Messages:Gateways:0:Kind=kannel")]
    [InlineData("Keys:Pkcs11:Modul=/x", "the nearest is Keys:Pkcs11:Module")]
    [InlineData("Devices:Tiers:sms:PerDya=1", "the nearest is Devices:Tiers:sms:PerDay")]
    [InlineData("Sight:Name=Bank", "the nearest section is Site")]
    [InlineData("Site:TrustedProxies=127.0.0.1", "numbered: Site:TrustedProxies:0")]
    [InlineData("PublicUrl=https://broker.example", "--set takes Section:Key=value")]
    [InlineData("Data:Postgres=postgres://user:hidden@host/name", "is not a connection string of Npgsql")]
    [InlineData("Data:Postgres=Host=one;Password=hidden;hidden=1", "is not a connection string of Npgsql")]
    [InlineData("Data:Postgres=Database=countersign", "names no Host")]
    [InlineData("Data:Postgres=Host=127.0.0.1;Port=1;Database=x;Username=y", "cannot be reached: Failed to connect to 127.0.0.1:1")]
    [InlineData("Data:Postgres=Host=nobody.invalid;Database=x;Username=y", "PostgreSQL cannot be reached")]
    public async Task A_setting_that_is_wrong_is_told(string setting, string why, string? more = null) =>
        Assert.DoesNotContain(
            "hidden", await RefusedAsync(why, "serve", "--demo", "--data", Data, "--set", setting, "--set", more ?? Light),
            StringComparison.Ordinal);

    [Fact]
    public async Task A_name_from_the_environment_is_looked_at_and_what_belongs_to_others_is_not()
    {
        var wrong = await Command.RunAloneAsync(
            ["serve", "--demo", "--data", Data], new Dictionary<string, string> { ["Site__Nmae"] = "Bank" });
        var others = await Command.RunAloneAsync(
            ["db", "migrate", "--data", Data], new Dictionary<string, string> { ["Sight__Name"] = "Bank", ["API"] = "1", ["DATA"] = "x" });

        Assert.Equal((1, ""), (wrong.Code, wrong.Output));
        Assert.Equal("There is no setting Site:Nmae; the nearest is Site:Name.", wrong.Errors.Trim());
        Assert.Equal((0, ""), (others.Code, others.Errors));
    }

    [Theory]
    [InlineData("{ \"Site\": {", "It has to be JSON")]
    [InlineData("{ \"Site\": { \"Naem\": \"Bank\" } }", "the nearest is Site:Name")]
    [InlineData("{ \"Mesages\": { \"Parallel\": 1 } }", "the nearest section is Messages")]
    public async Task A_file_of_settings_is_looked_at(string text, string why)
    {
        var file = Path.Combine(_folder.Path, "settings.json");
        await File.WriteAllTextAsync(file, text, TestContext.Current.CancellationToken);

        await RefusedAsync(why, "serve", "--demo", "--data", Data, "--config", file);
        await RefusedAsync("none.json", "serve", "--demo", "--data", Data, "--config", Path.Combine(_folder.Path, "none.json"));
    }

    [Theory]
    [InlineData("--urls", "nonsense")]
    [InlineData("--urls", "http://127.0.0.1:99999")]
    [InlineData("--urls", "ftp://127.0.0.1")]
    [InlineData("--urls", ";")]
    [InlineData("--set")]
    [InlineData("--nothing")]
    public async Task A_command_line_that_cannot_be_understood_ends_with_2(params string[] arguments)
    {
        var (code, output) = await Command.RunAsync(["serve", "--demo", "--data", Data, .. arguments]);

        Assert.Equal(2, code);
        Assert.Contains(arguments[0], output, StringComparison.Ordinal);
        Assert.DoesNotContain("   at ", output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_folder_that_is_a_file_is_told()
    {
        await File.WriteAllTextAsync(Data, string.Empty, TestContext.Current.CancellationToken);

        await RefusedAsync("is a file. Name a folder", "serve", "--demo", "--data", Data);
        await RefusedAsync("is a file. Name a folder", "db", "migrate", "--data", Data);
    }

    [Theory]
    [InlineData("--urls", "{0}", "--urls")]
    [InlineData("--set", "Telemetry:MetricsUrl={0}", "Telemetry:MetricsUrl")]
    [InlineData("--set", "Kestrel:Endpoints:Other:Url={0}", "already in use")]
    public async Task An_address_that_somebody_has_is_told(string option, string value, string why)
    {
        await DemoNode.SeedIntoAsync(Data);
        using var taken = new TcpListener(IPAddress.Loopback, 0);
        taken.Start();
        var url = $"http://127.0.0.1:{((IPEndPoint)taken.LocalEndpoint).Port}";
        string[] free = option == "--urls" ? [] : ["--urls", Anywhere];

        var said = await RefusedAsync(
            why, ["serve", "--demo", "--data", Data, "--set", Light, option, value.Replace("{0}", url, StringComparison.Ordinal), .. free]);
        Assert.Contains(url, said, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("Kestrel:Endpoints:Open:Url=http://0.0.0.0:0")]
    [InlineData("Kestrel:Endpoints:Open:Url=http://*:0")]
    [Claim("D30")]
    public async Task A_demo_that_another_setting_opens_to_others_ends(string setting)
    {
        await DemoNode.SeedIntoAsync(Data);

        await RefusedAsync("--demo-expose", "serve", "--demo", "--data", Data, "--urls", Anywhere, "--set", Light, "--set", setting);
    }

    [Fact]
    public async Task A_real_server_has_to_be_told_its_address()
    {
        await Command.DoAsync(["db", "migrate", "--data", Data]);

        await RefusedAsync("Site:PublicUrl is not set", "serve", "--data", Data, "--urls", Anywhere);
        await RefusedAsync(
            "Site:PublicUrl is the address that clients type", "serve", "--data", Data, "--urls", Anywhere, "--set",
            "Site:PublicUrl=login.broker.example");
    }

    [Fact]
    public async Task PostgreSQL_that_lets_nobody_in_is_told()
    {
        var database = new NpgsqlConnectionStringBuilder(await OnPostgres.NewDatabaseAsync());
        var keys = "Data:KeyFile=" + await OnPostgres.KeyFileAsync();
        var nobody = new NpgsqlConnectionStringBuilder(database.ConnectionString) { Username = "nobody_made_it" };

        await RefusedAsync(
            "Look at Username and Password", "serve", "--data", Data, "--postgres", nobody.ConnectionString, "--set", keys);
    }

    /// <summary>In a process of its own, since its user has to be another one. Root may write anywhere.</summary>
    [Theory]
    [InlineData("none", "is denied")]
    [InlineData("others", "is denied")]
    public async Task A_folder_without_rights_is_told(string folder, string why)
    {
        Assert.SkipUnless(Environment.IsPrivilegedProcess, "Only root can become somebody else.");
        var data = Path.Combine(_folder.Path, folder);
        Open(_folder.Path);
        Directory.CreateDirectory(data, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);

        var (code, output, errors) = await AsNobodyAsync("serve", "--demo", "--data", data);

        Assert.Equal((1, ""), (code, output));
        AssertSentence(why, errors);
        Assert.Contains("user", errors, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_disk_that_is_read_only_is_not_taken_for_another_server()
    {
        Assert.SkipUnless(Environment.IsPrivilegedProcess, "Only root can mount a disk.");
        Directory.CreateDirectory(Data);
        var (code, output, errors) = await ShellAsync(
            """mount -t tmpfs -o ro none "$1" || exit 77; exec dotnet "$0" serve --demo --data "$1" """, ["unshare", "-m"], Data);
        Assert.SkipWhen(code == 77 || errors.StartsWith("unshare", StringComparison.Ordinal), "This machine does not let us mount a disk.");

        Assert.Equal((1, ""), (code, output));
        AssertSentence("a disk that can be written to", errors);
    }

    [Fact]
    public async Task What_the_embedded_database_writes_is_its_owners_alone()
    {
        await Command.DoAsync(["db", "migrate", "--data", Data]);
        File.SetUnixFileMode(Path.Combine(Data, "countersign.db"), (UnixFileMode)0b110_100_100);
        await using var server = await PublishedServer.StartAsync(
            ["serve", "--data", Data, "--set", "Site:PublicUrl=https://broker.example"]);

        Assert.Equal("700", Octal(Data));
        Assert.Contains(Directory.EnumerateFiles(Data), f => f.EndsWith("-wal", StringComparison.Ordinal));
        Assert.All(Directory.EnumerateFiles(Data), f => Assert.Equal("600", Octal(f)));
        Assert.Equal(0, await server.StopAsync());
    }

    /// <summary>By a signal that the runtime leaves to the kernel. Where the kernel hands cores to a program, this shows nothing.</summary>
    [Fact]
    public async Task A_process_that_dies_leaves_no_core()
    {
        const string Run = """ulimit -c unlimited; cd "$0"; exec dotnet "$1" oath ocra --file -""";
        using var process = Process.Start(new ProcessStartInfo("sh", ["-c", Run, _folder.Path, PublishedServer.ProgramPath()])
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
        })!;
        await process.StandardInput.WriteAsync(
            """{"suite":"OCRA-1:HOTP-SHA1-6:QN08","key_hex":"3132","question":"12345678"}""".AsMemory(),
            TestContext.Current.CancellationToken);
        await process.StandardInput.WriteAsync("\n".AsMemory(), TestContext.Current.CancellationToken);
        await process.StandardInput.FlushAsync(TestContext.Current.CancellationToken);
        Assert.NotNull(await process.StandardOutput.ReadLineAsync(TestContext.Current.CancellationToken));

        using (Process.Start("sh", ["-c", "kill -SYS \"$0\"", $"{process.Id}"]))
        {
            await process.WaitForExitAsync(TestContext.Current.CancellationToken)
                .WaitAsync(Waiting.Ceiling, TestContext.Current.CancellationToken);
        }

        Assert.Empty(Directory.EnumerateFiles(_folder.Path));
    }

    private static async Task<string> RefusedAsync(string why, params string[] arguments)
    {
        var (code, output) = await Command.RunAsync(arguments);

        Assert.Equal(1, code);
        AssertSentence(why, output);
        return output;
    }

    private static void AssertSentence(string why, string said)
    {
        Assert.Contains(why, said, StringComparison.Ordinal);
        Assert.DoesNotContain("   at ", said, StringComparison.Ordinal);
        Assert.DoesNotContain("Exception", said, StringComparison.Ordinal);
        Assert.DoesNotContain("not foreseen", said, StringComparison.Ordinal);
        Assert.Single(said.Trim().Split('\n'), line => !Logged().IsMatch(line));
    }

    private static Task<(int Code, string Output, string Errors)> AsNobodyAsync(params string[] arguments) => ShellAsync(
        """export HOME=/tmp; exec dotnet "$0" "$@" """, ["setpriv", "--reuid=65534", "--regid=65534", "--clear-groups"], arguments);

    private static async Task<(int Code, string Output, string Errors)> ShellAsync(
        string script, string[] by, params string[] arguments)
    {
        var start = new ProcessStartInfo(by[0], [.. by[1..], "sh", "-c", script, PublishedServer.ProgramPath(), .. arguments])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        using var process = Process.Start(start)!;
        var output = process.StandardOutput.ReadToEndAsync();
        var errors = process.StandardError.ReadToEndAsync();
        await process.WaitForExitAsync().WaitAsync(Waiting.Ceiling);
        return (process.ExitCode, await output, await errors);
    }

    private static void Open(string folder) => File.SetUnixFileMode(folder, (UnixFileMode)0b111_101_101);

    private static string Octal(string path) => Convert.ToString((int)File.GetUnixFileMode(path), 8);

    [GeneratedRegex("^(Information|Warning) [A-Za-z.]+\\[")]
    private static partial Regex Logged();
}
