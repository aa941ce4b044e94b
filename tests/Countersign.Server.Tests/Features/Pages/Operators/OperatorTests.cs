using System.Net;
using Countersign.Server.Features.Ground.Audit;
using Countersign.Server.Tests.Hosting;
using Countersign.Testing;

namespace Countersign.Server.Tests.Features.Pages.Operators;

/// <summary>The operators' pages open to whoever can run the program beside its keys, and to nobody else.</summary>
public abstract class OperatorTests(CountersignServer server)
{
    [Fact]
    [Race]
    public async Task A_code_opens_the_door_once()
    {
        var code = server.OperatorCode("ada");
        using var first = server.Browser();
        using var second = server.Browser();
        using var third = server.Browser();

        var pages = await Task.WhenAll(EnterAsync(first, code), EnterAsync(second, code), EnterAsync(third, code));

        Assert.Single(pages, p => p.Path == "/operations/messages");
        Assert.Equal(2, pages.Count(p => p.Status == HttpStatusCode.Forbidden));
        Assert.Contains(
            await server.RowsAsync<AuditEvent>(e => e.Event == AuditEvents.OperatorEntered),
            e => e.Details.Contains("ada", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_code_that_is_late_or_changed_opens_nothing()
    {
        await using var own = await server.FreshAsync();
        var code = own.OperatorCode("ada");
        using var browser = own.Browser();
        Assert.Equal(HttpStatusCode.Forbidden, (await EnterAsync(browser, (code[0] == 'A' ? "B" : "A") + code[1..])).Status);
        Assert.Equal(HttpStatusCode.Forbidden, (await EnterAsync(browser, "")).Status);
        Assert.Equal(HttpStatusCode.Forbidden, (await EnterAsync(browser, new string('A', 5_000))).Status);

        own.Clock.Advance(TimeSpan.FromMinutes(11));

        Assert.Equal(HttpStatusCode.Forbidden, (await EnterAsync(browser, code)).Status);
    }

    [Fact]
    public async Task A_client_is_led_to_the_door_and_a_cookie_of_another_make_opens_nothing()
    {
        var user = await server.UserAsync();
        using var browser = server.Browser();
        await server.SignInAsync(browser, user);
        Assert.Equal("/operations/enter", (await browser.GetAsync("/operations/messages")).Path);

        browser.SetCookie("__Host-countersign-operator", "AAAA");

        Assert.Equal("/operations/enter", (await browser.GetAsync("/operations/messages")).Path);
    }

    [Fact]
    public async Task A_prefix_that_is_none_is_given_back()
    {
        using var browser = server.Browser();
        var page = await EnterAsync(browser, server.OperatorCode("ada"));

        var refused = await CountersignServer.PressAsync(browser, page, "Stop", ("prefix", "five"));

        Assert.Equal(HttpStatusCode.UnprocessableEntity, refused.Status);
        Assert.Equal("five", refused.Document.QuerySelector("input[name='prefix'][type='tel']")!.GetAttribute("value"));
    }

    [Fact]
    public async Task Who_leaves_has_left_wherever_the_cookie_is()
    {
        using var browser = server.Browser();
        using var thief = server.Browser();
        var page = await EnterAsync(browser, server.OperatorCode("ada"));
        thief.TakeCookies(browser);
        Assert.Equal("/operations/messages", (await thief.GetAsync("/operations/messages")).Path);

        await CountersignServer.PressAsync(browser, page, "Leave");

        Assert.Equal("/operations/enter", (await thief.GetAsync("/operations/messages")).Path);
    }

    private static async Task<TestPage> EnterAsync(TestBrowser browser, string code) =>
        await browser.SubmitAsync(
            await browser.GetAsync("/operations/enter"), "operator-code", new Dictionary<string, string> { ["operator-code"] = code });
}

public sealed class OperatorsOnSqlite(OnSqlite server) : OperatorTests(server);

public sealed class OperatorsOnPostgres(OnPostgres server) : OperatorTests(server);
