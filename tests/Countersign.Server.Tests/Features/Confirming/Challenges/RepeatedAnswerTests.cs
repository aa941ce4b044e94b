using System.Net;
using Countersign.Server.Features.Access.Freezing;
using Countersign.Server.Features.Access.Sessions;
using Countersign.Server.Features.Confirming.Challenges;
using Countersign.Server.Features.Confirming.Devices;
using Countersign.Server.Features.Ground.Audit;
using Countersign.Server.Features.Messaging.Messages;
using Countersign.Server.Features.Registry.Users;
using Countersign.Server.Tests.Hosting;
using Countersign.Testing;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;

namespace Countersign.Server.Tests.Features.Confirming.Challenges;

/// <summary>
/// A lost answer is not a lost right (D36): whoever sends the same response again gets what it has yielded, and nobody else does. An
/// answer is lost here by sending a form and keeping nothing of what comes back.
/// </summary>
public abstract class RepeatedAnswerTests(CountersignServer server)
{
    private const string SessionCookie = "__Host-countersign-session";

    [Fact]
    public async Task A_right_code_whose_answer_was_lost_gets_the_same_session_when_it_is_sent_again()
    {
        var (user, browser, page, code) = await AtCodePageAsync(server);
        using var _ = browser;

        var lost = await SendAsync(browser, page, code);
        var again = await SendAsync(browser, page, code);
        var home = await CountersignServer.TypeCodeAsync(browser, page, code);

        Assert.NotNull(lost.Session);
        Assert.Equal((HttpStatusCode.Redirect, lost.Session), again);
        Assert.Equal(("/", lost.Session), (home.Path, browser.Cookies[SessionCookie]));
        Assert.Single(await server.RowsAsync<Session>(s => s.UserId == user.Id));
        Assert.Equal(1, await AuditedAsync(server, user, AuditEvents.SignedIn));
        Assert.Equal(2, await AuditedAsync(server, user, AuditEvents.AnswerRepeated));
        Assert.Equal(3, Assert.Single(await server.RowsAsync<Challenge>(c => c.UserId == user.Id)).Tries);
    }

    [Fact]
    [Race]
    public async Task Of_ten_right_codes_at_once_all_get_the_one_session()
    {
        var (user, browser, page, code) = await AtCodePageAsync(server);
        using var _ = browser;

        var answers = await Task.WhenAll(Enumerable.Range(0, 10).Select(_ => SendAsync(browser, page, code)));

        Assert.All(answers, answer => Assert.Equal((HttpStatusCode.Redirect, answers[0].Session), answer));
        Assert.NotNull(answers[0].Session);
        Assert.Single(await server.RowsAsync<Session>(s => s.UserId == user.Id));
        Assert.Equal(1, await AuditedAsync(server, user, AuditEvents.SignedIn));
    }

    [Fact]
    public async Task Another_browser_gets_nothing_for_the_right_code()
    {
        var (user, browser, page, code) = await AtCodePageAsync(server);
        using var _ = browser;
        using var other = server.Browser();
        var form = await other.GetAsync("/sign-in");
        await SendAsync(browser, page, code);

        var refused = await other.PostAsync(page.Path + "?handler=answer", CountersignServer.Fields(form, ("prompt", "1"), ("code", code)));

        Assert.Equal(HttpStatusCode.NotFound, refused.Status);
        Assert.Equal("/sign-in", (await other.GetAsync("/settings")).Path);
        Assert.Equal(0, await AuditedAsync(server, user, AuditEvents.AnswerRepeated));
    }

    [Fact]
    public async Task Another_code_is_refused_and_afterwards_the_right_one_too()
    {
        var (user, browser, page, code) = await AtCodePageAsync(server);
        using var _ = browser;
        await SendAsync(browser, page, code);

        var other = await SendAsync(browser, page, CountersignServer.WrongCode(code));
        var again = await SendAsync(browser, page, code);

        Assert.Equal((HttpStatusCode.Conflict, null), other);
        Assert.Equal((HttpStatusCode.Conflict, null), again);
        Assert.Single(await server.RowsAsync<Session>(s => s.UserId == user.Id));
        Assert.Equal(0, await AuditedAsync(server, user, AuditEvents.AnswerRepeated));
    }

    [Fact]
    public async Task After_half_a_minute_it_is_too_late()
    {
        await using var own = await server.FreshAsync();
        var (_, browser, page, code) = await AtCodePageAsync(own);
        using var _1 = browser;
        await SendAsync(browser, page, code);

        own.Clock.Advance(TimeSpan.FromSeconds(29));
        Assert.Equal(HttpStatusCode.Redirect, (await SendAsync(browser, page, code)).Status);
        own.Clock.Advance(TimeSpan.FromSeconds(1));
        Assert.Equal((HttpStatusCode.Conflict, null), await SendAsync(browser, page, code));
    }

