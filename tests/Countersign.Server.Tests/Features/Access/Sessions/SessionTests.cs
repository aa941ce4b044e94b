using System.Net;
using Countersign.Server.Tests.Guards;
using Countersign.Server.Tests.Hosting;

namespace Countersign.Server.Tests.Features.Access.Sessions;

public abstract class SessionTests(CountersignServer server)
{
    [Fact]
    public async Task A_sign_in_makes_a_new_session_each_time_in_a_cookie_that_only_the_server_reads()
    {
        var user = await server.UserAsync();
        using var browser = server.Browser();
        var home = await server.SignInAsync(browser, user);
        var cookie = Assert.Single(browser.Cookies, c => c.Key == "__Host-countersign-session").Value;
        await CountersignServer.SignOutAsync(browser, home);

        await server.SignInAsync(browser, user);

        Assert.NotEqual(cookie, browser.Cookies["__Host-countersign-session"]);
        Assert.All(browser.CookieLines, line =>
        {
            Assert.StartsWith("__Host-countersign-", line, StringComparison.Ordinal);
            Assert.Contains("secure", line, StringComparison.OrdinalIgnoreCase);
            Assert.Contains("httponly", line, StringComparison.OrdinalIgnoreCase);
            Assert.Contains("samesite", line, StringComparison.OrdinalIgnoreCase);
        });
    }

    [Fact]
    public async Task Signing_out_kills_the_session_wherever_its_cookie_is()
    {
        var user = await server.UserAsync();
        using var browser = server.Browser();
        using var thief = server.Browser();
        var home = await server.SignInAsync(browser, user);
        thief.TakeCookies(browser);

        await CountersignServer.SignOutAsync(browser, home);

        Assert.Equal("/sign-in", (await thief.GetAsync("/settings")).Path);
    }

    /// <summary>One browser is one person at a time: nobody can reach, and end, the session that another took the place of.</summary>
    [Fact]
    public async Task Signing_in_again_ends_the_session_that_the_browser_had()
    {
        var (first, second) = (await server.UserAsync(), await server.UserAsync());
        using var browser = server.Browser();
        using var thief = server.Browser();
        var home = await server.SignInAsync(browser, first);
        thief.TakeCookies(browser);

        var page = await browser.PostAsync(
            "/sign-in", CountersignServer.Fields(home, ("username", second.Name), ("password", second.Password)));
        Assert.Equal("/settings", (await thief.GetAsync("/settings")).Path);
        await CountersignServer.TypeCodeAsync(browser, page, await server.CodeAsync(second));

        Assert.Equal("/", (await browser.GetAsync("/")).Path);
        Assert.Equal("/sign-in", (await thief.GetAsync("/settings")).Path);
    }

    [Fact]
    public async Task A_changed_cookie_is_no_session()
    {
        var user = await server.UserAsync();
        using var browser = server.Browser();
        await server.SignInAsync(browser, user);
        var good = browser.Cookies["__Host-countersign-session"];

        browser.SetCookie("__Host-countersign-session", good[..^4] + (good[^4] == 'A' ? 'B' : 'A') + good[^3..]);

        Assert.Equal("/sign-in", (await browser.GetAsync("/")).Path);
    }

    [Fact]
    public async Task One_without_activity_ends_and_activity_keeps_it_until_its_absolute_end()
    {
        await using var own = await server.FreshAsync();
        var user = await own.UserAsync();
        using var browser = own.Browser();
        await own.SignInAsync(browser, user);
        for (var i = 0; i < 10; i++)
        {
            own.Clock.Advance(TimeSpan.FromMinutes(29));
            Assert.Equal("/", (await browser.GetAsync("/")).Path);
        }

        own.Clock.Advance(TimeSpan.FromMinutes(31));
        var ended = await browser.GetAsync("/settings/security");
        Assert.Equal(("/sign-in", "?return=%2Fsettings%2Fsecurity&ended=1"), (ended.Path, ended.Address.Query));
        Assert.Contains("Your session has ended", ended.Text, StringComparison.Ordinal);

        await own.SignInAsync(browser, user);
        for (var i = 0; i < 49; i++)
        {
            own.Clock.Advance(TimeSpan.FromMinutes(29));
            await browser.GetAsync("/");
        }

        own.Clock.Advance(TimeSpan.FromMinutes(20));
        Assert.Equal("/sign-in", (await browser.GetAsync("/")).Path);
    }

    [Fact]
    public async Task A_client_ends_one_session_or_all_others_and_never_anybody_elses()
    {
        var (user, other) = (await server.UserAsync(), await server.UserAsync());
        using var here = server.Browser();
        using var there = server.Browser();
        using var stranger = server.Browser();
        await server.SignInAsync(here, user);
        there.TakeCookies(here);
        there.DropCookie("session");
        await server.SignInAsync(there, user);
        await server.SignInAsync(stranger, other);
        var strangers = (await server.SessionIdsAsync(other))[0];

        var page = await here.GetAsync("/settings/security");
        await CountersignServer.PressAsync(here, page, "End", ("session", strangers.ToString()));
        Assert.Equal("/", (await stranger.GetAsync("/")).Path);
        await CountersignServer.PressAsync(here, page, "EndOthers");

        Assert.Equal("/sign-in", (await there.GetAsync("/")).Path);
        Assert.Equal("/", (await here.GetAsync("/")).Path);
    }

