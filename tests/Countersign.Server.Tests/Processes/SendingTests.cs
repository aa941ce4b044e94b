using System.Collections.Concurrent;
using System.Globalization;
using Countersign.Server.Features.Messaging.Messages;
using Countersign.Server.Tests.Features.Messaging.Messages.Gateways;
using Countersign.Testing;
using Microsoft.AspNetCore.Http;

namespace Countersign.Server.Tests.Processes;

/// <summary>Nodes that are killed while they send: what a gateway took is never sent by guesswork again.</summary>
public sealed class SendingTests
{
    private const int LooksUntilIdle = 20;
    private static readonly TimeSpan Ceiling = Waiting.Ceiling;

    [Theory]
    [InlineData("twilio", true)]
    [InlineData("twilio", false)]
    [InlineData("webhook", true)]
    [InlineData("webhook", false)]
    public async Task A_node_killed_between_the_gateways_taking_it_and_the_record(string kind, bool postgres)
    {
        using var folder = new TestFolder();
        await using var gateway = await FakeHttpGateway.StartAsync();
        var settings = kind == "twilio"
            ? GatewayBench.Twilio(0, "main", gateway.Address)
            : GatewayBench.Webhook(0, "main", gateway.Address);
        await using var node = postgres
            ? await GatewayNode.OnPostgresAsync(folder, settings)
            : await GatewayNode.OnSqliteAsync(folder, settings);
        await node.QueueAsync(1, MessageChannel.Sms);
        gateway.Answer = FakeHttpGateway.HangAsync;
        await using (var first = await node.StartAsync())
        {
            await gateway.CallAsync();
            await first.KillAsync();
        }

        Assert.Equal((MessageState.Sending, "main", 1), State(Assert.Single(await node.MessagesAsync())));
        gateway.Answer = FakeHttpGateway.TakeAsync;
        await node.RunOutAsync();

        await using var second = await node.StartAsync();
        var final = kind == "twilio" ? MessageState.Unknown : MessageState.Sent;
        await Waiting.UntilAsync(async () => (await node.MessagesAsync())[0].State == final, Ceiling);

        // Twilio was not asked again; the webhook was, under the key by which it sends once.
        Assert.Equal((final, "main", 1), State(Assert.Single(await node.MessagesAsync())));
        Assert.Equal(kind == "twilio" ? 1 : 2, gateway.Calls.Count);
        Assert.Single(gateway.Calls.Select(Reference).Distinct());

        static (MessageState, string?, int) State(Message m) => (m.State, m.Gateway, m.Attempts);
    }

    [Fact]
    public async Task Ten_thousand_messages_two_nodes_and_one_of_them_killed()
    {
        const int OfEach = 5_000;
        const int Parallel = 8;
        using var folder = new TestFolder();
        await using var gateway = await FakeHttpGateway.StartAsync();
        await using var node = await GatewayNode.OnPostgresAsync(
            folder,
            [.. GatewayBench.Twilio(0, "once", gateway.Address), .. GatewayBench.Webhook(1, "keyed", gateway.Address, channel: "email")]);
        await node.QueueAsync(OfEach, MessageChannel.Sms);
        await node.QueueAsync(OfEach, MessageChannel.Email);
        var (taken, all) = (new ConcurrentDictionary<string, int>(StringComparer.Ordinal), 0);
        var middle = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        gateway.Answer = async (call, response) =>
        {
            taken.AddOrUpdate(Reference(call), 1, (_, n) => n + 1);
            if (Interlocked.Increment(ref all) == OfEach)
            {
                middle.SetResult();
            }

            response.StatusCode = StatusCodes.Status201Created;
            await response.WriteAsync("{}", TestContext.Current.CancellationToken);
        };
        await using var doomed = await node.StartAsync();
        await using var survivor = await node.StartAsync();

        await middle.Task.WaitAsync(Ceiling, TimeProvider.System, TestContext.Current.CancellationToken);
        await doomed.KillAsync();
        await IdleAsync(node);
        await node.RunOutAsync();
        await Waiting.UntilAsync(async () => await node.CountAsync(MessageState.Sent, MessageState.Unknown) == 2 * OfEach, Ceiling);

        var byId = (await node.MessagesAsync()).ToLookup(m => (m.Channel, m.State));
        var unknown = byId[(MessageChannel.Sms, MessageState.Unknown)].Count();
        var (once, keyed) = (taken.Where(t => t.Key.StartsWith("http", StringComparison.Ordinal))
            .ToList(), taken.Where(t => !t.Key.StartsWith("http", StringComparison.Ordinal)).ToList());
        TestContext.Current.SendDiagnosticMessage(
            string.Create(CultureInfo.InvariantCulture, $"{unknown} unknown, {keyed.Count(k => k.Value > 1)} repeated under their key"));

        // Without idempotency nothing is sent twice, and what the dead node had begun is unknown, no more than it sends at once.
        Assert.All(once, t => Assert.Equal(1, t.Value));
        Assert.InRange(unknown, 0, Parallel);
        Assert.Equal(OfEach, byId[(MessageChannel.Sms, MessageState.Sent)].Count() + unknown);
        Assert.InRange(once.Count, OfEach - unknown, OfEach);

        // With it everything is sent, and what is repeated has the same key.
        Assert.Equal((OfEach, OfEach), (byId[(MessageChannel.Email, MessageState.Sent)].Count(), keyed.Count));
        Assert.InRange(keyed.Count(k => k.Value > 1), 0, Parallel);
    }

    /// <summary>Nothing waits, and what is under way has not changed for a while: it is the dead node's.</summary>
    private static async Task IdleAsync(GatewayNode node)
    {
        var (last, same) = (-1, 0);
        await Waiting.UntilAsync(
            async () =>
            {
                var sending = await node.CountAsync(MessageState.Sending);
                same = sending == last ? same + 1 : 0;
                last = sending;
                return same >= LooksUntilIdle && await node.CountAsync(MessageState.Queued) == 0;
            },
            Ceiling);
    }

    /// <summary>By what a gateway tells messages apart.</summary>
    private static string Reference(GatewayCall call) =>
        call.Headers.TryGetValue("Idempotency-Key", out var key) ? key : call.Field("StatusCallback");
}
