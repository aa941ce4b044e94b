using System.Collections.Concurrent;
using Countersign.Server.Features.Messaging.Messages;
using Countersign.Server.Tests.Hosting;
using Countersign.Testing;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace Countersign.Server.Tests.Features.Messaging.Messages;

/// <summary>What was queued is sent once, late or not at all, and never twice by two nodes (B2).</summary>
public abstract class OutboxTests(CountersignServer server)
{
    private static readonly TimeSpan Ceiling = Waiting.Ceiling;

    [Fact]
    [Race]
    public async Task Several_nodes_send_each_message_once()
    {
        await using var own = await server.FreshAsync();
        var user = await QuietUserAsync(own);
        var sent = new ConcurrentBag<Guid>();
        own.Sms.Instead = async (message, _) =>
        {
            await Task.Yield();
            sent.Add(message.Reference);
            return MessageState.Sent;
        };

        await own.QueueAsync(user, 250, TimeSpan.FromHours(1));
        await Task.WhenAll(Enumerable.Range(0, 4).Select(_ => own.AnotherOutbox()).Select(async node =>
        {
            while (await node.RunOnceAsync(TestContext.Current.CancellationToken) > 0)
            {
            }
        }));
        await SettleAsync(own, user);

        Assert.Equal(250, sent.Count);
        Assert.Equal(250, sent.Distinct().Count());
        Assert.All(
            await NoticesAsync(own, user), m => Assert.Equal((MessageState.Sent, 1, true), (m.State, m.Attempts, m.Content is null)));
    }

    /// <summary>Such as five hundred of an import, with a gateway that takes its time.</summary>
    [Fact]
    public async Task A_code_waits_behind_no_notice()
    {
        await using var own = await server.FreshAsync(("Messages:Parallel", "1"), ("Messages:ParallelNotices", "1"));
        var (user, quiet) = (await own.UserAsync(), await QuietUserAsync(own));
        var (taken, go) = (new TaskCompletionSource(), new TaskCompletionSource());
        var codes = new ConcurrentQueue<string>();
        own.Sms.Instead = async (message, _) =>
        {
            if (message.Template == "code")
            {
                codes.Enqueue(message.Recipient);
                return MessageState.Delivered;
            }

            taken.TrySetResult();
            await go.Task;
            return MessageState.Delivered;
        };
        try
        {
            await own.QueueAsync(quiet, 500, TimeSpan.FromHours(1));
            await taken.Task.WaitAsync(Ceiling, TestContext.Current.CancellationToken);
            using var browser = own.Browser();

            await CountersignServer.TypePasswordAsync(browser, user.Name, user.Password);

            await Waiting.UntilAsync(() => Task.FromResult(codes.Contains(user.Mobile)), Ceiling);
            Assert.Equal(499, (await NoticesAsync(own, quiet)).Count(m => m.State == MessageState.Queued));
        }
        finally
        {
            // The server does not end before what is under way.
            go.SetResult();
        }
    }

    [Fact]
    public async Task A_gateway_that_fails_is_asked_again_later_and_later()
    {
        await using var own = await server.FreshAsync();
        var user = await QuietUserAsync(own);
        var failures = 3;
        own.Sms.Instead = (_, _) =>
            Interlocked.Decrement(ref failures) >= 0 ? throw new HttpRequestException("Not now.") : Task.FromResult(MessageState.Sent);
        var queued = own.Clock.GetUtcNow();
        await own.QueueAsync(user, 1, TimeSpan.FromHours(1));
        foreach (var (attempts, wait) in new[] { (1, 2), (2, 4), (3, 8) })
        {
            var message = await OneAsync(own, user, m => m.Attempts == attempts && m.State == MessageState.Queued);
            Assert.NotNull(message.Content);
            Assert.Equal(TimeSpan.FromSeconds(wait), message.DueAt - own.Clock.GetUtcNow());
            own.Clock.Advance(TimeSpan.FromSeconds(wait));
        }

        var final = await OneAsync(own, user, m => m.State == MessageState.Sent);
        Assert.Equal((4, queued + TimeSpan.FromSeconds(14), true), (final.Attempts, final.SentAt!.Value, final.Content is null));
    }