    [Fact]
    public async Task A_new_password_takes_a_device_ends_other_sessions_and_is_told_on_every_channel()
    {
        var user = await server.UserAsync();
        using var browser = server.Browser();
        using var other = server.Browser();
        await server.SignInAsync(browser, user);
        other.TakeCookies(browser);
        other.DropCookie("session");
        await server.SignInAsync(other, user);
        const string Wanted = "four grey geese flew by";
        Countersign.Testing.TestSecrets.Note(Wanted);

        Assert.Equal(
            HttpStatusCode.UnprocessableEntity,
            (await CountersignServer.AskNewPasswordAsync(browser, "not the current one", Wanted)).Status);
        Assert.Equal(
            HttpStatusCode.UnprocessableEntity, (await CountersignServer.AskNewPasswordAsync(browser, user.Password, "short")).Status);
        Assert.Equal(
            HttpStatusCode.UnprocessableEntity,
            (await CountersignServer.AskNewPasswordAsync(browser, user.Password, "password123")).Status);
        Assert.Equal(
            HttpStatusCode.UnprocessableEntity,
            (await CountersignServer.AskNewPasswordAsync(browser, user.Password, user.Password)).Status);
        var hash = await server.PasswordHashAsync(user);
        var confirm = await CountersignServer.AskNewPasswordAsync(browser, user.Password, Wanted);
        Assert.Equal(hash, await server.PasswordHashAsync(user));

        // The known browser's ration is spent by the second sign-in: the page says that the code has to wait.
        Assert.Null(confirm.Document.QuerySelector("input[name='code']"));
        Assert.Equal(HttpStatusCode.TooManyRequests, (await CountersignServer.PressAsync(browser, confirm, "repeat")).Status);
        Assert.Equal("/", (await other.GetAsync("/")).Path);
    }

    [Fact]
    [Claim("D9")]
    public async Task Ten_wrong_codes_force_a_new_password_which_the_owner_then_sets()
    {
        await using var own = await server.FreshAsync();
        var user = await own.UserAsync();
        const string Wanted = "four grey geese flew by";
        Countersign.Testing.TestSecrets.Note(Wanted);
        for (var round = 0; round < 2; round++)
        {
            using var stranger = own.Browser();
            var page = await CountersignServer.TypePasswordAsync(stranger, user.Name, user.Password);
            var code = await own.CodeAsync(user, round + 1);
            for (var i = 0; i < 5; i++)
            {
                await CountersignServer.PressAsync(
                    stranger, page, "answer", ("prompt", "1"), ("code", CountersignServer.WrongCode(code, i)));
            }

            own.Clock.Advance(TimeSpan.FromMinutes(3));
        }

        await own.EmailAsync(user, "choose a new password");
        using var browser = own.Browser();
        var forced = await own.SignInAsync(browser, user);
        Assert.Equal("/settings/password", forced.Path);
        Assert.Equal("/settings/password", (await browser.GetAsync("/")).Path);
        own.Clock.Advance(TimeSpan.FromMinutes(3));
        var confirm = await CountersignServer.AskNewPasswordAsync(browser, user.Password, Wanted);

        var done = await CountersignServer.TypeCodeAsync(browser, confirm, await own.CodeAsync(user, 4));

        Assert.Equal("/settings/security", done.Path);
        Assert.Equal("/", (await browser.GetAsync("/")).Path);
        await own.SmsAsync(user, "was changed");
        using var old = own.Browser();
        Assert.Equal(HttpStatusCode.UnprocessableEntity, (await CountersignServer.TypePasswordAsync(old, user.Name, user.Password)).Status);
    }

    [Fact]
    public async Task A_new_password_ends_sign_ins_that_were_begun_with_the_old_one()
    {
        await using var own = await server.FreshAsync();
        var user = await own.UserAsync();
        const string Wanted = "four grey geese flew by";
        Countersign.Testing.TestSecrets.Note(Wanted);
        using var browser = own.Browser();
        await own.SignInAsync(browser, user);
        own.Clock.Advance(TimeSpan.FromMinutes(3));
        using var stranger = own.Browser();
        var begun = await CountersignServer.TypePasswordAsync(stranger, user.Name, user.Password);
        var code = await own.CodeAsync(user, 2);
        var confirm = await CountersignServer.AskNewPasswordAsync(browser, user.Password, Wanted);
        Assert.Equal("/settings/security", (await CountersignServer.TypeCodeAsync(browser, confirm, await own.CodeAsync(user, 3))).Path);

        await CountersignServer.PressAsync(stranger, begun, "answer", ("prompt", "1"), ("code", code));

        Assert.Equal("/sign-in", (await stranger.GetAsync("/")).Path);
    }

    [Theory]
    [InlineData("é", "e\u0301")]
    [InlineData("ａｂｃ", "abc")]
    public async Task A_password_is_the_same_from_every_keyboard(string set, string typed)
    {
        var user = await server.UserAsync(password: "long enough " + set);
        using var browser = server.Browser();

        var page = await CountersignServer.TypePasswordAsync(browser, " " + user.Name.ToUpperInvariant() + " ", "long enough " + typed);

        Assert.Equal(HttpStatusCode.OK, page.Status);
        Assert.NotEqual("/sign-in", page.Path);
    }
}

public sealed class SessionsOnSqlite(OnSqlite server) : SessionTests(server);

public sealed class SessionsOnPostgres(OnPostgres server) : SessionTests(server);
