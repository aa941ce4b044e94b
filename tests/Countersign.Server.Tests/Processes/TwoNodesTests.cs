using System.Net;
using Countersign.Server.Tests.Hosting;
using Countersign.Testing;
using Npgsql;

namespace Countersign.Server.Tests.Processes;

/// <summary>Two processes of the program on one PostgreSQL.</summary>
public sealed class TwoNodesTests(TwoNodes nodes) : IClassFixture<TwoNodes>
{
    private static readonly TimeSpan Ceiling = Waiting.Ceiling;

    [Fact]
    public async Task A_sign_in_begun_on_one_node_is_finished_on_the_other_and_its_session_works_on_both()
    {
        using var first = new TestBrowser(nodes.A.BaseAddress);
        using var second = new TestBrowser(nodes.B.BaseAddress);
        var page = await DemoNode.TypePasswordAsync(first, "mei.chan");
        second.TakeCookies(first);

        var there = await second.GetAsync(page.Path);
        var home = await DemoNode.TypeCodeAsync(second, there, await DemoNode.CodeAsync(nodes.B, "+85251234567"));
        first.TakeCookies(second);

        Assert.Equal("/", home.Path);
        Assert.Equal("/settings", (await first.GetAsync("/settings")).Path);
        Assert.Single(await DemoNode.CodesAsync(nodes.A, "+85251234567"));
    }

    [Fact]
    [Race]
    public async Task Of_fifty_right_codes_spread_over_both_nodes_one_signs_in()
    {
        var answers = await FiftyAsync("arjun.rao", "+918123456789", (code, _) => code);

        Assert.Equal(CountersignServer.Answered, answers.Count(a => a == HttpStatusCode.Redirect));
        Assert.Equal(1, await CountAsync("sessions s JOIN users u ON u.id = s.user_id WHERE u.name = 'arjun.rao'"));
    }

    [Fact]
    [Race]
    public async Task Of_fifty_codes_of_an_app_spread_over_both_nodes_one_signs_in()
    {
        using var desk = new TestBrowser(nodes.A.BaseAddress);
        var key = await DemoNode.AddAppAsync(nodes.A, desk, "daniel.reed", "+12015550145");
        using var first = new TestBrowser(nodes.A.BaseAddress);
        using var second = new TestBrowser(nodes.B.BaseAddress);
        var picker = await DemoNode.ToPickerAsync(first, "daniel.reed");
        var app = picker.Document.QuerySelectorAll(".device--choice")
            .Single(d => d.TextContent.Contains("My phone", StringComparison.Ordinal))
            .QuerySelector("input")!.GetAttribute("value")!;
        var page = await first.SubmitAsync(picker, "device", new Dictionary<string, string> { ["device"] = app });
        second.TakeCookies(first);
        var there = await second.GetAsync(page.Path);
        var before = await CountAsync("sessions s JOIN users u ON u.id = s.user_id WHERE u.name = 'daniel.reed'");
        var code = DemoNode.AppCode(key);

        var answers = await FiftyAsync(first, page, second, there, _ => code);

        Assert.Equal(CountersignServer.Answered, answers.Count(a => a == HttpStatusCode.Redirect));
        Assert.Equal(before + 1, await CountAsync("sessions s JOIN users u ON u.id = s.user_id WHERE u.name = 'daniel.reed'"));
    }

    [Fact]
    [Race]
    public async Task Of_fifty_answers_of_a_card_spread_over_both_nodes_one_signs_in_and_both_ask_the_same_cells()
    {
        var card = await DemoNode.CardAsync(nodes.A, "reed.joint");
        using var first = new TestBrowser(nodes.A.BaseAddress);
        using var second = new TestBrowser(nodes.B.BaseAddress);
        using var third = new TestBrowser(nodes.B.BaseAddress);
        var page = await DemoNode.ChooseAsync(first, await DemoNode.ToPickerAsync(first, "reed.joint"), ".icon--card");
        second.TakeCookies(first);
        var there = await second.GetAsync(page.Path);
        Assert.Equal(
            TestCard.AskedOn(page),
            TestCard.AskedOn(await DemoNode.ChooseAsync(third, await DemoNode.ToPickerAsync(third, "reed.joint"), ".icon--card")));

        var answers = await FiftyAsync(first, page, second, there, _ => card.AnswerTo(page));

        Assert.Equal(CountersignServer.Answered, answers.Count(a => a == HttpStatusCode.Redirect));
        Assert.Equal(1, await CountAsync("sessions s JOIN users u ON u.id = s.user_id WHERE u.name = 'reed.joint'"));
        Assert.Equal(1, await CountAsync($"credentials WHERE serial = '{card.Serial}' AND position = 1"));
    }

