using System.Net;
using Countersign.Server.Features.Messaging.Messages;
using Countersign.Server.Tests.Hosting;

namespace Countersign.Server.Tests.Features.Messaging.Messages.Gateways;

/// <summary>Which gateway has its turn when.</summary>
public abstract class FailOverTests(CountersignServer server)
{
    [Theory]
    [InlineData(503)]
    [InlineData(403)]
    public async Task The_next_gateway_has_its_turn_at_once_when_one_does_not_take_it(int status)
    {
        await using var first = await FakeHttpGateway.StartAsync();
        await using var second = await FakeHttpGateway.StartAsync();
        first.Answer = FakeHttpGateway.Status(status);
        await using var bench = await GatewayBench.StartAsync(
            server, GatewayBench.Twilio(0, "one", first.Address), GatewayBench.Twilio(1, "two", second.Address));
        await bench.QueueAsync();

        // The clock stands still: no pause was taken.
        var sent = await bench.UntilAsync(MessageState.Sent);

        Assert.Equal(("two", 2), (sent.Gateway, sent.Attempts));
        Assert.Equal((1, 1), (first.Calls.Count, second.Calls.Count));
    }

    [Fact]
    public async Task A_dead_gateway_is_passed_over_at_once()
    {
        await using var second = await FakeHttpGateway.StartAsync();
        await using var bench = await GatewayBench.StartAsync(
            server, GatewayBench.Twilio(0, "dead", "http://127.0.0.1:9"), GatewayBench.Webhook(1, "two", second.Address));
        await bench.QueueAsync();

        Assert.Equal("two", (await bench.UntilAsync(MessageState.Sent)).Gateway);
    }

    [Fact]
    public async Task The_pause_begins_when_all_had_their_turn_and_then_the_first_is_asked_again()
    {
        await using var first = await FakeHttpGateway.StartAsync();
        await using var second = await FakeHttpGateway.StartAsync();
        (first.Answer, second.Answer) = (FakeHttpGateway.Status(503), FakeHttpGateway.Status(400));
        await using var bench = await GatewayBench.StartAsync(
            server, GatewayBench.Twilio(0, "one", first.Address), GatewayBench.Twilio(1, "two", second.Address));
        await bench.QueueAsync();
        var waiting = await bench.UntilAsync(m => m is { State: MessageState.Queued, Attempts: 2 });
        Assert.Equal(bench.Server.Clock.GetUtcNow() + TimeSpan.FromSeconds(2), waiting.DueAt);
        first.Answer = FakeHttpGateway.TakeAsync;

        bench.Server.Clock.Advance(TimeSpan.FromSeconds(2));

        Assert.Equal(("one", 3), ((await bench.UntilAsync(MessageState.Sent)).Gateway, (await bench.MessageAsync()).Attempts));
    }

    [Fact]
    public async Task What_all_refuse_has_failed()
    {
        await using var gateway = await FakeHttpGateway.StartAsync();
        gateway.Answer = FakeHttpGateway.Status(400);
        await using var bench = await GatewayBench.StartAsync(
            server, GatewayBench.Twilio(0, "one", gateway.Address), GatewayBench.Twilio(1, "two", gateway.Address));
        await bench.QueueAsync();

        Assert.Equal(2, (await bench.UntilAsync(MessageState.Failed)).Attempts);
        Assert.Equal(2, gateway.Calls.Count);
    }

