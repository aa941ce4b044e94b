using System.Globalization;
using System.Net;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Countersign.Server.Features.Messaging.Messages;
using Countersign.Server.Features.Messaging.Messages.Gateways;
using Countersign.Server.Tests.Guards;
using Countersign.Server.Tests.Hosting;

namespace Countersign.Server.Tests.Features.Messaging.Messages.Gateways;

/// <summary>Messages by signed requests to the operator's own program, and its signed receipts.</summary>
public abstract class WebhookTests(CountersignServer server)
{
    [Fact]
    public async Task A_request_is_signed_as_the_operations_say()
    {
        await using var gateway = await FakeHttpGateway.StartAsync();
        await using var bench = await GatewayBench.StartAsync(server, GatewayBench.Webhook(0, "own", gateway.Address));
        await bench.QueueAsync();
        var call = await gateway.CallAsync();
        var body = JsonDocument.Parse(call.Body).RootElement;
        var id = body.GetProperty("id").GetString()!;

        Assert.Equal(id, call.Headers["Idempotency-Key"]);
        Assert.Equal(
            ("sms", bench.User.Mobile, "en", GatewayBench.Template), (Text("channel"), Text("to"), Text("language"), Text("template")));
        Assert.Contains(bench.User.Name, Text("text"), StringComparison.Ordinal);
        Assert.False(body.TryGetProperty("subject", out _));
        Assert.Equal((await bench.MessageAsync()).ExpiresAt, body.GetProperty("expires_at").GetDateTimeOffset());

        // By hand, as another implementer would from the document.
        var timestamp = call.Headers["Countersign-Timestamp"];
        Assert.Equal(bench.Server.Clock.GetUtcNow().ToUnixTimeSeconds().ToString(CultureInfo.InvariantCulture), timestamp);
        var mac = HMACSHA256.HashData(
            Encoding.UTF8.GetBytes(GatewayBench.Secret), Encoding.UTF8.GetBytes($"v1.send.{timestamp}.{id}.{call.Body}"));
        Assert.Equal("v1=" + Convert.ToHexStringLower(mac), call.Headers["Countersign-Signature"]);
        var sent = await bench.UntilAsync(MessageState.Sent);
        Assert.Equal(("own", "provider-1"), (sent.Gateway, sent.ProviderId));

        string Text(string name) => body.GetProperty(name).GetString()!;
    }

    [Fact]
    public async Task A_mail_has_its_subject()
    {
        await using var gateway = await FakeHttpGateway.StartAsync();
        await using var bench = await GatewayBench.StartAsync(server, GatewayBench.Webhook(0, "own", gateway.Address, channel: "email"));
        await bench.QueueAsync(channel: MessageChannel.Email);
        var body = JsonDocument.Parse((await gateway.CallAsync()).Body).RootElement;
        var message = await bench.UntilAsync(MessageState.Sent);

        Assert.Equal(("email", bench.User.Email), (body.GetProperty("channel").GetString(), body.GetProperty("to").GetString()));
        Assert.False(string.IsNullOrEmpty(body.GetProperty("subject").GetString()));
        Assert.Equal((null, null, 0), (message.Range, message.Region, message.Parts));
    }

    [Fact]
    public async Task A_lost_answer_is_repeated_under_the_same_key()
    {
        await using var gateway = await FakeHttpGateway.StartAsync();
        gateway.Answer = FakeHttpGateway.BreakAsync;
        await using var bench = await GatewayBench.StartAsync(server, GatewayBench.Webhook(0, "own", gateway.Address));
        await bench.QueueAsync();
        await bench.UntilAsync(m => m is { State: MessageState.Queued, Attempts: 1, Failure: "broken" });
        gateway.Answer = FakeHttpGateway.Status(503);
        bench.Server.Clock.Advance(TimeSpan.FromSeconds(2));
        await bench.UntilAsync(m => m is { State: MessageState.Queued, Attempts: 2, Failure: "503" });
        gateway.Answer = FakeHttpGateway.TakeAsync;
        bench.Server.Clock.Advance(TimeSpan.FromSeconds(4));
        await bench.UntilAsync(MessageState.Sent);

        Assert.Equal(3, gateway.Calls.Count);
        Assert.Single(gateway.Calls.Select(c => c.Headers["Idempotency-Key"]).Distinct());
    }