    [Fact]
    [Race]
    public async Task Of_fifty_answers_of_a_passkey_spread_over_both_nodes_one_signs_in()
    {
        using var passkey = new SoftPasskey { Origin = "http://localhost", RpId = "localhost", Counter = 1 };
        using var desk = new TestBrowser(nodes.A.BaseAddress);
        var apps = await DemoNode.DevicesAsync(nodes.A, "olivia.reed", "totp");
        await DemoNode.AnswerByAppAsync(desk, await DemoNode.ToPickerAsync(desk, "olivia.reed"), apps[0]);
        var activate = await DemoNode.AnswerByAppAsync(desk, await CountersignServer.AskToAddAsync(desk, "passkey", "Laptop"), apps[1]);
        await CountersignServer.TypeCodeAsync(desk, activate, passkey.Make(CountersignServer.PasskeyOptions(activate)));
        using var first = new TestBrowser(nodes.A.BaseAddress);
        using var second = new TestBrowser(nodes.B.BaseAddress);
        var page = await DemoNode.ChooseAsync(first, await DemoNode.ToPickerAsync(first, "olivia.reed"), ".icon--passkey");
        second.TakeCookies(first);
        var there = await second.GetAsync(page.Path);
        var answer = passkey.Use(CountersignServer.PasskeyOptions(page));
        var before = await CountAsync("sessions s JOIN users u ON u.id = s.user_id WHERE u.name = 'olivia.reed'");

        var answers = await FiftyAsync(first, page, second, there, _ => answer);

        Assert.Equal(CountersignServer.Answered, answers.Count(a => a == HttpStatusCode.Redirect));
        Assert.Equal(before + 1, await CountAsync("sessions s JOIN users u ON u.id = s.user_id WHERE u.name = 'olivia.reed'"));
    }

    [Fact]
    [Race]
    public async Task Of_fifty_wrong_codes_spread_over_both_nodes_five_count()
    {
        var answers = await FiftyAsync(
            "lukas.weber",
            "+4915123456789",
            (code, i) => ((int.Parse(code, System.Globalization.CultureInfo.InvariantCulture) + 1 + i) % 1_000_000).ToString(
                "D6", System.Globalization.CultureInfo.InvariantCulture));

        Assert.DoesNotContain(HttpStatusCode.Redirect, answers);
        Assert.Equal(5, await CountAsync(
            "audit_events e JOIN users u ON u.id = e.user_id WHERE u.name = 'lukas.weber' AND e.event = 'challenge.response_wrong'"));
        Assert.Equal(1, await CountAsync(
            "credentials c JOIN users u ON u.id = c.owner_id WHERE u.name = 'lukas.weber' AND c.tries_known + c.tries_unknown = 5"));
        Assert.Equal(1, await CountAsync(
            "challenges c JOIN users u ON u.id = c.user_id WHERE u.name = 'lukas.weber' AND c.state = 'Failed' AND c.tries = 5"));
    }

