using Countersign.Server.Features.Confirming.Challenges;
using Countersign.Server.Tests.Hosting;
using Countersign.Testing;

namespace Countersign.Server.Tests.Features.Confirming.Challenges;

/// <summary>
/// A prompt is sent again only by its own purpose's page, in the browser that opened it: whatever answer another one gives, nothing has
/// gone out before.
/// </summary>
public abstract class RepeatRouteTests(CountersignServer server)
{
    private const string Own = "/sign-in/{handle}";
    private const string Dialog = "/apply/mobile/repeats";

    [Fact]
    public async Task No_page_of_another_purpose_sends_a_prompt_again_and_no_other_browser()
    {
        var (victim, mine) = (await server.UserAsync(), await server.UserAsync());
        using var browser = server.Browser();
        var home = await server.SignInAsync(browser, mine);
        var page = await browser.PostAsync(
            "/sign-in", CountersignServer.Fields(home, ("username", victim.Name), ("password", victim.Password)));
        var handle = page.Path.Split('/')[^1];
        await server.CodeAsync(victim);
        await server.LetMessagesGoAsync(victim);
        var others = server.Routes()
            .Where(r => r.Contains("{handle}", StringComparison.Ordinal) && r != Own && !r.StartsWith("/api", StringComparison.Ordinal))
            .Select(r => r.Replace("{handle}", handle, StringComparison.Ordinal) + "?handler=repeat").ToList();
        Assert.True(others.Count >= 8, string.Join('\n', others));
        Assert.Contains(Dialog, server.Routes());

        foreach (var address in others.Append(Dialog))
        {
            await AssertNothingIsSentAsync(browser, home, address);
        }

        using var stranger = server.Browser();
        var start = await stranger.GetAsync("/sign-in");
        await AssertNothingIsSentAsync(stranger, start, Own.Replace("{handle}", handle, StringComparison.Ordinal) + "?handler=repeat");
        await AssertNothingIsSentAsync(stranger, start, Dialog);

        // In its own browser and on its own page it goes.
        await CountersignServer.PressAsync(browser, page, "repeat");
        await server.CodeAsync(victim, 2);

        async Task AssertNothingIsSentAsync(TestBrowser from, TestPage form, string address)
        {
            using var answer = await from.SendOnceAsync(new HttpRequestMessage(HttpMethod.Post, address)
            {
                Content = new FormUrlEncodedContent(CountersignServer.Fields(form, ("challenge", handle))),
            });
            Assert.True((int)answer.StatusCode < 500, $"{address}: {(int)answer.StatusCode}");
            await server.SettledAsync();
            Assert.True(server.Codes(victim).Count == 1, $"{address} has sent it again");
            Assert.All(
                await server.RowsAsync<Challenge>(c => c.UserId == victim.Id), c => Assert.Equal(ChallengeState.Prompted, c.State));
        }
    }
}

public sealed class RepeatRoutesOnSqlite(OnSqlite server) : RepeatRouteTests(server);

public sealed class RepeatRoutesOnPostgres(OnPostgres server) : RepeatRouteTests(server);
