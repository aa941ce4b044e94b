using System.Net;
using System.Text.Json;
using Countersign.Server.Features.Pages.Demo;
using Countersign.Server.Features.Programs.Applications;
using Countersign.Server.Tests.Hosting;
using Countersign.Server.Tests.Processes;
using Countersign.Testing;

namespace Countersign.Server.Tests.Features.Pages.Demo;

/// <summary>The demo: all there in demo mode, nothing of it anywhere else.</summary>
public abstract class DemoTests(CountersignServer server)
{
    private static readonly string[] Pages = ["/demo", "/demo/phone", "/demo/devices", "/demo/mailbox"];
    private static readonly string[] Lists = ["/demo/personas", "/demo/phone/messages", "/demo/mail", "/demo/devices/codes"];

    [Fact]
    public async Task A_stranger_walks_from_a_persona_over_the_phone_to_the_home_page_and_finds_the_notice_in_the_mailbox()
    {
        using var folder = new TestFolder();
        await using var demo = await StartAsync(folder.Path);
        using var browser = new TestBrowser(demo.BaseAddress);
        var walk = await browser.GetAsync("/demo");
        var links = walk.Document.QuerySelectorAll(".persona")
            .Single(p => p.TextContent.Contains("lukas.weber", StringComparison.Ordinal))
            .QuerySelectorAll("a")
            .Select(a => a.GetAttribute("href")!)
            .ToList();

        var signIn = await browser.GetAsync(links[0]);
        Assert.Equal("lukas.weber", signIn.Document.QuerySelector("input[name=username]")!.GetAttribute("value"));
        var code = await browser.SubmitAsync(signIn, "password", new Dictionary<string, string> { ["password"] = DemoNode.Password });
        var digits = await DemoNode.CodeAsync(demo, "+4915123456789");
        var phone = await browser.GetAsync(links[1]);
        Assert.Contains(digits, phone.Document.QuerySelectorAll("#messages .bubble__text")[0].TextContent, StringComparison.Ordinal);
        var home = await DemoNode.TypeCodeAsync(browser, code, digits);
        Assert.Contains("Lukas Weber", home.Text, StringComparison.Ordinal);

        await Waiting.UntilAsync(
            async () => (await browser.GetAsync(links[2])).Document.QuerySelectorAll("#mails [data-field=subject]").Any(
                s => s.TextContent == "Sign-in from a new browser"),
            Waiting.Ceiling);
        Assert.Equal(0, await demo.StopAsync());
    }

    [Fact]
    public async Task Every_demo_page_says_that_it_is_one_and_programs_find_the_same_as_json()
    {
        using var folder = new TestFolder();
        await using var demo = await StartAsync(folder.Path);
        using var browser = new TestBrowser(demo.BaseAddress);

        foreach (var path in Pages.Append("/sign-in").Append("/help"))
        {
            var page = await browser.GetAsync(path);
            Assert.Equal(HttpStatusCode.OK, page.Status);
            Assert.Contains("nothing here is real", page.Document.QuerySelector(".demo-strip")!.TextContent, StringComparison.Ordinal);
        }

        var personas = await ReadAsync(browser, "/demo/personas");
        Assert.Equal(8, personas.GetArrayLength());
        Assert.Equal(JsonValueKind.Array, (await ReadAsync(browser, "/demo/mail?to=mei.chan%40mail.example")).ValueKind);
        foreach (var persona in personas.EnumerateArray())
        {
            var mobile = persona.GetProperty("mobile").GetString()!;
            Assert.All(
                (await ReadAsync(browser, "/demo/phone/messages?to=" + Uri.EscapeDataString(mobile))).EnumerateArray(),
                m => Assert.Equal(mobile, m.GetProperty("to").GetString()));
        }

        Assert.Equal(0, await demo.StopAsync());
    }

    [Fact]
    public async Task The_api_can_be_tried_at_once_with_an_application_whose_secret_is_public()
    {
        using var folder = new TestFolder();
        await using var demo = await StartAsync(folder.Path);
        using var api = new ApiClient(demo.BaseAddress);

        var token = await api.TokenAsync(DemoApplication.ClientId, DemoApplication.Secret);
        api.Use(token.Body.GetProperty("access_token").GetString()!);
        var restrictions = await api.GetAsync("/api/v1/accounts/U100007/restrictions");

        Assert.Equal("noor.haddad", Assert.Single(restrictions.Body.EnumerateArray()).GetProperty("user").GetString());
        Assert.Equal(0, await demo.StopAsync());
    }

    [Fact]
    public async Task Outside_demo_mode_nothing_of_it_exists()
    {
        Assert.Empty(await server.RowsAsync<Application>(a => a.ClientId == DemoApplication.ClientId));
        var user = await server.UserAsync();
        using var browser = server.Browser();
        var home = await server.SignInAsync(browser, user);

        foreach (var path in Pages.Concat(Lists))
        {
            Assert.Equal(HttpStatusCode.NotFound, (await browser.GetAsync(path)).Status);
        }

        Assert.Null(home.Document.QuerySelector(".demo-strip"));
        Assert.DoesNotContain(server.Routes(), r => r.StartsWith("/demo", StringComparison.OrdinalIgnoreCase));
    }

    protected abstract Task<PublishedServer> StartAsync(string folder);

    private static async Task<JsonElement> ReadAsync(TestBrowser browser, string path)
    {
        var answer = await browser.GetAsync(path);
        Assert.Equal(HttpStatusCode.OK, answer.Status);
        using var json = JsonDocument.Parse(answer.Html);
        return json.RootElement.Clone();
    }
}

public sealed class DemoOnSqlite(OnSqlite server) : DemoTests(server)
{
    protected override Task<PublishedServer> StartAsync(string folder) => DemoNode.OnSqliteAsync(folder);
}

public sealed class DemoOnPostgres(OnPostgres server) : DemoTests(server)
{
    protected override async Task<PublishedServer> StartAsync(string folder)
    {
        var cluster = await PostgresCluster.SharedAsync();
        return await DemoNode.OnPostgresAsync(folder, cluster.ConnectionString(await cluster.CreateDatabaseAsync("demo")));
    }
}