    [Fact]
    public async Task A_page_that_waits_on_one_node_hears_what_happens_on_the_other_also_after_the_link_was_cut()
    {
        using var waiting = new TestBrowser(nodes.A.BaseAddress);
        using var acting = new TestBrowser(nodes.B.BaseAddress);
        var page = await DemoNode.TypePasswordAsync(waiting, "tan.wei");
        acting.TakeCookies(waiting);
        var there = await acting.GetAsync(page.Path);
        var code = await DemoNode.CodeAsync(nodes.A, "+6581234567");
        await ExecuteAsync(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() AND query ILIKE 'LISTEN%'");
        await Waiting.UntilAsync(
            async () => await CountAsync("pg_stat_activity WHERE datname = current_database() AND query ILIKE 'LISTEN%'") == 2, Ceiling);
        using var request = new HttpRequestMessage(HttpMethod.Get, $"/challenges/{page.Path.Split('/')[^1]}/events");
        using var stream = await waiting.SendRawAsync(request, HttpCompletionOption.ResponseHeadersRead);
        using var lines = new StreamReader(await stream.Content.ReadAsStreamAsync(TestContext.Current.CancellationToken));
        await UntilLineAsync(lines, "prompted");

        Assert.Equal("/", (await DemoNode.TypeCodeAsync(acting, there, code)).Path);

        await UntilLineAsync(lines, "\"used\"");
    }

    private static async Task UntilLineAsync(StreamReader lines, string words)
    {
        string? line;
        do
        {
            line = await lines.ReadLineAsync().WaitAsync(Ceiling);
        }
        while (line is not null && !line.Contains(words, StringComparison.Ordinal));

        Assert.NotNull(line);
    }

    private async Task<IReadOnlyList<HttpStatusCode>> FiftyAsync(string user, string mobile, Func<string, int, string> answer)
    {
        using var first = new TestBrowser(nodes.A.BaseAddress);
        using var second = new TestBrowser(nodes.B.BaseAddress);
        var page = await DemoNode.TypePasswordAsync(first, user);
        second.TakeCookies(first);
        var there = await second.GetAsync(page.Path);
        var code = await DemoNode.CodeAsync(nodes.A, mobile);
        return await FiftyAsync(first, page, second, there, i => answer(code, i));
    }

    private static async Task<IReadOnlyList<HttpStatusCode>> FiftyAsync(
        TestBrowser first, TestPage page, TestBrowser second, TestPage there, Func<int, string> answer)
    {
        return await Task.WhenAll(Enumerable.Range(0, 50).Select(async i =>
        {
            var (browser, shown) = i % 2 == 0 ? (first, page) : (second, there);
            var form = shown.Form("code");
            var fields = TestBrowser.Fields(form, new Dictionary<string, string> { ["code"] = answer(i) });
            using var response = await browser.PostRawAsync(new Uri(shown.Address, form.GetAttribute("action")), fields);
            return response.StatusCode;
        }));
    }

    private async Task<long> CountAsync(string from)
    {
        await using var source = NpgsqlDataSource.Create(nodes.Database);
#pragma warning disable CA2100 // Text of this file.
        await using var command = source.CreateCommand("SELECT count(*) FROM " + from);
#pragma warning restore CA2100
        return (long)(await command.ExecuteScalarAsync())!;
    }

    private async Task ExecuteAsync(string sql)
    {
        await using var source = NpgsqlDataSource.Create(nodes.Database);
#pragma warning disable CA2100 // Text of this file.
        await using var command = source.CreateCommand(sql);
#pragma warning restore CA2100
        await command.ExecuteNonQueryAsync();
    }
}

/// <summary>Two nodes that share a database and a key file.</summary>
public sealed class TwoNodes : IAsyncLifetime
{
    private readonly TestFolder _folder = new();
    private PublishedServer? _a;
    private PublishedServer? _b;

    public PublishedServer A => _a!;

    public PublishedServer B => _b!;

    public string Database { get; private set; } = string.Empty;

    public async ValueTask InitializeAsync()
    {
        var cluster = await PostgresCluster.SharedAsync();
        Database = cluster.ConnectionString(await cluster.CreateDatabaseAsync("nodes"));
        _a = await DemoNode.OnPostgresAsync(_folder.Path, Database);
        _b = await DemoNode.OnPostgresAsync(_folder.Path, Database);
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var node in new[] { _a, _b })
        {
            if (node is not null)
            {
                await node.DisposeAsync();
            }
        }

        _folder.Dispose();
    }
}
