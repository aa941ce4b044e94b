using System.Net;
using Countersign.Server.Tests.Guards;
using Countersign.Server.Tests.Hosting;
using Countersign.Server.Tests.Processes;
using Countersign.Testing;

namespace Countersign.Server.Tests.Http;

/// <summary>A page elsewhere whose name leads here for a moment reads nothing.</summary>
public sealed class KnownHostsTests(OnSqlite server)
{
    [Theory]
    [InlineData("/sign-in")]
    [InlineData("/css/site.css")]
    [InlineData("/connect/token")]
    [InlineData("/nowhere")]
    public async Task Under_the_name_of_another_nothing_is_answered(string path)
    {
        using var browser = server.Browser();

        var (status, text) = await AskAsync(browser, path, "evil.example");

        Assert.Equal(HttpStatusCode.BadRequest, status);
        Assert.Equal("This server is not known by the name that you asked for. Its address is https://broker.example", text);
    }

    [Theory]
    [InlineData("broker.example")]
    [InlineData("BROKER.example.:8443")]
    [InlineData("127.0.0.1:9")]
    [InlineData("[::1]")]
    [InlineData("localhost")]
    public async Task Its_own_name_and_those_of_this_machine_are_known(string host)
    {
        using var browser = server.Browser();

        Assert.Equal(HttpStatusCode.OK, (await AskAsync(browser, "/sign-in", host)).Status);
    }

    [Theory]
    [InlineData("broker.example.evil.example")]
    [InlineData("localhost.evil.example")]
    [InlineData("127.0.0.1.evil.example")]
    [InlineData("192.0.2.1")]
    public async Task What_only_looks_like_them_is_not(string host)
    {
        using var browser = server.Browser();

        Assert.Equal(HttpStatusCode.BadRequest, (await AskAsync(browser, "/sign-in", host)).Status);
    }

    [Fact]
    public async Task Probes_and_receipts_come_under_any_name()
    {
        using var browser = server.Browser();

        Assert.Equal(HttpStatusCode.OK, (await AskAsync(browser, "/health/live", "192.0.2.1")).Status);
        Assert.NotEqual(HttpStatusCode.BadRequest, (await AskAsync(browser, "/gateways/none/receipts/x", "kannel.internal")).Status);
        Assert.Equal(HttpStatusCode.BadRequest, (await AskAsync(browser, "/healthy", "192.0.2.1")).Status);
    }

    [Theory]
    [InlineData("zh-TW", "網址")]
    [InlineData("zh-CN", "网址")]
    public async Task The_refusal_speaks_the_browsers_language(string language, string word)
    {
        using var browser = server.Browser(language: language);

        Assert.Contains(word, (await AskAsync(browser, "/sign-in", "evil.example")).Text, StringComparison.Ordinal);
    }

    [Fact]
    [Claim("D30")]
    public async Task A_demo_shows_its_people_to_this_machine_only_and_its_mails_lead_to_where_it_listens()
    {
        using var folder = new TestFolder();
        await DemoNode.SeedAsync(folder);
        await using var demo = await DemoNode.OnSqliteAsync(folder.Path);
        using var browser = new TestBrowser(demo.BaseAddress);

        Assert.Equal(HttpStatusCode.BadRequest, (await AskAsync(browser, "/demo/personas", "evil.example")).Status);
        Assert.Equal(HttpStatusCode.BadRequest, (await AskAsync(browser, "/demo/personas", "192.0.2.1")).Status);
        Assert.Equal(HttpStatusCode.OK, (await AskAsync(browser, "/demo/personas", "localhost")).Status);
        var page = await DemoNode.TypePasswordAsync(browser, "mei.chan");
        await DemoNode.TypeCodeAsync(browser, page, await DemoNode.CodeAsync(demo, "+85251234567"));
        await Waiting.UntilAsync(
            async () => (await AskAsync(browser, "/demo/mail?to=mei.chan@mail.example", "localhost")).Text.Contains(
                $"http://localhost:{demo.BaseAddress.Port}/not-me/", StringComparison.Ordinal),
            Waiting.Ceiling);
    }

    private static async Task<(HttpStatusCode Status, string Text)> AskAsync(TestBrowser browser, string path, string host)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, path) { Headers = { Host = host } };
        using var response = await browser.SendRawAsync(request);
        return (response.StatusCode, await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken));
    }
}
