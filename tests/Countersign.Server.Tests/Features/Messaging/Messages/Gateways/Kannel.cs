using System.Globalization;
using System.Net.Http.Json;
using System.Text.Json;
using Countersign.Testing;
using Microsoft.Data.Sqlite;

namespace Countersign.Server.Tests.Features.Messaging.Messages.Gateways;

/// <summary>A message that the centre got.</summary>
internal sealed record CentreMessage(string To, string From, string Text, int Coding, int Part, int Parts);

/// <summary>What the centre knows.</summary>
internal sealed record CentreView(int Sessions, IReadOnlyList<CentreMessage> Messages);

/// <summary>A real Kannel between us and a simulated message centre; its files and processes end with the test.</summary>
internal sealed class Kannel : IAsyncDisposable
{
    public const string Password = "kannel-password";

    private static readonly JsonSerializerOptions Json = new(JsonSerializerDefaults.Web);
    private static readonly TimeSpan Ceiling = Waiting.Ceiling;
    private readonly TestFolder _folder = new();
    private readonly List<TestDaemon> _daemons = [];
    private HttpClient? _control;

    private Kannel()
    {
    }

    public int SendPort { get; } = TestDaemon.FreePort();

    private HttpClient Control => _control ?? throw new InvalidOperationException("The centre has not been started.");

    public static async Task<Kannel> StartAsync()
    {
        TestSecrets.Note(Password);
        var kannel = new Kannel();
        var centre = TestDaemon.Start("node", Path.Combine(Repository.Root, "tests/tools/smsc.mjs"));
        kannel._daemons.Add(centre);
        var ports = JsonDocument.Parse(await centre.FirstLineAsync()).RootElement;
#pragma warning disable RS0030 // A test client, on loopback.
        kannel._control = new HttpClient { BaseAddress = new Uri($"http://127.0.0.1:{ports.GetProperty("control").GetInt32()}") };
#pragma warning restore RS0030
        await kannel.StartBoxesAsync(ports.GetProperty("smpp").GetInt32());
        return kannel;
    }

    public (string Key, string Value)[] Settings(int place, string receipts) => GatewayBench.Of(
        place,
        ("Kind", "kannel"),
        ("Id", "kannel"),
        ("Url", $"http://127.0.0.1:{SendPort}/cgi-bin/sendsms"),
        ("User", "countersign"),
        ("Password", Password),
        ("Sender", "MYBANK"),
        ("AllowPrivateAddress", "true"), ("ReceiptsUrl", receipts));

    public async Task<CentreView> ViewAsync() => (await Control.GetFromJsonAsync<CentreView>("/", Json))!;

    public async Task ModeAsync(string submit = "ok", string? receipt = "DELIVRD") =>
        (await Control.PostAsJsonAsync("/mode", new { submit, receipt }, Json)).Dispose();

    public async Task DownAsync() => (await Control.PostAsync(new Uri("/down", UriKind.Relative), null)).Dispose();

    public async Task UpAsync() => (await Control.PostAsync(new Uri("/up", UriKind.Relative), null)).Dispose();

    public async Task<IReadOnlyList<CentreMessage>> ToAsync(string number, int parts = 1)
    {
        IReadOnlyList<CentreMessage> found = [];
        await Waiting.UntilAsync(
            async () =>
                (found =
                [
                    .. (await ViewAsync()).Messages.Where(m => number.EndsWith(m.To.TrimStart('+'), StringComparison.Ordinal)),
                ]).Count >= parts,
            Ceiling);
        return found;
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var daemon in Enumerable.Reverse(_daemons))
        {
            await daemon.DisposeAsync();
        }

        _daemons.Clear();
        _control?.Dispose();
        SqliteConnection.ClearAllPools();
        _folder.Dispose();
    }

    private async Task StartBoxesAsync(int smppPort)
    {
        var (boxPort, adminPort) = (TestDaemon.FreePort(), TestDaemon.FreePort());
        var storage = Path.Combine(_folder.Path, "receipts.sqlite");
        await using (var db = new SqliteConnection($"Data Source={storage}"))
        {
            await db.OpenAsync();
            await using var command = db.CreateCommand();
            command.CommandText =
                "CREATE TABLE dlr (smsc text, ts text, source text, destination text, service text, url text, "
                + "mask integer, status integer, boxc text)";
            await command.ExecuteNonQueryAsync();
        }

        var file = Path.Combine(_folder.Path, "kannel.conf");
        await File.WriteAllTextAsync(file, Configuration(boxPort, adminPort, smppPort, storage));
        _daemons.Add(TestDaemon.Start("/usr/sbin/bearerbox", "-v", "4", file));
        await TestDaemon.ListensAsync(boxPort);
        _daemons.Add(TestDaemon.Start("/usr/sbin/smsbox", "-v", "4", file));
        await TestDaemon.ListensAsync(SendPort);
        await Waiting.UntilAsync(async () => (await ViewAsync()).Sessions > 0, Ceiling);
    }

    /// <summary>As docs/operations.md has it, with the ports and pauses of a test.</summary>
    private string Configuration(int boxPort, int adminPort, int smppPort, string storage) => string.Create(
        CultureInfo.InvariantCulture,
        $"""
        group = core
        admin-port = {adminPort}
        admin-password = {Password}
        admin-interface = 127.0.0.1
        smsbox-port = {boxPort}
        smsbox-interface = 127.0.0.1
        box-deny-ip = "*.*.*.*"
        box-allow-ip = "127.0.0.1"
        store-type = spool
        store-location = "{_folder.Path}"
        dlr-storage = sqlite3
        sms-resend-freq = 1
        sms-resend-retry = 1

        group = smsc
        smsc = smpp
        smsc-id = centre
        host = 127.0.0.1
        port = {smppPort}
        smsc-username = countersign
        smsc-password = secret
        system-type = ""
        transceiver-mode = true
        interface-version = 34
        enquire-link-interval = 10
        reconnect-delay = 1
        source-addr-autodetect = true
        dest-addr-ton = 1
        dest-addr-npi = 1

        group = smsbox
        bearerbox-host = 127.0.0.1
        sendsms-port = {SendPort}
        sendsms-interface = 127.0.0.1
        http-request-retry = 1
        http-queue-delay = 1

        group = sendsms-user
        username = countersign
        password = {Password}
        max-messages = 5
        concatenation = true
        user-deny-ip = "*.*.*.*"
        user-allow-ip = "127.0.0.1"

        group = sms-service
        keyword = default
        max-messages = 0
        catch-all = true
        text = ""

        group = sqlite3-connection
        id = receipts
        database = "{storage}"
        max-connections = 1

        group = dlr-db
        id = receipts
        table = dlr
        field-smsc = smsc
        field-timestamp = ts
        field-source = source
        field-destination = destination
        field-service = service
        field-url = url
        field-mask = mask
        field-status = status
        field-boxc-id = boxc

        """);
}
