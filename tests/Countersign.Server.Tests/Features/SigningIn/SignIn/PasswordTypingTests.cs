using System.Net;
using Countersign.Server.Features.Ground.Audit;
using Countersign.Server.Tests.Hosting;
using Countersign.Testing;

namespace Countersign.Server.Tests.Features.SigningIn.SignIn;

/// <summary>Names and passwords as people type them, and what an attempt costs the server.</summary>
public abstract class PasswordTypingTests(CountersignServer server)
{
    [Theory]
    [InlineData("{0}")]
    [InlineData("  {0}\t")]
    [InlineData("\u3000{0}")]
    [InlineData("upper")]
    [InlineData("full-width")]
    public async Task A_name_is_the_same_in_any_case_width_and_with_spaces_around_it(string form)
    {
        var user = await server.UserAsync();
        var typed = form switch
        {
            "upper" => user.Name.ToUpperInvariant(),
            "full-width" => string.Concat(user.Name.Select(c => (char)(c - '!' + '！'))),
            _ => form.Replace("{0}", user.Name, StringComparison.Ordinal),
        };
        using var browser = server.Browser();

        Assert.StartsWith(
            "/sign-in/", (await CountersignServer.TypePasswordAsync(browser, typed, user.Password)).Path, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_password_of_sixty_four_emoji_signs_in_and_one_emoji_less_does_not()
    {
        var password = string.Concat(Enumerable.Range(0, 64).Select(i => char.ConvertFromUtf32(0x1F600 + i)));
        var user = await server.UserAsync(password: password);
        using var browser = server.Browser();

        Assert.Equal(
            HttpStatusCode.UnprocessableEntity, (await CountersignServer.TypePasswordAsync(browser, user.Name, password[..^2])).Status);
        Assert.Equal("/", (await server.SignInAsync(browser, user)).Path);
    }

    [Fact]
    public async Task A_long_password_is_never_cut()
    {
        var password = string.Concat(Enumerable.Range(0, 256).Select(i => (char)('a' + (i * 7 % 26))));
        var user = await server.UserAsync(password: password);
        using var browser = server.Browser();

        Assert.Equal(
            HttpStatusCode.UnprocessableEntity, (await CountersignServer.TypePasswordAsync(browser, user.Name, password[..^1])).Status);
        Assert.Equal(
            HttpStatusCode.UnprocessableEntity, (await CountersignServer.TypePasswordAsync(browser, user.Name, password + "x")).Status);
        Assert.Equal("/", (await server.SignInAsync(browser, user)).Path);
    }

    [Theory]
    [InlineData("short 1")]
    [InlineData("password123")]
    [InlineData("Countersign2024")]
    [InlineData("zzzzzzzzzzzz")]
    [InlineData("name")]
    [InlineData("long")]
    [InlineData("current")]
    [InlineData("")]
    public async Task A_new_password_that_breaks_a_rule_is_refused_and_opens_nothing(string rule)
    {
        var user = await server.UserAsync();
        using var browser = server.Browser();
        await server.SignInAsync(browser, user);
        var wanted = rule switch
        {
            "name" => user.Name + "2024",
            "long" => string.Concat(Enumerable.Range(0, 257).Select(i => (char)('a' + (i * 7 % 26)))),
            "current" => user.Password,
            _ => rule,
        };

        var page = await CountersignServer.AskNewPasswordAsync(browser, user.Password, wanted);

        Assert.Equal((HttpStatusCode.UnprocessableEntity, "/settings/password"), (page.Status, page.Path));
        Assert.Single(await server.RowsAsync<Countersign.Server.Features.Confirming.Challenges.Challenge>(c => c.UserId == user.Id));
    }

    [Fact]
    public async Task Five_wrong_current_passwords_end_the_guessing_in_that_session_for_an_hour()
    {
        await using var own = await server.FreshAsync();
        var user = await own.UserAsync();
        using var browser = own.Browser();
        await own.SignInAsync(browser, user);
        for (var i = 0; i < 5; i++)
        {
            Assert.Equal(
                HttpStatusCode.UnprocessableEntity,
                (await CountersignServer.AskNewPasswordAsync(browser, "not the current one", "four grey geese flew by")).Status);
        }

        var locked = await CountersignServer.AskNewPasswordAsync(browser, user.Password, "four grey geese flew by");
        Assert.Equal(HttpStatusCode.TooManyRequests, locked.Status);

        for (var i = 0; i < 3; i++)
        {
            own.Clock.Advance(TimeSpan.FromMinutes(21));
            await browser.GetAsync("/");
        }

        Assert.StartsWith(
            "/settings/password/",
            (await CountersignServer.AskNewPasswordAsync(browser, user.Password, "four grey geese flew by")).Path,
            StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_confirmed_new_password_takes_the_olds_place_and_the_browser_stays_known()
    {
        await using var own = await server.FreshAsync();
        var user = await own.UserAsync();
        using var browser = own.Browser();
        await own.SignInAsync(browser, user);
        const string Wanted = "four grey geese flew by";
        var page = await CountersignServer.AskNewPasswordAsync(browser, user.Password, Wanted);

        Assert.Equal("/settings/security", (await CountersignServer.TypeCodeAsync(browser, page, await own.CodeAsync(user, 2))).Path);

        await own.EmailAsync(user, string.Empty);
        await own.SettledAsync();
        Assert.Equal(
            2,
            (await own.RowsAsync<Countersign.Server.Features.Messaging.Messages.Message>(
                m => m.UserId == user.Id && m.Template == "notice-password-changed")).Count);
        using var other = own.Browser();
        Assert.Equal(
            HttpStatusCode.UnprocessableEntity, (await CountersignServer.TypePasswordAsync(other, user.Name, user.Password)).Status);
        own.Clock.Advance(TimeSpan.FromMinutes(3));
        browser.DropCookie("session");
        Assert.Equal("/", (await own.SignInAsync(browser, user with { Password = Wanted })).Path);
        Assert.Single(await own.RowsAsync<AuditEvent>(e => e.UserId == user.Id && e.Event == AuditEvents.PasswordChanged));
    }

    [Fact]
    public async Task Passwords_that_nobody_looked_at_are_not_counted()
    {
        await using var own = await server.FreshAsync(
            ("Passwords:Queue", "1"), ("Passwords:Workers", "1"), ("Passwords:MemoryKiB", "65536"));
        var user = await own.UserAsync();
        using var browser = own.Browser();
        var form = await browser.GetAsync("/sign-in");
        using var enough = new CancellationTokenSource();
        var storm = Task.Run(
            () =>
            {
                while (!enough.IsCancellationRequested)
                {
                    own.KeepHashing();
                }
            },
            CancellationToken.None);

        // More than the ten that would lock the source.
        for (var refused = 0; refused < 12;)
        {
            var answer = await browser.PostAsync(
                "/sign-in", CountersignServer.Fields(form, ("username", user.Name), ("password", user.Password)));
            if (answer.Status == HttpStatusCode.ServiceUnavailable)
            {
                Assert.NotNull(answer.Response.Headers.RetryAfter);
                refused++;
            }
            else
            {
                // One came through, and its being right cleared the count.
                Assert.StartsWith("/sign-in/", answer.Path, StringComparison.Ordinal);
                refused = 0;
            }
        }

        await enough.CancelAsync();
        await storm;
        TestPage last;
        do
        {
            last = await CountersignServer.TypePasswordAsync(browser, user.Name, user.Password);
        }
        while (last.Status == HttpStatusCode.ServiceUnavailable);

        Assert.StartsWith("/sign-in/", last.Path, StringComparison.Ordinal);
    }
}

public sealed class PasswordTypingOnSqlite(OnSqlite server) : PasswordTypingTests(server);

public sealed class PasswordTypingOnPostgres(OnPostgres server) : PasswordTypingTests(server);
