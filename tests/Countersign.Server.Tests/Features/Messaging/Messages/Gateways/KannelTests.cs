using System.Net;
using Countersign.Server.Features.Messaging.Messages;
using Countersign.Server.Tests.Hosting;

namespace Countersign.Server.Tests.Features.Messaging.Messages.Gateways;

/// <summary>SMS through a real Kannel to a simulated message centre.</summary>
public sealed class KannelTests(OnSqlite server)
{
    [Fact]
    public async Task What_the_centre_reports_is_what_the_message_becomes()
    {
        await using var kannel = await Kannel.StartAsync();
        await using var relay = await FakeHttpGateway.StartAsync();
        await using var bench = await StartAsync(kannel, relay);

        foreach (var (submit, receipt, state, failure) in new[]
        {
            ("ok", "DELIVRD", MessageState.Delivered, null),
            ("ok", "UNDELIV", MessageState.Failed, "034"),
            ("ok", "EXPIRED", MessageState.Failed, "034"),
            ("invalid", null, MessageState.Failed, "16"),
            ("throttled", null, MessageState.Failed, "16"),
        })
        {
            await kannel.ModeAsync(submit, receipt);
            await bench.NextUserAsync();
            await bench.QueueAsync();

            var message = await bench.UntilAsync(state);

            Assert.Equal(("kannel", failure, true), (message.Gateway, message.Failure, message.Content is null));
        }

        // What Kannel repeats holds no text of a message.
        Assert.All(relay.Calls, c => Assert.DoesNotContain("code", c.Path, StringComparison.OrdinalIgnoreCase));
    }

    [Fact]
    public async Task Latin_travels_in_GSM_7_and_Chinese_in_UCS_2_in_parts_where_it_must()
    {
        await using var kannel = await Kannel.StartAsync();
        await using var relay = await FakeHttpGateway.StartAsync();
        await using var bench = await StartAsync(kannel, relay);

        await bench.QueueAsync(when: "{today} for 5 €");
        var latin = Assert.Single(await kannel.ToAsync(bench.User.Mobile));
        Assert.Equal((0, "MYBANK"), (latin.Coding, latin.From));
        Assert.Contains("{today} for 5 €", latin.Text, StringComparison.Ordinal);
        await bench.UntilAsync(MessageState.Delivered);

        await bench.NextUserAsync();
        await bench.QueueAsync(language: "zh-Hans");
        var chinese = Assert.Single(await kannel.ToAsync(bench.User.Mobile));
        Assert.Equal((8, 1), (chinese.Coding, chinese.Parts));
        Assert.Contains("密码", chinese.Text, StringComparison.Ordinal);
        Assert.Equal(1, (await bench.UntilAsync(MessageState.Delivered)).Parts);

        await bench.NextUserAsync();
        await bench.QueueAsync(language: "zh-Hant", when: new string('明', 60));
        var parts = (await kannel.ToAsync(bench.User.Mobile, parts: 2)).OrderBy(p => p.Part).ToList();
        Assert.All(parts, p => Assert.Equal((8, 2), (p.Coding, p.Parts)));
        Assert.Contains(new string('明', 60), string.Concat(parts.Select(p => p.Text)), StringComparison.Ordinal);
        Assert.Equal(2, (await bench.UntilAsync(MessageState.Delivered)).Parts);
    }

    [Fact]
    public async Task What_waits_in_Kannel_while_the_centre_is_down_arrives_later()
    {
        await using var kannel = await Kannel.StartAsync();
        await using var relay = await FakeHttpGateway.StartAsync();
        await using var bench = await StartAsync(kannel, relay);
        await kannel.DownAsync();
        await bench.QueueAsync();
        await bench.UntilAsync(MessageState.Sent);

        await kannel.UpAsync();

        await bench.UntilAsync(MessageState.Delivered);
        Assert.Single(await kannel.ToAsync(bench.User.Mobile));
    }

    [Fact]
    public async Task A_receipt_that_cannot_be_told_leaves_it_sent_and_a_second_gateway_comes_in()
    {
        await using var kannel = await Kannel.StartAsync();
        await using var relay = await FakeHttpGateway.StartAsync();
        await using var second = await FakeHttpGateway.StartAsync();
        await using var bench = await GatewayBench.StartAsync(
            server, kannel.Settings(0, relay.Address), GatewayBench.Webhook(1, "two", second.Address));
        relay.Answer = FakeHttpGateway.Status(500);
        await bench.QueueAsync();
        await relay.CallAsync();
        await bench.UntilAsync(MessageState.Sent);

        bench.Server.Clock.Advance(TimeSpan.FromSeconds(91));

        await bench.UntilAsync(m => m is { State: MessageState.Sent, Gateway: "two" });
    }

    [Fact]
    public async Task A_wrong_password_and_a_dead_Kannel_bring_the_second_gateway_at_once()
    {
        await using var kannel = await Kannel.StartAsync();
        await using var second = await FakeHttpGateway.StartAsync();
        await using (var refused = await GatewayBench.StartAsync(server, kannel.Settings(
            0, second.Address), GatewayBench.Of(0, ("Password", "wrong")), GatewayBench.Webhook(1, "two", second.Address)))
        {
            await refused.QueueAsync();
            Assert.Equal(("two", 2), ((await refused.UntilAsync(MessageState.Sent)).Gateway, (await refused.MessageAsync()).Attempts));
        }

        await kannel.DisposeAsync();
        await using var dead = await GatewayBench.StartAsync(
            server, kannel.Settings(0, second.Address), GatewayBench.Webhook(1, "two", second.Address));
        await dead.QueueAsync();
        Assert.Equal(("two", 2), ((await dead.UntilAsync(MessageState.Sent)).Gateway, (await dead.MessageAsync()).Attempts));
    }

    /// <summary>Kannel has to know our address before our port is chosen: the relay stands between.</summary>
    private async Task<GatewayBench> StartAsync(Kannel kannel, FakeHttpGateway relay)
    {
        var bench = await GatewayBench.StartAsync(server, kannel.Settings(0, relay.Address));
        relay.Answer = async (call, response) =>
        {
            var (status, _) = await bench.SendAsync(HttpMethod.Get, call.Path);
            response.StatusCode = (int)status;
            Assert.Equal(HttpStatusCode.NoContent, status);
        };
        return bench;
    }
}
