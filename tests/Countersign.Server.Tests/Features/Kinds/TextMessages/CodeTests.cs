using System.Net;
using Countersign.Server.Features.Access.Sessions;
using Countersign.Server.Features.Confirming.Challenges;
using Countersign.Server.Features.Messaging.Messages;
using Countersign.Server.Tests.Hosting;
using Countersign.Testing;

namespace Countersign.Server.Tests.Features.Kinds.TextMessages;

/// <summary>A code by SMS: sent again unchanged, good for one challenge, once, for ten minutes (S2, B1).</summary>
public abstract class CodeTests(CountersignServer server)
{
    private static readonly TimeSpan Gap = TimeSpan.FromMinutes(2);
    private static readonly TimeSpan Lifetime = TimeSpan.FromMinutes(10);

    [Fact]
    public async Task Sent_again_it_is_the_same_code_and_neither_time_nor_tries_begin_anew()
    {
        await using var own = await server.FreshAsync();
        var (user, browser, page) = await AtCodePageAsync(own);
        using (browser)
        {
            var opened = own.Clock.GetUtcNow();
            var code = await own.CodeAsync(user);
            for (var i = 0; i < 3; i++)
            {
                Assert.Equal(
                    HttpStatusCode.UnprocessableEntity,
                    (await CountersignServer.TypeCodeAsync(browser, page, CountersignServer.WrongCode(code, i))).Status);
            }

            own.Clock.Advance(Gap);
            Assert.Equal(HttpStatusCode.OK, (await CountersignServer.PressAsync(browser, page, "repeat")).Status);

            Assert.Equal(code, await own.CodeAsync(user, 2));
            var challenge = Assert.Single(await own.RowsAsync<Challenge>(c => c.UserId == user.Id));
            Assert.Equal((3, opened + Lifetime), (challenge.Tries, challenge.ExpiresAt));
            Assert.Equal(
                HttpStatusCode.UnprocessableEntity,
                (await CountersignServer.TypeCodeAsync(browser, page, CountersignServer.WrongCode(code))).Status);
            Assert.Equal("/", (await CountersignServer.TypeCodeAsync(browser, page, code)).Path);
        }
    }

    [Fact]
    public async Task It_is_not_sent_again_before_two_minutes_are_over()
    {
        await using var own = await server.FreshAsync();
        var (user, browser, page) = await AtCodePageAsync(own);
        using (browser)
        {
            own.Clock.Advance(Gap - TimeSpan.FromSeconds(1));

            var early = await CountersignServer.PressAsync(browser, page, "repeat");

            Assert.Equal(HttpStatusCode.TooManyRequests, early.Status);
            Assert.Equal(TimeSpan.FromSeconds(1), early.Response.Headers.RetryAfter?.Delta);
            Assert.Single(await own.RowsAsync<Message>(m => m.UserId == user.Id && m.ChallengeId != null));
            own.Clock.Advance(TimeSpan.FromSeconds(1));
            Assert.Equal(HttpStatusCode.OK, (await CountersignServer.PressAsync(browser, page, "repeat")).Status);
            await own.CodeAsync(user, 2);
        }
    }

    [Fact]
    [Race]
    public async Task Fifty_who_ask_again_at_once_get_one_message()
    {
        await using var own = await server.FreshAsync();
        var (user, browser, page) = await AtCodePageAsync(own);
        using (browser)
        {
            own.Clock.Advance(Gap);

            var target = new Uri(page.Address, page.Path + "?handler=repeat");
            var answers = await Task.WhenAll(
                Enumerable.Range(0, 50).Select(_ => browser.PostRawAsync(target, CountersignServer.Fields(page))));

            Assert.Single(answers, a => a.StatusCode == HttpStatusCode.OK);
            Assert.Equal(49, answers.Count(a => a.StatusCode == HttpStatusCode.TooManyRequests));
            Assert.Equal(2, (await own.RowsAsync<Message>(m => m.UserId == user.Id && m.ChallengeId != null)).Count);
        }
    }

    [Fact]
    public async Task The_wait_is_the_users_and_a_second_tab_does_not_get_round_it()
    {
        await using var own = await server.FreshAsync();
        var (user, browser, _) = await AtCodePageAsync(own);
        using (browser)
        {
            own.Clock.Advance(TimeSpan.FromMinutes(1));

            var secondTab = await CountersignServer.TypePasswordAsync(browser, user.Name, user.Password);
            Assert.Equal(HttpStatusCode.TooManyRequests, (await CountersignServer.PressAsync(browser, secondTab, "repeat")).Status);
            using var elsewhere = own.Browser();
            var third = await CountersignServer.TypePasswordAsync(elsewhere, user.Name, user.Password);
            Assert.Equal(HttpStatusCode.TooManyRequests, (await CountersignServer.PressAsync(elsewhere, third, "repeat")).Status);

            Assert.Single(await own.RowsAsync<Message>(m => m.UserId == user.Id && m.ChallengeId != null));
            own.Clock.Advance(TimeSpan.FromMinutes(1));
            Assert.Equal(HttpStatusCode.OK, (await CountersignServer.PressAsync(elsewhere, third, "repeat")).Status);
            await own.CodeAsync(user, 2);
        }
    }