    [Fact]
    public async Task A_receipt_counts_only_if_it_is_signed_for_this_message_and_now()
    {
        await using var gateway = await FakeHttpGateway.StartAsync();
        await using var bench = await GatewayBench.StartAsync(server, GatewayBench.Webhook(0, "own", gateway.Address, receipts: true));
        await bench.QueueAsync();
        var call = await gateway.CallAsync();
        var id = call.Headers["Idempotency-Key"];
        await bench.UntilAsync(MessageState.Sent);
        const string Delivered = """{"status":"delivered"}""";

        Assert.Equal(
            HttpStatusCode.Forbidden,
            await bench.WebhookReceiptAsync("own", id, Delivered, secret: "another secret of more than 32 characters"));
        Assert.Equal(HttpStatusCode.Forbidden, await bench.WebhookReceiptAsync("own", id, Delivered, age: TimeSpan.FromMinutes(6)));
        Assert.Equal(HttpStatusCode.Forbidden, await bench.WebhookReceiptAsync("own", id, Delivered, age: TimeSpan.FromMinutes(-6)));
        Assert.Equal(HttpStatusCode.Forbidden, await bench.WebhookReceiptAsync("own", id, call.Body, direction: WebhookSignature.Outwards));
        Assert.Equal(HttpStatusCode.NotFound, await bench.WebhookReceiptAsync("own", id[..^4] + "AAAA", Delivered));
        foreach (var wrong in new[] { "", "[1,2", "{}", "null", """{"status":"invented"}""", """{"status":7}""" })
        {
            Assert.Equal(HttpStatusCode.UnprocessableEntity, await bench.WebhookReceiptAsync("own", id, wrong));
        }

        Assert.Equal(MessageState.Sent, (await bench.MessageAsync()).State);
        Assert.Equal(HttpStatusCode.NoContent, await bench.WebhookReceiptAsync("own", id, Delivered));
        Assert.Equal(HttpStatusCode.NoContent, await bench.WebhookReceiptAsync("own", id, Delivered));
        Assert.Equal(HttpStatusCode.NoContent, await bench.WebhookReceiptAsync("own", id, """{"status":"failed","code":"X1"}"""));
        Assert.Equal((MessageState.Delivered, (string?)null), ((await bench.MessageAsync()).State, (await bench.MessageAsync()).Failure));
    }

    [Fact]
    public async Task A_receipt_may_say_that_it_failed_or_ran_out()
    {
        await using var gateway = await FakeHttpGateway.StartAsync();
        foreach (var (status, state) in new[] { ("failed", MessageState.Failed), ("expired", MessageState.Expired) })
        {
            await using var bench = await GatewayBench.StartAsync(server, GatewayBench.Webhook(0, "own", gateway.Address, receipts: true));
            await bench.QueueAsync();
            await bench.UntilAsync(MessageState.Sent);

            Assert.Equal(HttpStatusCode.NoContent, await bench.WebhookReceiptAsync(
                "own", gateway.Calls[^1].Headers["Idempotency-Key"], $$"""{"status":"{{status}}","code":"X1"}"""));
            Assert.Equal((state, "X1"), ((await bench.MessageAsync()).State, (await bench.MessageAsync()).Failure));
        }
    }

    [Fact]
    [Claim("D17")]
    public async Task A_name_that_leads_into_the_own_network_is_not_called()
    {
        await using var bench = await GatewayBench.StartAsync(
            server, GatewayBench.Of(0, ("Kind", "webhook"), ("Id", "own"), ("Url", "https://localhost/"), ("Secret", GatewayBench.Secret)));
        await bench.QueueAsync();

        Assert.Equal("address", (await bench.UntilAsync(m => m.Failure is not null)).Failure);
    }
}

public sealed class WebhookOnSqlite(OnSqlite server) : WebhookTests(server);

public sealed class WebhookOnPostgres(OnPostgres server) : WebhookTests(server);