    /// <summary>Whoever has a copy of the browser's cookies, and the code, comes too late as well.</summary>
    [Fact]
    public async Task Once_the_session_was_used_it_is_handed_to_nobody()
    {
        var (user, browser, page, code) = await AtCodePageAsync(server);
        using var thief = server.Browser();
        using var _ = browser;
        thief.TakeCookies(browser);
        Assert.Equal("/", (await CountersignServer.TypeCodeAsync(browser, page, code)).Path);

        var stolen = await SendAsync(thief, page, code);

        Assert.Equal((HttpStatusCode.Conflict, null), stolen);
        Assert.Single(await server.RowsAsync<Session>(s => s.UserId == user.Id));
    }

    [Theory]
    [InlineData("frozen")]
    [InlineData("device")]
    [InlineData("session")]
    public async Task What_has_ended_meanwhile_is_given_to_nobody(string what)
    {
        var (user, browser, page, code) = await AtCodePageAsync(server);
        using var _ = browser;
        await SendAsync(browser, page, code);

        await server.WriteAsync(async (db, ct) => what switch
        {
            "frozen" => await FreezeAsync(db, user, ct),
            "device" => await db.Set<Device>().Where(d => d.UserId == user.Id).ExecuteUpdateAsync(
                set => set.SetProperty(d => d.Status, DeviceStatus.Revoked), ct),
            _ => await db.Set<Session>().Where(s => s.UserId == user.Id).ExecuteUpdateAsync(
                set => set.SetProperty(s => s.EndedAt, server.Clock.GetUtcNow()), ct),
        });

        Assert.Equal((HttpStatusCode.Conflict, null), await SendAsync(browser, page, code));
    }

    [Fact]
    public async Task The_same_wrong_code_costs_one_try_in_half_a_minute()
    {
        await using var own = await server.FreshAsync();
        var (user, browser, page, code) = await AtCodePageAsync(own);
        using var _ = browser;
        var wrong = CountersignServer.WrongCode(code);

        var first = await CountersignServer.TypeCodeAsync(browser, page, wrong);
        var second = await CountersignServer.TypeCodeAsync(browser, page, wrong);

        Assert.Equal(HttpStatusCode.UnprocessableEntity, second.Status);
        Assert.Equal(Summary(first), Summary(second));
        Assert.Equal((1, 1), (await own.TriesAsync(user), await AuditedAsync(own, user, AuditEvents.ResponseWrong)));
        own.Clock.Advance(TimeSpan.FromSeconds(30));
        await CountersignServer.TypeCodeAsync(browser, page, wrong);
        Assert.Equal(2, await own.TriesAsync(user));
        Assert.Equal("/", (await CountersignServer.TypeCodeAsync(browser, page, code)).Path);
    }

    [Fact]
    [Race]
    public async Task Of_ten_that_are_wrong_alike_at_once_one_counts()
    {
        var (user, browser, page, code) = await AtCodePageAsync(server);
        using var _ = browser;

        var answers = await CountersignServer.TypeCodeManyAsync(
            browser, page, Enumerable.Repeat(CountersignServer.WrongCode(code), 10));

        Assert.All(answers, answer => Assert.Equal(HttpStatusCode.UnprocessableEntity, answer));
        Assert.Equal(1, Assert.Single(await server.RowsAsync<Challenge>(c => c.UserId == user.Id)).Tries);
        Assert.Equal((1, 1), (await server.TriesAsync(user), await AuditedAsync(server, user, AuditEvents.ResponseWrong)));
    }

    [Fact]
    public async Task A_code_of_an_app_is_repeated_like_any_other()
    {
        var user = await server.UserAsync();
        using var desk = server.Browser();
        await server.SignInAsync(desk, user);
        var app = await server.AddAppAsync(desk, user);
        using var browser = server.Browser();
        var page = await CountersignServer.TypePasswordAndChooseAsync(browser, user, app.Id);
        var code = server.AppCode(app.Key);

        var lost = await SendAsync(browser, page, code);
        var home = await CountersignServer.TypeCodeAsync(browser, page, code);

        Assert.NotNull(lost.Session);
        Assert.Equal(("/", lost.Session), (home.Path, browser.Cookies[SessionCookie]));
    }

    [Fact]
    public async Task A_change_of_settings_leads_to_the_same_page_and_is_made_once()
    {
        var user = await server.UserAsync();
        using var browser = server.Browser();
        await server.SignInAsync(browser, user);
        var page = await CountersignServer.AskNewPasswordAsync(browser, user.Password, "quite another horse");
        var code = await server.CodeAsync(user, 2);
        await SendAsync(browser, page, code);
        var hash = await server.PasswordHashAsync(user);

        var done = await CountersignServer.TypeCodeAsync(browser, page, code);

        Assert.Equal((HttpStatusCode.OK, "/settings/security"), (done.Status, done.Path));
        Assert.Equal(hash, await server.PasswordHashAsync(user));
        Assert.Equal(1, await AuditedAsync(server, user, AuditEvents.PasswordChanged));
    }