    [Fact]
    public async Task Who_signs_out_and_in_again_waits_for_no_code()
    {
        await using var own = await server.FreshAsync();
        var user = await own.UserAsync();
        using var browser = own.Browser();
        for (var number = 1; number <= 4; number++)
        {
            var page = await CountersignServer.TypePasswordAsync(browser, user.Name, user.Password);
            own.Clock.Advance(TimeSpan.FromSeconds(5));
            var home = await CountersignServer.TypeCodeAsync(browser, page, await own.CodeAsync(user, number));
            Assert.Equal("/", home.Path);
            await CountersignServer.SignOutAsync(browser, home);
            own.Clock.Advance(TimeSpan.FromSeconds(5));
        }
    }

    /// <summary>The wait guards against who asks for codes and does not get them: they do not end it.</summary>
    [Fact]
    public async Task Neither_a_wrong_code_nor_another_device_nor_giving_up_ends_the_wait()
    {
        await using var own = await server.FreshAsync();
        var user = await own.UserAsync();
        using var desk = own.Browser();
        await own.SignInAsync(desk, user);
        var app = await own.AddAppAsync(desk, user);
        await own.LetMessagesGoAsync(user);
        own.Clock.Advance(TimeSpan.FromMinutes(3));
        var sms = (await own.DeviceAsync(user, "sms")).Id;
        using var first = own.Browser();
        var page = await CountersignServer.TypePasswordAndChooseAsync(first, user, sms);
        var had = await own.CodeAsync(user, 3);
        own.Clock.Advance(TimeSpan.FromSeconds(5));

        await CountersignServer.TypeCodeAsync(first, page, CountersignServer.WrongCode(had));
        await CountersignServer.PressAsync(first, page, "cancel");
        using var second = own.Browser();
        var other = await CountersignServer.TypePasswordAndChooseAsync(second, user, app.Id);
        Assert.Equal("/", (await CountersignServer.TypeCodeAsync(second, other, own.AppCode(app.Key))).Path);
        using var third = own.Browser();
        var waiting = await CountersignServer.TypePasswordAndChooseAsync(third, user, sms);

        Assert.Equal(3, (await own.RowsAsync<Message>(m => m.UserId == user.Id && m.ChallengeId != null)).Count);
        Assert.NotNull(waiting.Document.QuerySelector("time[data-countdown-sends]"));
    }

    [Fact]
    public async Task While_it_waits_the_page_says_when_it_comes_and_not_until_when_it_is_valid()
    {
        await using var own = await server.FreshAsync();
        var (user, browser, sent) = await AtCodePageAsync(own);
        using (browser)
        {
            own.Clock.Advance(TimeSpan.FromSeconds(30));
            using var elsewhere = own.Browser();

            var waiting = await CountersignServer.TypePasswordAsync(elsewhere, user.Name, user.Password);

            Assert.Contains("valid until", sent.Text, StringComparison.Ordinal);
            Assert.Null(sent.Document.QuerySelector("[data-send-by-itself], [data-countdown-sends]"));
            Assert.Null(waiting.Document.QuerySelector("[data-send-by-itself]"));
            Assert.DoesNotContain("valid until", waiting.Text, StringComparison.Ordinal);
            Assert.Null(waiting.Document.QuerySelector("input[name='code']"));
            Assert.Equal("1:30", waiting.Document.QuerySelector("time[data-countdown-sends]")?.TextContent);

            // Without scripts the page comes again by itself when the wait is over.
            Assert.Contains("<noscript><meta http-equiv=\"refresh\" content=\"90\"></noscript>", waiting.Html, StringComparison.Ordinal);
            own.Clock.Advance(TimeSpan.FromSeconds(90));
            var ready = await elsewhere.GetAsync(waiting.Path);
            Assert.Null(ready.Document.QuerySelector("time"));
            Assert.NotNull(ready.Document.QuerySelector("button#resend[data-send-by-itself]"));
            var came = await elsewhere.SubmitAsync(ready, "first", new Dictionary<string, string>());
            Assert.Equal("/", (await CountersignServer.TypeCodeAsync(elsewhere, came, await own.CodeAsync(user, 2))).Path);
        }
    }

