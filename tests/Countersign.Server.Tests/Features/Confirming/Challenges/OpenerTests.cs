using System.Net;
using Countersign.Server.Features.Access.Sessions;
using Countersign.Server.Features.Confirming.Challenges;
using Countersign.Server.Tests.Guards;
using Countersign.Server.Tests.Hosting;
using Countersign.Testing;

namespace Countersign.Server.Tests.Features.Confirming.Challenges;

/// <summary>Only the browser that opened a challenge may see it or use it (D8).</summary>
public abstract class OpenerTests(CountersignServer server)
{
    [Fact]
    [Claim("D8")]
    public async Task Another_browser_finds_nothing_at_a_challenges_addresses()
    {
        var user = await server.UserAsync();
        using var browser = server.Browser();
        var page = await CountersignServer.TypePasswordAsync(browser, user.Name, user.Password);
        var code = await server.CodeAsync(user);
        using var other = server.Browser();
        var form = await other.GetAsync("/sign-in");
        var handle = page.Path.Split('/')[^1];

        Assert.Equal(HttpStatusCode.NotFound, (await other.GetAsync(page.Path)).Status);
        Assert.Equal(HttpStatusCode.NotFound, (await other.GetAsync("/challenges/" + handle)).Status);
        Assert.Equal(HttpStatusCode.NotFound, (await other.GetAsync("/challenges/" + handle + "/events")).Status);
        foreach (var handler in (string[])["answer", "repeat", "choose"])
        {
            var answer = await other.PostAsync(
                $"{page.Path}?handler={handler}",
                CountersignServer.Fields(form, ("prompt", "1"), ("code", code), ("device", user.Id.ToString())));
            Assert.Equal(HttpStatusCode.NotFound, answer.Status);
        }

        await other.PostAsync(page.Path + "?handler=cancel", CountersignServer.Fields(form));
        Assert.Equal(ChallengeState.Prompted, Assert.Single(await server.RowsAsync<Challenge>(c => c.UserId == user.Id)).State);
        Assert.Equal("/", (await CountersignServer.TypeCodeAsync(browser, page, code)).Path);
    }

    [Fact]
    public async Task Another_users_id_in_the_handle_finds_nothing()
    {
        var user = await server.UserAsync();
        var other = await server.UserAsync();
        using var browser = server.Browser();
        await CountersignServer.TypePasswordAsync(browser, user.Name, user.Password);
        var challenge = Assert.Single(await server.RowsAsync<Challenge>(c => c.UserId == user.Id));

        Assert.Equal(
            HttpStatusCode.NotFound, (await browser.GetAsync("/challenges/" + new ChallengeHandle(other.Id, challenge.Id))).Status);
    }

    [Fact]
    public async Task The_waiting_page_is_told_when_the_message_goes_out_and_when_the_challenge_ends()
    {
        var user = await server.UserAsync();
        using var browser = server.Browser();
        var page = await CountersignServer.TypePasswordAsync(browser, user.Name, user.Password);
        await server.SettledAsync();
        using var request = new HttpRequestMessage(HttpMethod.Get, "/challenges/" + page.Path.Split('/')[^1] + "/events");
        using var response = await browser.SendRawAsync(request, HttpCompletionOption.ResponseHeadersRead);
        using var reader = new StreamReader(await response.Content.ReadAsStreamAsync(TestContext.Current.CancellationToken));

        Assert.Contains("\"delivered\"", await NextAsync(reader), StringComparison.Ordinal);
        await CountersignServer.PressAsync(browser, page, "cancel");
        Assert.Contains("\"cancelled\"", await NextAsync(reader), StringComparison.Ordinal);
        Assert.Null(await NextOrEndAsync(reader));
    }

    [Fact]
    public async Task A_password_change_cannot_be_answered_on_the_page_of_a_sign_in_nor_the_other_way_round()
    {
        var user = await server.UserAsync();
        using var browser = server.Browser();
        await server.SignInAsync(browser, user);
        var change = await CountersignServer.AskNewPasswordAsync(browser, user.Password, "quite another horse");
        var handle = change.Path.Split('/')[^1];
        var answer = CountersignServer.Fields(change, ("prompt", "1"), ("code", await server.CodeAsync(user, 2)));

        var crossed = await browser.PostAsync($"/sign-in/{handle}?handler=answer", answer);

        Assert.NotEqual("/settings/security", crossed.Path);
        Assert.Equal(
            ChallengeState.Prompted,
            Assert.Single(await server.RowsAsync<Challenge>(c => c.UserId == user.Id && c.Purpose == "password-change")).State);
        Assert.Equal("/settings/security", (await browser.PostAsync(change.Path + "?handler=answer", answer)).Path);
    }

    [Fact]
    [Claim("D8")]
    public async Task The_opener_of_before_is_void_after_signing_in()
    {
        var user = await server.UserAsync();
        using var browser = server.Browser();
        using var thief = server.Browser();
        var page = await CountersignServer.TypePasswordAsync(browser, user.Name, user.Password);
        thief.TakeCookies(browser);

        await CountersignServer.TypeCodeAsync(browser, page, await server.CodeAsync(user));

        Assert.NotEqual(Opener(thief), Opener(browser));
        Assert.Single(await server.RowsAsync<Session>(s => s.UserId == user.Id));
        var back = await browser.GetAsync(page.Path);
        Assert.Equal("/", back.Path);
        Assert.Equal(HttpStatusCode.OK, back.Status);
    }

    private static string Opener(TestBrowser browser) =>
        browser.Cookies.Single(c => c.Key.EndsWith("opener", StringComparison.Ordinal)).Value;

    private static async Task<string> NextAsync(StreamReader reader) => await NextOrEndAsync(reader) ?? throw new EndOfStreamException();

    private static async Task<string?> NextOrEndAsync(StreamReader reader)
    {
        while (await reader.ReadLineAsync().WaitAsync(Waiting.Ceiling, TimeProvider.System) is { } line)
        {
            if (line.StartsWith("data:", StringComparison.Ordinal))
            {
                return line;
            }
        }

        return null;
    }
}

public sealed class OpenersOnSqlite(OnSqlite server) : OpenerTests(server);

public sealed class OpenersOnPostgres(OnPostgres server) : OpenerTests(server);