    [Fact]
    public async Task A_new_device_is_made_once_and_its_activation_is_found_again()
    {
        var user = await server.UserAsync();
        using var browser = server.Browser();
        await server.SignInAsync(browser, user);
        await server.LetMessagesGoAsync(user);
        var page = await CountersignServer.AskToAddAsync(browser, "totp", "Work phone");
        var code = await server.CodeAsync(user, 2);

        var lost = await SendAsync(browser, page, code);
        var activation = await CountersignServer.TypeCodeAsync(browser, page, code);
        var done = await CountersignServer.TypeCodeAsync(
            browser, activation, server.AppCode(CountersignServer.KeyOn(activation), steps: -1));

        Assert.Equal(HttpStatusCode.Redirect, lost.Status);
        Assert.Equal("/settings/devices", done.Path);
        Assert.Single(await server.RowsAsync<Device>(d => d.UserId == user.Id && d.Kind == "totp"));
    }

    [Fact]
    public async Task A_second_password_finds_what_the_first_has_opened_and_sends_no_second_message()
    {
        var user = await server.UserAsync();
        using var browser = server.Browser();
        var form = await browser.GetAsync("/sign-in");
        var fields = CountersignServer.Fields(form, ("username", user.Name), ("password", user.Password));

        using var lost = await browser.PostRawAsync(new Uri("/sign-in", UriKind.Relative), fields);
        var page = await browser.PostAsync("/sign-in", fields);

        Assert.Equal(lost.Headers.Location?.OriginalString, page.Path);
        Assert.Single(await server.RowsAsync<Challenge>(c => c.UserId == user.Id));
        Assert.Single(await server.RowsAsync<Message>(m => m.UserId == user.Id && m.ChallengeId != null));
        Assert.Equal("/", (await CountersignServer.TypeCodeAsync(browser, page, await server.CodeAsync(user))).Path);
    }

    [Fact]
    [Race]
    public async Task Of_ten_passwords_at_once_one_sends_a_message()
    {
        var user = await server.UserAsync();
        using var browser = server.Browser();
        var form = await browser.GetAsync("/sign-in");
        var fields = CountersignServer.Fields(form, ("username", user.Name), ("password", user.Password));

        var answers = await Task.WhenAll(
            Enumerable.Range(0, 10).Select(_ => browser.PostRawAsync(new Uri("/sign-in", UriKind.Relative), fields)));

        Assert.Single(answers.Select(a => a.Headers.Location?.OriginalString).Distinct());
        Assert.Single(await server.RowsAsync<Message>(m => m.UserId == user.Id && m.ChallengeId != null));
    }

    /// <summary>Sends the code and loses the answer; yields what was in it.</summary>
    private static async Task<(HttpStatusCode Status, string? Session)> SendAsync(TestBrowser browser, TestPage page, string code)
    {
        var prompt = page.Document.QuerySelector("input[name='prompt']")!.GetAttribute("value")!;
        using var response = await browser.PostRawAsync(
            new Uri(page.Address, page.Path + "?handler=answer"), CountersignServer.Fields(page, ("prompt", prompt), ("code", code)));
        var cookie = response.Headers.TryGetValues("Set-Cookie", out var lines)
            ? lines.Select(line => line.Split(';')[0].Split('=', 2)).FirstOrDefault(pair => pair[0] == SessionCookie)?[1]
            : null;
        return (response.StatusCode, cookie);
    }

    private static async Task<(TestUser User, TestBrowser Browser, TestPage Page, string Code)> AtCodePageAsync(CountersignServer host)
    {
        var user = await host.UserAsync();
        var browser = host.Browser();
        var page = await CountersignServer.TypePasswordAsync(browser, user.Name, user.Password);
        return (user, browser, page, await host.CodeAsync(user));
    }

    private static async Task<int> AuditedAsync(CountersignServer host, TestUser user, string what) =>
        (await host.RowsAsync<AuditEvent>(e => e.UserId == user.Id && e.Event == what)).Count;

    private async Task<int> FreezeAsync(Countersign.Server.Data.CountersignDbContext db, TestUser user, CancellationToken ct)
    {
        var view = (await server.App.Services.GetRequiredService<UserViews>().FindAsync(db, user.Id, ct))!;
        var by = Actor.Client(user.Id, "198.51.100.7");
        await server.App.Services.GetRequiredService<FreezeAccess>().RunAsync(db, view, "new-browser", by, ct);
        return 1;
    }

    private static string Summary(TestPage page) => CountersignServer.Words(page.Document.QuerySelector(".error-summary")!.TextContent);
}

public sealed class RepeatedAnswersOnSqlite(OnSqlite server) : RepeatedAnswerTests(server);

public sealed class RepeatedAnswersOnPostgres(OnPostgres server) : RepeatedAnswerTests(server);