    [Fact]
    public async Task Two_tabs_that_wait_for_one_code_have_it_sent_once_and_neither_is_refused()
    {
        await using var own = await server.FreshAsync();
        var (user, browser, _) = await AtCodePageAsync(own);
        using (browser)
        {
            using var elsewhere = own.Browser();
            var waiting = await CountersignServer.TypePasswordAsync(elsewhere, user.Name, user.Password);
            own.Clock.Advance(Gap);

            var first = await elsewhere.SubmitAsync(waiting, "first", new Dictionary<string, string>());
            var second = await elsewhere.SubmitAsync(waiting, "first", new Dictionary<string, string>());

            Assert.Equal((HttpStatusCode.OK, HttpStatusCode.OK), (first.Status, second.Status));
            Assert.Equal(2, (await own.RowsAsync<Message>(m => m.UserId == user.Id && m.ChallengeId != null)).Count);
        }
    }

    [Fact]
    public async Task Sent_again_the_page_says_so()
    {
        await using var own = await server.FreshAsync();
        var (_, browser, page) = await AtCodePageAsync(own);
        using (browser)
        {
            own.Clock.Advance(Gap);

            var again = await CountersignServer.PressAsync(browser, page, "repeat");
            Assert.Contains("sent again", again.Document.QuerySelector("[role='status']")?.TextContent, StringComparison.Ordinal);

            var called = await CountersignServer.PressAsync(browser, page, "repeat", ("by", "call"));
            Assert.Contains("calling", called.Document.QuerySelector("[role='status']")?.TextContent, StringComparison.Ordinal);
            Assert.Equal(2, called.Document.QuerySelectorAll("time[data-countdown-enables]").Length);
        }
    }

    [Fact]
    public async Task A_stranger_with_the_password_does_not_make_the_owner_wait()
    {
        await using var own = await server.FreshAsync();
        var user = await own.UserAsync();
        using var known = own.Browser();
        await own.SignInAsync(known, user);
        own.Clock.Advance(TimeSpan.FromHours(1));
        using var stranger = own.Browser();
        await CountersignServer.TypePasswordAsync(stranger, user.Name, user.Password);
        await own.CodeAsync(user, 2);

        known.DropCookie("session");
        var page = await CountersignServer.TypePasswordAsync(known, user.Name, user.Password);

        Assert.Equal("/", (await CountersignServer.TypeCodeAsync(known, page, await own.CodeAsync(user, 3))).Path);
    }

    [Fact]
    public async Task It_ends_after_ten_minutes_even_when_it_was_sent_again()
    {
        await using var own = await server.FreshAsync();
        var (user, browser, page) = await AtCodePageAsync(own);
        using (browser)
        {
            var code = await own.CodeAsync(user);
            own.Clock.Advance(TimeSpan.FromMinutes(9));
            await CountersignServer.PressAsync(browser, page, "repeat");

            own.Clock.Advance(TimeSpan.FromMinutes(1));

            Assert.Equal(HttpStatusCode.Conflict, (await CountersignServer.TypeCodeAsync(browser, page, code)).Status);
            Assert.Equal(HttpStatusCode.Conflict, (await CountersignServer.PressAsync(browser, page, "repeat")).Status);
            Assert.Equal(0, Assert.Single(await own.RowsAsync<Challenge>(c => c.UserId == user.Id)).Tries);
        }
    }

    [Fact]
    public async Task It_works_until_the_last_second()
    {
        await using var own = await server.FreshAsync();
        var (user, browser, page) = await AtCodePageAsync(own);
        using (browser)
        {
            var code = await own.CodeAsync(user);

            own.Clock.Advance(Lifetime - TimeSpan.FromSeconds(1));

            Assert.Equal("/", (await CountersignServer.TypeCodeAsync(browser, page, code)).Path);
        }
    }

    [Fact]
    public async Task A_used_one_is_refused()
    {
        var (user, browser, page) = await AtCodePageAsync(server);
        using (browser)
        {
            var code = await server.CodeAsync(user);
            Assert.Equal("/", (await CountersignServer.TypeCodeAsync(browser, page, code)).Path);

            // The opener was renewed: the same browser cannot even see the challenge any more, and is led home.
            var token = await browser.GetAsync("/settings/password");
            var again = await browser.PostAsync(
                page.Path + "?handler=answer", CountersignServer.Fields(token, ("prompt", "1"), ("code", code)));
            Assert.Equal("/", again.Path);
            Assert.Single(await server.RowsAsync<Session>(s => s.UserId == user.Id));
        }
    }