    [Fact]
    public async Task A_gateway_that_is_away_is_told_once_a_minute_with_a_number_however_many_messages_wait()
    {
        const int Messages = 50;
        using var log = new KeptLines();
        await using var own = await server.FreshWithAsync(services => services.AddSingleton<ILoggerProvider>(log));
        var user = await QuietUserAsync(own);
        own.Sms.Instead = (_, _) => throw new HttpRequestException("Away.");
        await own.QueueAsync(user, Messages, TimeSpan.FromHours(1));
        // Each is told of before its row says that it was tried.
        await Waiting.UntilAsync(
            async () => (await NoticesAsync(own, user)).Count(m => m is { Attempts: > 0, State: MessageState.Queued }) == Messages,
            Ceiling);

        var first = Assert.Single(log.Of(2002));
        Assert.Contains("did not take 1 messages", first, StringComparison.Ordinal);
        Assert.Contains("(connect)", first, StringComparison.Ordinal);

        own.Clock.Advance(TimeSpan.FromSeconds(61));

        Assert.Contains($"did not take {Messages - 1} messages", Assert.Single(log.Of(2002).Skip(1)), StringComparison.Ordinal);
    }

    [Fact]
    public async Task One_that_is_never_taken_fails_in_the_end_and_its_body_is_erased()
    {
        await using var own = await server.FreshAsync();
        var user = await QuietUserAsync(own);
        own.Sms.Instead = (_, _) => throw new HttpRequestException("Never.");
        await own.QueueAsync(user, 1, TimeSpan.FromDays(1));
        for (var attempt = 1; attempt < 8; attempt++)
        {
            await OneAsync(own, user, m => m.Attempts == attempt && m.State == MessageState.Queued);
            own.Clock.Advance(TimeSpan.FromMinutes(10));
        }

        Assert.Null((await OneAsync(own, user, m => m.State == MessageState.Failed)).Content);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task One_whose_node_died_while_sending_is_repeated_only_where_that_is_harmless(bool idempotent)
    {
        await using var own = await server.FreshAsync();
        var user = await QuietUserAsync(own);
        own.Sms.Idempotent = idempotent;
        await DieWhileSendingAsync(own, user, TimeSpan.FromHours(1));
        var calls = own.Sms.Calls;

        own.Clock.Advance(TimeSpan.FromSeconds(59));
        Assert.Equal(0, await own.AnotherOutbox().RunOnceAsync(TestContext.Current.CancellationToken));
        own.Clock.Advance(TimeSpan.FromSeconds(2));

        var final = await OneAsync(own, user, m => m.State == (idempotent ? MessageState.Delivered : MessageState.Unknown));
        Assert.Null(final.Content);
        Assert.Equal(idempotent ? 1 : 0, own.Sms.Calls - calls);
    }

    [Fact]
    public async Task One_that_has_expired_is_not_sent_whether_it_waited_or_was_under_way()
    {
        await using var own = await server.FreshAsync();
        var user = await QuietUserAsync(own);
        await DieWhileSendingAsync(own, user, TimeSpan.FromMinutes(1));
        own.Sms.Instead = (_, _) => throw new HttpRequestException("Not now.");
        await own.QueueAsync(user, 1, TimeSpan.FromSeconds(1));
        await Waiting.UntilAsync(
            async () => (await NoticesAsync(own, user)).Count(m => m is { State: MessageState.Queued, Attempts: 1 }) == 1, Ceiling);
        own.Sms.Instead = null;
        var calls = own.Sms.Calls;

        own.Clock.Advance(TimeSpan.FromMinutes(2));
        await SettleAsync(own, user);

        Assert.Equal([MessageState.Expired, MessageState.Unknown], (await NoticesAsync(own, user)).Select(m => m.State).Order(
            Comparer<MessageState>.Create((a, b) => string.CompareOrdinal(a.ToString(), b.ToString()))));
        Assert.All(await NoticesAsync(own, user), m => Assert.Null(m.Content));
        Assert.Equal(0, own.Sms.Calls - calls);
    }

    [Fact]
    public async Task One_that_cannot_be_opened_does_not_hold_up_the_others()
    {
        await using var own = await server.FreshAsync();
        var user = await QuietUserAsync(own);
        own.Sms.Instead = (_, _) => throw new HttpRequestException("Not now.");
        await own.QueueAsync(user, 2, TimeSpan.FromHours(1));
        await Waiting.UntilAsync(
            async () => (await NoticesAsync(own, user)).Count(m => m is { State: MessageState.Queued, Attempts: 1 }) == 2, Ceiling);
        var first = (await NoticesAsync(own, user))[0];
        await own.WriteAsync(
            (db, ct) => db.Set<Message>().Where(m => m.UserId == user.Id && m.Id == first.Id).ExecuteUpdateAsync(
                set => set.SetProperty(m => m.Content, new byte[40]), ct));
        own.Sms.Instead = null;

        own.Clock.Advance(TimeSpan.FromSeconds(5));
        await SettleAsync(own, user);

        Assert.All(
            await NoticesAsync(own, user), m => Assert.Equal(m.Id == first.Id ? MessageState.Failed : MessageState.Delivered, m.State));
    }

    [Fact]
    public async Task A_node_that_stops_records_what_was_taken_and_gives_back_the_rest()
    {
        await using var own = await server.FreshAsync();
        var user = await QuietUserAsync(own);
        own.Sms.Idempotent = false;
        using var stop = new CancellationTokenSource();
        own.Sms.Instead = (_, _) => throw new HttpRequestException("Not now.");
        await own.QueueAsync(user, 5, TimeSpan.FromHours(1));
        await Waiting.UntilAsync(
            async () => (await NoticesAsync(own, user)).Count(m => m is { State: MessageState.Queued, Attempts: 1 }) == 5, Ceiling);
        var node = own.AnotherOutbox();
        var taken = 0;
        own.Sms.Instead = async (_, _) =>
        {
            if (Interlocked.Increment(ref taken) == 2)
            {
                await stop.CancelAsync();
            }

            return MessageState.Sent;
        };

        // Due without the clock, so that the host's own sender sleeps on and this node has them to itself.
        var now = own.Clock.GetUtcNow();
        await own.WriteAsync((db, ct) =>
            db.Set<Message>().Where(m => m.UserId == user.Id).ExecuteUpdateAsync(set => set.SetProperty(m => m.DueAt, now), ct));
        await node.RunOnceAsync(stop.Token);
        await Waiting.UntilAsync(async () => (await NoticesAsync(own, user)).All(m => m.State != MessageState.Sending), Ceiling);

        Assert.DoesNotContain(await NoticesAsync(own, user), m => m.State is MessageState.Unknown or MessageState.Failed);
        own.Clock.Advance(TimeSpan.FromMinutes(5));
        await SettleAsync(own, user);
        Assert.All(await NoticesAsync(own, user), m => Assert.Equal(MessageState.Sent, m.State));
        Assert.Equal(5, taken);
    }

    /// <summary>Queues a message whose sender ends between the gateway and the record.</summary>
    private static async Task DieWhileSendingAsync(CountersignServer own, TestUser user, TimeSpan lifetime)
    {
        var called = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        own.Sms.Instead = (_, _) =>
        {
            called.SetResult();
            throw new OperationCanceledException("The node dies here.");
        };
        await own.QueueAsync(user, 1, lifetime);
        await called.Task.WaitAsync(Ceiling, TimeProvider.System);
        own.Sms.Instead = null;
    }

    /// <summary>A user whose own notices have gone out.</summary>
    private static async Task<TestUser> QuietUserAsync(CountersignServer own)
    {
        var user = await own.UserAsync();
        await own.SettledAsync();
        return user;
    }

    private static Task<IReadOnlyList<Message>> NoticesAsync(CountersignServer own, TestUser user) =>
        own.RowsAsync<Message>(m => m.UserId == user.Id && m.Template == "notice-password-changed");

    private static async Task<Message> OneAsync(CountersignServer own, TestUser user, Func<Message, bool> which)
    {
        Message? found = null;
        await DriveUntilAsync(own, async () => (found = (await NoticesAsync(own, user)).SingleOrDefault(which)) is not null);
        return found!;
    }

    private static Task SettleAsync(CountersignServer own, TestUser user) =>
        DriveUntilAsync(
            own, async () => (await NoticesAsync(own, user)).All(m => m.State is not (MessageState.Queued or MessageState.Sending)));

    /// <summary>The clock stands still between advances and with it the host's own sender: another node looks as well.</summary>
    private static Task DriveUntilAsync(CountersignServer own, Func<Task<bool>> condition) => Waiting.UntilAsync(
        async () =>
        {
            await own.AnotherOutbox().RunOnceAsync(CancellationToken.None);
            return await condition();
        },
        Ceiling);
}

public sealed class OutboxOnSqlite(OnSqlite server) : OutboxTests(server);

public sealed class OutboxOnPostgres(OnPostgres server) : OutboxTests(server);