    [Fact]
    public async Task A_receipt_that_does_not_come_brings_the_next_gateway_and_the_body_stays_until_then()
    {
        await using var first = await FakeHttpGateway.StartAsync();
        await using var second = await FakeHttpGateway.StartAsync();
        await using var bench = await GatewayBench.StartAsync(
            server, GatewayBench.Twilio(0, "one", first.Address), GatewayBench.Twilio(1, "two", second.Address));
        await bench.QueueAsync();
        var early = (await first.CallAsync()).Field("StatusCallback");
        Assert.NotNull((await bench.UntilAsync(MessageState.Sent)).Content);

        bench.Server.Clock.Advance(TimeSpan.FromSeconds(89));
        await bench.Server.AnotherOutbox().RunOnceAsync(TestContext.Current.CancellationToken);
        Assert.Empty(second.Calls);
        bench.Server.Clock.Advance(TimeSpan.FromSeconds(2));
        var late = (await second.CallAsync()).Field("StatusCallback");
        var sent = await bench.UntilAsync(m => m is { State: MessageState.Sent, Attempts: 2 });

        Assert.Null(sent.Content);
        Assert.NotEqual(early, late);
        Assert.Equal(HttpStatusCode.NoContent, await bench.TwilioReceiptAsync(early, "undelivered"));
        Assert.Equal(MessageState.Sent, (await bench.MessageAsync()).State);
        Assert.Equal(HttpStatusCode.NoContent, await bench.TwilioReceiptAsync(late, "undelivered"));
        Assert.Equal(MessageState.Failed, (await bench.MessageAsync()).State);
        Assert.Equal(HttpStatusCode.NoContent, await bench.TwilioReceiptAsync(early, "delivered"));
        Assert.Equal(MessageState.Delivered, (await bench.MessageAsync()).State);
    }

    [Fact]
    public async Task A_receipt_of_failure_brings_the_next_gateway_at_once()
    {
        await using var first = await FakeHttpGateway.StartAsync();
        await using var second = await FakeHttpGateway.StartAsync();
        await using var bench = await GatewayBench.StartAsync(
            server, GatewayBench.Twilio(0, "one", first.Address), GatewayBench.Twilio(1, "two", second.Address));
        await bench.QueueAsync();
        var receipts = (await first.CallAsync()).Field("StatusCallback");
        await bench.UntilAsync(MessageState.Sent);

        // Ten at the same moment: one of them moves it on.
        await Task.WhenAll(Enumerable.Range(0, 10).Select(_ => bench.TwilioReceiptAsync(receipts, "undelivered", error: "30003")));
        var sent = await bench.UntilAsync(m => m is { State: MessageState.Sent, Gateway: "two" });

        Assert.Equal((2, true), (sent.Attempts, sent.Content is null));
        Assert.Single(second.Calls);
    }

    [Fact]
    public async Task What_has_run_out_is_not_sent_again_and_its_body_goes()
    {
        await using var first = await FakeHttpGateway.StartAsync();
        await using var second = await FakeHttpGateway.StartAsync();
        await using var bench = await GatewayBench.StartAsync(
            server, GatewayBench.Twilio(0, "one", first.Address), GatewayBench.Twilio(1, "two", second.Address));
        await bench.QueueAsync(lifetime: TimeSpan.FromSeconds(60));
        var receipts = (await first.CallAsync()).Field("StatusCallback");
        await bench.UntilAsync(MessageState.Sent);

        bench.Server.Clock.Advance(TimeSpan.FromSeconds(61));
        var sent = await bench.UntilAsync(m => m.Content is null);

        Assert.Equal(MessageState.Sent, sent.State);
        Assert.Equal(HttpStatusCode.NoContent, await bench.TwilioReceiptAsync(receipts, "undelivered"));
        Assert.Equal(MessageState.Expired, (await bench.MessageAsync()).State);
        Assert.Empty(second.Calls);
    }

    [Fact]
    public async Task Many_are_sent_at_the_same_time_and_no_more_than_is_allowed()
    {
        await using var gateway = await FakeHttpGateway.StartAsync();
        await using var bench = await GatewayBench.StartAsync(
            server, GatewayBench.Webhook(0, "own", gateway.Address), [("Messages:ParallelNotices", "5")]);
        var (now, most) = (0, 0);
        var full = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        gateway.Answer = async (call, response) =>
        {
            var here = Interlocked.Increment(ref now);
            lock (full)
            {
                most = Math.Max(most, here);
            }

            if (here == 5)
            {
                full.TrySetResult();
            }

            await full.Task;
            Interlocked.Decrement(ref now);
            await FakeHttpGateway.TakeAsync(call, response);
        };

        await bench.QueueAsync(20);
        await bench.Server.SettledAsync();

        Assert.Equal((20, 5), (gateway.Calls.Select(c => c.Headers["Idempotency-Key"]).Distinct().Count(), most));
        Assert.Equal(20, gateway.Calls.Count);
    }
}

public sealed class FailOverOnSqlite(OnSqlite server) : FailOverTests(server);

public sealed class FailOverOnPostgres(OnPostgres server) : FailOverTests(server);