    [Fact]
    public async Task That_of_one_challenge_is_refused_for_another()
    {
        await using var own = await server.FreshAsync();
        var user = await own.UserAsync();
        using var first = own.Browser();
        using var second = own.Browser();
        await CountersignServer.TypePasswordAsync(first, user.Name, user.Password);
        var code = await own.CodeAsync(user);
        own.Clock.Advance(Gap);
        var page = await CountersignServer.TypePasswordAsync(second, user.Name, user.Password);
        var other = await own.CodeAsync(user, 2);
        if (other == code)
        {
            // Once in a million times two challenges have the same code.
            return;
        }

        Assert.Equal(HttpStatusCode.UnprocessableEntity, (await CountersignServer.TypeCodeAsync(second, page, code)).Status);
        Assert.Equal("/", (await CountersignServer.TypeCodeAsync(second, page, other)).Path);
    }

    [Theory]
    [InlineData("{0} {1}")]
    [InlineData(" {0}-{1} ")]
    [InlineData("{0}\u3000{1}")]
    [InlineData("full-width")]
    public async Task People_type_it_as_they_read_it(string form)
    {
        var (user, browser, page) = await AtCodePageAsync(server);
        using (browser)
        {
            var code = await server.CodeAsync(user);
            var typed = form == "full-width"
                ? string.Concat(code.Select(c => (char)('０' + (c - '0'))))
                : form.Replace("{0}", code[..3], StringComparison.Ordinal).Replace("{1}", code[3..], StringComparison.Ordinal);

            Assert.Equal("/", (await CountersignServer.TypeCodeAsync(browser, page, typed)).Path);
        }
    }

    [Theory]
    [InlineData("")]
    [InlineData("12345")]
    [InlineData("1234567")]
    [InlineData("12345a")]
    [InlineData("١٢٣٤٥٦")]
    [InlineData("\ud800123456")]
    [InlineData("-1234567890123456789012345678901234567890")]
    public async Task What_cannot_be_one_is_said_and_not_charged(string typed)
    {
        var (user, browser, page) = await AtCodePageAsync(server);
        using (browser)
        {
            Assert.Equal(HttpStatusCode.UnprocessableEntity, (await CountersignServer.TypeCodeAsync(browser, page, typed)).Status);
            Assert.Equal(0, Assert.Single(await server.RowsAsync<Challenge>(c => c.UserId == user.Id)).Tries);
        }
    }

    [Theory]
    [InlineData("0")]
    [InlineData("2")]
    [InlineData("-1")]
    [InlineData("x")]
    [InlineData("99999999999")]
    public async Task An_answer_to_another_prompt_is_refused_and_not_charged(string prompt)
    {
        var (user, browser, page) = await AtCodePageAsync(server);
        using (browser)
        {
            var code = await server.CodeAsync(user);

            Assert.Equal(
                HttpStatusCode.Conflict,
                (await CountersignServer.PressAsync(browser, page, "answer", ("prompt", prompt), ("code", code))).Status);
            Assert.Equal(0, Assert.Single(await server.RowsAsync<Challenge>(c => c.UserId == user.Id)).Tries);
        }
    }

    [Fact]
    public async Task Choosing_the_same_device_again_keeps_the_prompt_and_sends_nothing()
    {
        var (user, browser, page) = await AtCodePageAsync(server);
        using (browser)
        {
            var code = await server.CodeAsync(user);
            var device = Assert.Single(
                await server.RowsAsync<Countersign.Server.Features.Confirming.Devices.Device>(d => d.UserId == user.Id));

            await CountersignServer.PressAsync(browser, page, "choose", ("device", device.Id.ToString()));

            Assert.Single(await server.RowsAsync<Message>(m => m.UserId == user.Id && m.ChallengeId != null));
            Assert.Equal("/", (await CountersignServer.TypeCodeAsync(browser, page, code)).Path);
        }
    }

    [Fact]
    public async Task A_device_of_somebody_else_cannot_be_chosen()
    {
        var (_, browser, page) = await AtCodePageAsync(server);
        var other = await server.UserAsync();
        var device = Assert.Single(
            await server.RowsAsync<Countersign.Server.Features.Confirming.Devices.Device>(d => d.UserId == other.Id));
        using (browser)
        {
            Assert.Equal(
                HttpStatusCode.Conflict,
                (await CountersignServer.PressAsync(browser, page, "choose", ("device", device.Id.ToString()))).Status);
        }
    }

    private static async Task<(TestUser User, TestBrowser Browser, TestPage Page)> AtCodePageAsync(CountersignServer host)
    {
        var user = await host.UserAsync();
        var browser = host.Browser();
        var page = await CountersignServer.TypePasswordAsync(browser, user.Name, user.Password);
        await host.CodeAsync(user);
        return (user, browser, page);
    }
}

public sealed class CodesOnSqlite(OnSqlite server) : CodeTests(server);

public sealed class CodesOnPostgres(OnPostgres server) : CodeTests(server);
