using System.Net;
using Countersign.Server.Features.Messaging.Messages;
using Countersign.Server.Tests.Hosting;
using Countersign.Testing;

namespace Countersign.Server.Tests.Data.Protection;

/// <summary>A node that cannot open something for a while waits for that, and spoils nothing meanwhile (B22).</summary>
public abstract class PassingFaultTests(CountersignServer server)
{
    private static readonly TimeSpan Ceiling = Waiting.Ceiling;

    [Fact]
    public async Task A_message_that_does_not_open_now_is_left_as_it_is_and_sent_later()
    {
        var faults = new PassingFaults();
        await using var own = await server.FreshWithAsync(faults.AddTo);
        var user = await own.UserAsync();
        faults.Begin(Message.ContentColumn);
        using var browser = own.Browser();
        var page = await CountersignServer.TypePasswordAsync(browser, user.Name, user.Password);
        await Waiting.UntilAsync(() => Task.FromResult(faults.Met > 0), Ceiling);
        await own.AnotherOutbox().RunOnceAsync(TestContext.Current.CancellationToken);

        var message = Assert.Single(await own.RowsAsync<Message>(m => m.UserId == user.Id && m.ChallengeId != null));
        Assert.Equal((MessageState.Queued, 0, null), (message.State, message.Attempts, message.Failure));
        Assert.NotNull(message.Content);

        faults.End();
        own.Clock.Advance(TimeSpan.FromSeconds(1));
        Assert.Equal("/", (await CountersignServer.TypeCodeAsync(browser, page, await own.CodeAsync(user))).Path);
    }

    [Fact]
    public async Task A_known_browser_stays_known()
    {
        var faults = new PassingFaults();
        await using var own = await server.FreshWithAsync(faults.AddTo);
        var user = await own.UserAsync();
        using var before = own.Browser();
        await own.SignInAsync(before, user);
        var (name, value) = before.Cookies.Single(c => c.Key.EndsWith("browser", StringComparison.Ordinal));
        using var browser = own.Browser();
        browser.SetCookie(name, value);

        faults.Begin("known-browser");
        Assert.Equal(
            HttpStatusCode.ServiceUnavailable, (await CountersignServer.TypePasswordAsync(browser, user.Name, user.Password)).Status);

        Assert.True(faults.Met > 0);
        Assert.Equal(value, browser.Cookies[name]);
        faults.End();
        own.Clock.Advance(TimeSpan.FromMinutes(2));
        Assert.Equal("/", (await own.SignInAsync(browser, user)).Path);
    }
}

public sealed class PassingFaultOnSqlite(OnSqlite server) : PassingFaultTests(server);

public sealed class PassingFaultOnPostgres(OnPostgres server) : PassingFaultTests(server);
