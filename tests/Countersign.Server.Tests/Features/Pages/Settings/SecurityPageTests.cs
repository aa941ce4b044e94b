using Countersign.Server.Features.Access.Sessions;
using Countersign.Server.Tests.Hosting;
using Countersign.Testing;

namespace Countersign.Server.Tests.Features.Pages.Settings;

public abstract class SecurityPageTests(CountersignServer server)
{
    [Fact]
    public async Task A_session_that_is_ended_from_another_browser_is_dead_at_once()
    {
        var user = await server.UserAsync();
        using var here = server.Browser();
        using var there = server.Browser();
        await SignInTwiceAsync(user, here, there);
        var page = await here.GetAsync("/settings/security");
        var theirs = page.Document.QuerySelector("input[name=session]")!.GetAttribute("value")!;

        var done = await CountersignServer.PressAsync(here, page, "End", ("session", theirs));

        Assert.Equal("/sign-in", (await there.GetAsync("/")).Path);
        Assert.Contains("The session has ended", done.Text, StringComparison.Ordinal);
        Assert.Null(done.Document.QuerySelector("input[name=session]"));
        Assert.Equal("/", (await here.GetAsync("/")).Path);
    }

    [Fact]
    public async Task All_others_end_at_once_and_the_button_is_there_only_while_there_are_others()
    {
        var user = await server.UserAsync();
        using var here = server.Browser();
        using var there = server.Browser();
        await SignInTwiceAsync(user, here, there);
        var page = await here.GetAsync("/settings/security");

        var done = await here.SubmitAsync(page, "EndOthers", new Dictionary<string, string>());

        Assert.Equal("/sign-in", (await there.GetAsync("/")).Path);
        Assert.Contains("All other sessions have ended", done.Text, StringComparison.Ordinal);
        Assert.Null(done.Document.QuerySelector("form[action*=EndOthers]"));
    }

    [Fact]
    public async Task Somebody_elses_session_is_not_ended_nor_is_one_that_does_not_exist()
    {
        var (user, other) = (await server.UserAsync(), await server.UserAsync());
        using var browser = server.Browser();
        using var stranger = server.Browser();
        await server.SignInAsync(browser, user);
        await server.SignInAsync(stranger, other);
        var page = await stranger.GetAsync("/settings/security");

        foreach (var session in new[] { (await server.SessionIdsAsync(user))[0].ToString(), Guid.Empty.ToString(), "no id at all" })
        {
            await CountersignServer.PressAsync(stranger, page, "End", ("session", session));
        }

        Assert.Equal("/", (await browser.GetAsync("/")).Path);
        Assert.Equal("/", (await stranger.GetAsync("/")).Path);
        Assert.All(await server.RowsAsync<Session>(s => s.UserId == user.Id || s.UserId == other.Id), s => Assert.Null(s.EndedAt));
    }

    [Fact]
    public async Task The_page_says_what_the_device_is_what_went_wrong_and_how_long_sessions_last()
    {
        await using var own = await server.FreshAsync(
            ("Regimes:Default:SessionIdle", "00:01:30"), ("Regimes:Default:SessionLifetime", "01:00:00"));
        var user = await own.UserAsync(timeZone: "Asia/Hong_Kong");
        using var browser = own.Browser();
        await CountersignServer.TypePasswordAsync(browser, user.Name, "not the password");
        await own.SignInAsync(browser, user);

        var page = await browser.GetAsync("/settings/security");

        Assert.Equal(
            $"Text message ···{user.Mobile[^2..]} Active since 24 Nov 2026, 17:00 (Asia/Hong Kong) "
            + "Last used 24 Nov 2026, 17:00 (Asia/Hong Kong)",
            CountersignServer.Words(page.Document.QuerySelector(".device__text")!.TextContent));
        Assert.Contains("after 90 seconds without activity, and after 1 hour in any case", page.Text, StringComparison.Ordinal);
        Assert.EndsWith(
            "Wrong password",
            CountersignServer.Words(page.Document.QuerySelector("[aria-labelledby=failures] tbody tr")!.TextContent),
            StringComparison.Ordinal);
    }

    [Fact]
    public async Task Settings_show_number_and_address_without_giving_them_away()
    {
        var user = await server.UserAsync();
        using var browser = server.Browser();
        await server.SignInAsync(browser, user);

        var page = await browser.GetAsync("/settings");

        Assert.Contains("···" + user.Mobile[^2..], page.Text, StringComparison.Ordinal);
        Assert.Contains("u···@mail.example", page.Text, StringComparison.Ordinal);
        Assert.DoesNotContain(user.Mobile, page.Html, StringComparison.Ordinal);
        Assert.DoesNotContain(user.Email, page.Html, StringComparison.Ordinal);
    }

    /// <summary>The second browser is known, so that its code does not have to wait for the gap between messages.</summary>
    private async Task SignInTwiceAsync(TestUser user, TestBrowser first, TestBrowser second)
    {
        await server.SignInAsync(first, user);
        second.TakeCookies(first);
        second.DropCookie("session");
        await server.SignInAsync(second, user);
    }
}

public sealed class SecurityPageOnSqlite(OnSqlite server) : SecurityPageTests(server);

public sealed class SecurityPageOnPostgres(OnPostgres server) : SecurityPageTests(server);
