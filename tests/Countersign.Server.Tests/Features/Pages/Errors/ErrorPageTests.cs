using System.Net;
using Countersign.Server.Tests.Hosting;
using Countersign.Testing;

namespace Countersign.Server.Tests.Features.Pages.Errors;

/// <summary>An error page says what happened and where it goes on from there.</summary>
public abstract class ErrorPageTests(CountersignServer server)
{
    [Fact]
    public async Task A_form_without_a_token_leads_back_to_a_fresh_one()
    {
        using var browser = server.Browser();

        var page = await browser.PostAsync("/sign-in?return=%2Fsettings", new Dictionary<string, string> { ["username"] = "x" });

        Assert.Equal(HttpStatusCode.BadRequest, page.Status);
        Assert.Equal("/sign-in?return=%2Fsettings", Primary(page));
        Assert.Equal(HttpStatusCode.OK, (await browser.GetAsync(Primary(page)!)).Status);
    }

    [Fact]
    public async Task An_endpoint_that_is_no_page_is_not_offered_again()
    {
        using var browser = server.Browser();

        var page = await browser.PostAsync("/sign-out", new Dictionary<string, string>());

        Assert.Equal(HttpStatusCode.BadRequest, page.Status);
        Assert.Equal("/", Primary(page));
    }

    [Fact]
    public async Task Too_many_requests_are_told_how_long_to_wait()
    {
        await using var own = await server.FreshAsync(("Site:RequestsPerMinute", "10"));
        using var browser = own.Browser();
        var form = CountersignServer.Fields(await browser.GetAsync("/sign-in"), ("username", ""));
        TestPage page;
        var requests = 0;
        do
        {
            page = await browser.PostAsync("/sign-in", form);
        }
        while (page.Status != HttpStatusCode.TooManyRequests && ++requests < 20);

        Assert.Equal(HttpStatusCode.TooManyRequests, page.Status);
        Assert.InRange(page.Response.Headers.RetryAfter!.Delta!.Value.TotalSeconds, 1, 60);
        Assert.NotNull(page.Document.QuerySelector("time[data-countdown-until]"));
        Assert.Equal("/sign-in", Primary(page));
    }

    [Theory]
    [InlineData("//evil.example/")]
    [InlineData("/%2F/evil.example/")]
    [InlineData("/%5Cevil.example")]
    public async Task No_link_of_it_leads_to_somebody_else(string path)
    {
        using var browser = await ClientAsync();
        using var request = new HttpRequestMessage(HttpMethod.Get, new Uri(server.Address.GetLeftPart(UriPartial.Authority) + path));
        using var response = await browser.SendRawAsync(request);
        var page = new TestPage(
            response.StatusCode, server.Address, await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken), response);

        var targets = page.Document.QuerySelectorAll("a[href]").Select(a => a.GetAttribute("href")!).Concat(
            page.Document.QuerySelectorAll("input[name=return]").Select(i => i.GetAttribute("value")!));

        Assert.Equal(HttpStatusCode.NotFound, page.Status);
        Assert.All(
            targets,
            t => Assert.True(t.StartsWith('#')
                || (t.StartsWith('/') && !t.StartsWith("//", StringComparison.Ordinal) && !t.Contains('\\', StringComparison.Ordinal)), t));
    }

    [Fact]
    public async Task A_change_of_language_comes_back_to_it()
    {
        using var browser = await ClientAsync();

        var page = await browser.GetAsync("/nowhere?x=1");

        Assert.Equal(HttpStatusCode.NotFound, page.Status);
        Assert.Equal("/nowhere?x=1", page.Document.QuerySelector("input[name=return]")!.GetAttribute("value"));
    }

    /// <summary>Signed in: a stranger is asked to sign in wherever he goes.</summary>
    private async Task<TestBrowser> ClientAsync()
    {
        var browser = server.Browser();
        await server.SignInAsync(browser, await server.UserAsync());
        return browser;
    }

    private static string? Primary(TestPage page) => page.Document.QuerySelector("a.button--primary")?.GetAttribute("href");
}

public sealed class ErrorPagesOnSqlite(OnSqlite server) : ErrorPageTests(server);

public sealed class ErrorPagesOnPostgres(OnPostgres server) : ErrorPageTests(server);
