using System.Buffers.Text;
using System.Net;
using Countersign.Server.Data.Protection;
using Countersign.Server.Features.Messaging.Messages;
using Countersign.Server.Tests.Hosting;
using Microsoft.Extensions.DependencyInjection;

namespace Countersign.Server.Tests.Data.Protection;

/// <summary>A node whose key file lacks a key that another has waits for it, and spoils nothing meanwhile (B22).</summary>
public abstract class PassingFaultTests(CountersignServer server)
{
    private const string Notice = "notice-password-changed";

    [Fact]
    public async Task A_message_that_does_not_open_now_is_left_as_it_is_holds_up_none_and_is_sent_later()
    {
        await using var own = await server.FreshWithOwnKeysAsync(("Messages:Parallel", "1"));
        var user = await own.UserAsync();
        var forgotten = await File.ReadAllTextAsync(own.KeyFile.Path, TestContext.Current.CancellationToken);
        await own.RotateAsync();
        await using var another = own.Beside();
        var outbox = another.Services.GetRequiredService<Outbox>();
        another.Services.GetRequiredService<MasterKeys>().Reread();
        var complete = await File.ReadAllTextAsync(own.KeyFile.Path, TestContext.Current.CancellationToken);
        await ReplaceAsync(forgotten);

        await own.WriteAsync(async (db, ct) =>
        {
            await CountersignServer.QueueAsync(
                db, outbox, user.Id, user.Mobile,
                new Draft(
                    MessageChannel.Sms, Notice, new MessageContent("en", [user.Name, "today"]),
                    own.Clock.GetUtcNow() + TimeSpan.FromHours(1)),
                ct);
            return 0;
        });
        await own.AnotherOutbox().RunOnceAsync(TestContext.Current.CancellationToken);

        var message = Assert.Single(await own.RowsAsync<Message>(m => m.UserId == user.Id && m.Template == Notice));
        Assert.Equal((MessageState.Queued, 0, null), (message.State, message.Attempts, message.Failure));
        Assert.NotNull(message.Content);

        // Behind it, with one place to send.
        var next = await own.UserAsync();
        using var browser = own.Browser();
        await CountersignServer.TypePasswordAsync(browser, next.Name, next.Password);
        Assert.NotEmpty(await own.CodeAsync(next));

        await ReplaceAsync(complete);
        own.Clock.Advance(TimeSpan.FromSeconds(1));
        await own.AnotherOutbox().RunOnceAsync(TestContext.Current.CancellationToken);
        await own.SettledAsync();
        message = Assert.Single(await own.RowsAsync<Message>(m => m.UserId == user.Id && m.Template == Notice));
        Assert.Equal(MessageState.Delivered, message.State);

        async Task ReplaceAsync(string keys)
        {
            await File.WriteAllTextAsync(own.KeyFile.Path, keys, TestContext.Current.CancellationToken);
            own.Keys.Reread();
        }
    }

    /// <summary>
    /// A browser is remembered by what it brings: a rotation forgets none, and one that names a key that nobody has is a stranger's,
    /// not a fault.
    /// </summary>
    [Fact]
    public async Task A_known_browser_stays_known_and_one_under_an_unknown_key_is_nobodys()
    {
        await using var own = await server.FreshWithOwnKeysAsync();
        var user = await own.UserAsync();
        var place = CountersignServer.NewSource();
        using var known = own.Browser(place);
        await own.SignInAsync(known, user);
        var (name, value) = known.Cookies.Single(c => c.Key.EndsWith("browser", StringComparison.Ordinal));
        await own.RotateAsync();
        await LockOutStrangersAsync(own, user, place);

        var cookie = Base64Url.DecodeFromChars(value);
        for (var i = 0; i < cookie.Length; i++)
        {
            byte[] changed = [.. cookie];
            changed[i] ^= 1;
            await AssertLockedOutAsync(own, user, place, name, Base64Url.EncodeToString(changed));
        }

        await AssertLockedOutAsync(own, user, place, name, value[..^1]);
        using var browser = own.Browser(place);
        browser.SetCookie(name, value);
        Assert.Equal("/", (await own.SignInAsync(browser, user)).Path);
    }

    private static async Task LockOutStrangersAsync(CountersignServer own, TestUser user, string place)
    {
        for (var i = 0; i < 12; i++)
        {
            using var stranger = own.Browser(place);
            await CountersignServer.TypePasswordAsync(stranger, user.Name, "certainly not this one");
        }
    }

    private static async Task AssertLockedOutAsync(CountersignServer own, TestUser user, string place, string name, string cookie)
    {
        using var browser = own.Browser(place);
        browser.SetCookie(name, cookie);
        Assert.Equal(
            HttpStatusCode.TooManyRequests,
            (await CountersignServer.TypePasswordAsync(browser, user.Name, user.Password)).Status);
    }
}

public sealed class PassingFaultOnSqlite(OnSqlite server) : PassingFaultTests(server);

public sealed class PassingFaultOnPostgres(OnPostgres server) : PassingFaultTests(server);
