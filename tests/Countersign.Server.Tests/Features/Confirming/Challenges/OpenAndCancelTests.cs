using System.Net;
using Countersign.Server.Features.Confirming.Challenges;
using Countersign.Server.Features.Messaging.Messages;
using Countersign.Server.Tests.Guards;
using Countersign.Server.Tests.Hosting;

namespace Countersign.Server.Tests.Features.Confirming.Challenges;

/// <summary>
/// Opening again and again yields no fresh code to grind and no storm of messages (D5), and the owner is not kept waiting.
/// </summary>
public abstract class OpenAndCancelTests(CountersignServer server)
{
    private const int OpeningsPerHour = 30;

    [Fact]
    [Claim("D5")]
    public async Task One_browser_opens_thirty_times_an_hour_for_one_message()
    {
        var user = await server.UserAsync();
        using var browser = server.Browser();
        for (var i = 0; i < OpeningsPerHour; i++)
        {
            var page = await CountersignServer.TypePasswordAsync(browser, user.Name, user.Password);
            Assert.Equal(HttpStatusCode.OK, page.Status);
            Assert.Equal("/sign-in", (await CountersignServer.PressAsync(browser, page, "cancel")).Path);
        }

        var refused = await CountersignServer.TypePasswordAsync(browser, user.Name, user.Password);

        Assert.Equal(HttpStatusCode.TooManyRequests, refused.Status);
        Assert.NotNull(refused.Response.Headers.RetryAfter);
        Assert.Equal("/sign-in", refused.Path);
        Assert.Single(await server.RowsAsync<Message>(m => m.UserId == user.Id && m.ChallengeId != null));
    }

    [Fact]
    [Claim("D5")]
    public async Task Ten_thousand_from_many_sources_yield_one_message_and_the_owner_still_gets_a_code()
    {
        await using var own = await server.FreshAsync();
        var user = await own.UserAsync();
        using var known = own.Browser();
        await own.SignInAsync(known, user);
        own.Clock.Advance(TimeSpan.FromMinutes(3));

        var opened = await Task.WhenAll(
            Enumerable.Range(0, 10).Select(_ => own.OpenAndCancelAsync(user, CountersignServer.NewSource(), 1000)));

        Assert.All(opened, count => Assert.Equal(OpeningsPerHour, count));
        var messages = await own.RowsAsync<Message>(m => m.UserId == user.Id && m.ChallengeId != null);
        Assert.Equal(2, messages.Count);
        Assert.All(await own.RowsAsync<Challenge>(c => c.UserId == user.Id), c => Assert.NotEqual(ChallengeState.Prompted, c.State));
        known.DropCookie("session");
        var page = await CountersignServer.TypePasswordAsync(known, user.Name, user.Password);
        Assert.Equal("/", (await CountersignServer.TypeCodeAsync(known, page, await own.CodeAsync(user, 3))).Path);
    }

    [Fact]
    public async Task A_stranger_behind_the_same_address_does_not_use_up_the_owners_openings()
    {
        await using var own = await server.FreshAsync();
        var user = await own.UserAsync();
        var office = CountersignServer.NewSource();
        using var known = own.Browser(office);
        await own.SignInAsync(known, user);

        Assert.Equal(OpeningsPerHour - 1, await own.OpenAndCancelAsync(user, office, 40));

        known.DropCookie("session");
        var page = await CountersignServer.TypePasswordAsync(known, user.Name, user.Password);
        Assert.Equal("/", (await CountersignServer.TypeCodeAsync(known, page, await own.CodeAsync(user, 2))).Path);
    }

    [Fact]
    [Claim("D5")]
    public async Task What_was_never_sent_cannot_be_guessed()
    {
        var user = await server.UserAsync();
        using var first = server.Browser();
        using var second = server.Browser();
        await CountersignServer.TypePasswordAsync(first, user.Name, user.Password);
        var page = await CountersignServer.TypePasswordAsync(second, user.Name, user.Password);

        for (var i = 0; i < 10; i++)
        {
            Assert.Equal(
                HttpStatusCode.Conflict,
                (await CountersignServer.PressAsync(second, page, "answer", ("prompt", "1"), ("code", "123456"))).Status);
        }

        Assert.All(await server.RowsAsync<Challenge>(c => c.UserId == user.Id), c => Assert.Equal(0, c.Tries));
        Assert.Equal(0, await server.TriesAsync(user));
    }

    [Fact]
    public async Task Opening_again_in_the_same_browser_leads_back_to_the_same_challenge()
    {
        var user = await server.UserAsync();
        using var browser = server.Browser();

        var first = await CountersignServer.TypePasswordAsync(browser, user.Name, user.Password);
        var again = await CountersignServer.TypePasswordAsync(browser, user.Name, user.Password);

        Assert.Equal(first.Path, again.Path);
        Assert.Single(await server.RowsAsync<Challenge>(c => c.UserId == user.Id));
    }
}

public sealed class OpenAndCancelOnSqlite(OnSqlite server) : OpenAndCancelTests(server);

public sealed class OpenAndCancelOnPostgres(OnPostgres server) : OpenAndCancelTests(server);
