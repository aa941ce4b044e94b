using System.Net;
using System.Text;
using Countersign.Server.Features.Confirming.Challenges;
using Countersign.Server.Features.Ground.Signals;
using Countersign.Server.Features.Messaging.Messages;
using Countersign.Server.Features.Messaging.Messages.Gateways;
using Countersign.Server.Tests.Guards;
using Countersign.Server.Tests.Hosting;
using Countersign.Testing;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;

namespace Countersign.Server.Tests.Features.Messaging.Messages.Gateways;

/// <summary>SMS and calls by Twilio, and what it reports.</summary>
public abstract class TwilioTests(CountersignServer server)
{
    private static readonly TimeSpan Ceiling = Waiting.Ceiling;

    [Fact]
    public async Task A_message_is_posted_and_a_signed_receipt_makes_it_delivered()
    {
        await using var gateway = await FakeHttpGateway.StartAsync();
        await using var bench = await GatewayBench.StartAsync(server, GatewayBench.Twilio(0, "main", gateway.Address));
        await bench.QueueAsync();
        var call = await gateway.CallAsync();

        Assert.Equal($"/2010-04-01/Accounts/{GatewayBench.Account}/Messages.json", call.Path);
        Assert.Equal(
            "Basic " + Convert.ToBase64String(Encoding.ASCII.GetBytes($"{GatewayBench.Account}:{GatewayBench.Token}")),
            call.Headers["Authorization"]);
        Assert.Equal((bench.User.Mobile, "+15005550006", "3600"), (call.Field("To"), call.Field("From"), call.Field("ValidityPeriod")));
        Assert.Contains(bench.User.Name, call.Field("Body"), StringComparison.Ordinal);
        var receipts = call.Field("StatusCallback");
        Assert.StartsWith("https://broker.example/gateways/main/receipts/", receipts, StringComparison.Ordinal);
        var sent = await bench.UntilAsync(MessageState.Sent);
        Assert.Equal(
            ("main", "SM0123456789abcdef0123456789abcdef", 1, 1, true),
            (sent.Gateway, sent.ProviderId, sent.Attempts, sent.Parts, sent.Content is null));
        Assert.Equal((bench.User.Mobile[..^4], "HK"), (sent.Range, sent.Region));

        Assert.Equal(HttpStatusCode.Forbidden, await bench.TwilioReceiptAsync(receipts, "delivered", token: "another-token"));
        Assert.Equal(MessageState.Sent, (await bench.MessageAsync()).State);
        Assert.Equal(HttpStatusCode.NoContent, await bench.TwilioReceiptAsync(receipts, "delivered", also: r =>
        {
            r.Headers.Host = "elsewhere.example";
            r.Headers.Add("X-Forwarded-Host", "evil.example");
            r.Headers.Add("X-Forwarded-Proto", "http");
        }));
        Assert.Equal(MessageState.Delivered, (await bench.MessageAsync()).State);
    }

    [Fact]
    public async Task Receipts_may_come_twice_and_in_any_order()
    {
        await using var gateway = await FakeHttpGateway.StartAsync();
        await using var bench = await GatewayBench.StartAsync(server, GatewayBench.Twilio(0, "main", gateway.Address));
        await bench.QueueAsync();
        var receipts = (await gateway.CallAsync()).Field("StatusCallback");
        await bench.UntilAsync(MessageState.Sent);

        foreach (var (status, state) in new[]
        {
            ("sending", MessageState.Sent),
            ("undelivered", MessageState.Failed),
            ("sent", MessageState.Failed),
            ("delivered", MessageState.Delivered),
            ("delivered", MessageState.Delivered),
            ("failed", MessageState.Delivered),
            ("queued", MessageState.Delivered),
        })
        {
            Assert.Equal(HttpStatusCode.NoContent, await bench.TwilioReceiptAsync(receipts, status, error: "30003"));
            Assert.Equal(state, (await bench.MessageAsync()).State);
        }

        Assert.Equal(HttpStatusCode.UnprocessableEntity, await bench.TwilioReceiptAsync(receipts, "invented"));
    }

    [Fact]
    public async Task A_handle_that_we_did_not_make_is_unknown()
    {
        await using var gateway = await FakeHttpGateway.StartAsync();
        await using var bench = await GatewayBench.StartAsync(
            server, GatewayBench.Twilio(0, "main", gateway.Address), GatewayBench.Twilio(1, "other", gateway.Address));
        await bench.QueueAsync();
        var receipts = (await gateway.CallAsync()).Field("StatusCallback");
        var last = receipts[^1] == 'A' ? 'Q' : 'A';

        Assert.Equal(HttpStatusCode.NotFound, await bench.TwilioReceiptAsync(receipts[..^1] + last, "delivered"));
        Assert.Equal(
            HttpStatusCode.NotFound,
            await bench.TwilioReceiptAsync(receipts.Replace("/main/", "/other/", StringComparison.Ordinal), "delivered"));
        Assert.Equal(
            HttpStatusCode.NotFound,
            await bench.TwilioReceiptAsync(receipts.Replace("/main/", "/nobody/", StringComparison.Ordinal), "delivered"));
        var (status, body) = await bench.SendAsync(HttpMethod.Get, new Uri(receipts).AbsolutePath + "?status=1");
        Assert.Equal(HttpStatusCode.NotFound, status);
        Assert.Contains("messages.receipt_unknown", body, StringComparison.Ordinal);
        Assert.NotEqual(MessageState.Delivered, (await bench.MessageAsync()).State);
    }

    [Theory]
    [InlineData(429)]
    [InlineData(500)]
    [InlineData(503)]
    public async Task What_is_busy_or_broken_is_asked_again_after_a_pause(int status)
    {
        await using var gateway = await FakeHttpGateway.StartAsync();
        gateway.Answer = FakeHttpGateway.Status(status, """{"code":20429,"message":"Too Many Requests","status":429}""");
        await using var bench = await GatewayBench.StartAsync(server, GatewayBench.Twilio(0, "main", gateway.Address));
        await bench.QueueAsync();
        var waiting = await bench.UntilAsync(m => m is { State: MessageState.Queued, Attempts: 1 });
        Assert.Equal("20429", waiting.Failure);
        gateway.Answer = FakeHttpGateway.TakeAsync;

        bench.Server.Clock.Advance(TimeSpan.FromSeconds(2));

        var sent = await bench.UntilAsync(MessageState.Sent);
        Assert.Equal((2, (string?)null), (sent.Attempts, sent.Failure));
    }

    [Fact]
    public async Task What_is_refused_has_failed_for_good_and_its_code_is_kept()
    {
        await using var gateway = await FakeHttpGateway.StartAsync();
        gateway.Answer = FakeHttpGateway.Status(400, """{"code":21211,"message":"The 'To' number +1 is not valid.","status":400}""");
        await using var bench = await GatewayBench.StartAsync(server, GatewayBench.Twilio(0, "main", gateway.Address));
        await bench.QueueAsync();

        var failed = await bench.UntilAsync(MessageState.Failed);

        Assert.Equal(("21211", 1, true), (failed.Failure, failed.Attempts, failed.Content is null));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task An_answer_that_does_not_come_leaves_it_unknown_until_the_receipt(bool breaks)
    {
        await using var gateway = await FakeHttpGateway.StartAsync();
        gateway.Answer = breaks ? FakeHttpGateway.BreakAsync : FakeHttpGateway.HangAsync;
        (string, string)[] impatient = breaks ? [] : [("Messages:Gateways:0:Timeout", "00:00:01")];
        await using var bench = await GatewayBench.StartAsync(server, GatewayBench.Twilio(0, "main", gateway.Address), impatient);
        await bench.QueueAsync();
        var receipts = (await gateway.CallAsync()).Field("StatusCallback");
        var unknown = await bench.UntilAsync(MessageState.Unknown);
        Assert.Equal((breaks ? "broken" : "timeout", true), (unknown.Failure, unknown.Content is null));
        bench.Server.Clock.Advance(TimeSpan.FromMinutes(5));
        await bench.Server.AnotherOutbox().RunOnceAsync(TestContext.Current.CancellationToken);
        Assert.Single(gateway.Calls);

        Assert.Equal(HttpStatusCode.NoContent, await bench.TwilioReceiptAsync(receipts, "sent"));
        Assert.Equal(MessageState.Sent, (await bench.MessageAsync()).State);
        Assert.Equal(HttpStatusCode.NoContent, await bench.TwilioReceiptAsync(receipts, "delivered"));
        Assert.Equal(MessageState.Delivered, (await bench.MessageAsync()).State);
    }

    [Fact]
    [Claim("D17")]
    public async Task An_answer_is_not_followed_elsewhere()
    {
        await using var elsewhere = await FakeHttpGateway.StartAsync();
        await using var gateway = await FakeHttpGateway.StartAsync();
        gateway.Answer = (_, response) =>
        {
            response.StatusCode = StatusCodes.Status307TemporaryRedirect;
            response.Headers.Location = elsewhere.Address;
            return Task.CompletedTask;
        };
        await using var bench = await GatewayBench.StartAsync(server, GatewayBench.Twilio(0, "main", gateway.Address));
        await bench.QueueAsync();

        Assert.Equal("307", (await bench.UntilAsync(MessageState.Failed)).Failure);
        Assert.Empty(elsewhere.Calls);
    }

    [Fact]
    public async Task A_call_is_asked_for_and_says_how_it_ended()
    {
        await using var gateway = await FakeHttpGateway.StartAsync();
        await using var bench = await GatewayBench.StartAsync(
            server,
            GatewayBench.Twilio(0, "main", gateway.Address),
            [("Messages:Gateways:0:Channels:0", "sms"), ("Messages:Gateways:0:Channels:1", "voice")]);
        await bench.QueueAsync();
        var message = await bench.UntilAsync(MessageState.Sent);
        var voice = bench.Server.App.Services.GetRequiredService<MessageGateways>().For(MessageChannel.Voice).Single();

        var outcome = await voice.SendAsync(
            new OutgoingMessage(message.Id, bench.User.Mobile, null, "Your code is 402913.")
            {
                UserId = bench.User.Id,
                Attempt = 1,
                Language = "zh-Hans",
            }, TestContext.Current.CancellationToken);

        Assert.IsType<Submission.Accepted>(outcome);
        var call = gateway.Calls[^1];
        Assert.EndsWith("/Calls.json", call.Path, StringComparison.Ordinal);
        Assert.Equal((bench.User.Mobile, "+15005550006"), (call.Field("To"), call.Field("From")));
        Assert.Contains("4, 0, 2, 9, 1, 3", call.Field("Twiml"), StringComparison.Ordinal);
        Assert.Equal(
            HttpStatusCode.NoContent, await bench.TwilioReceiptAsync(call.Field("StatusCallback"), "ringing", field: "CallStatus"));
        Assert.Equal(HttpStatusCode.NoContent, await bench.TwilioReceiptAsync(call.Field("StatusCallback"), "busy", field: "CallStatus"));
        Assert.Equal((MessageState.Failed, "busy"), ((await bench.MessageAsync()).State, (await bench.MessageAsync()).Failure));
        Assert.Equal(
            HttpStatusCode.NoContent, await bench.TwilioReceiptAsync(call.Field("StatusCallback"), "completed", field: "CallStatus"));
        Assert.Equal(MessageState.Delivered, (await bench.MessageAsync()).State);
    }

    [Fact]
    public async Task A_receipt_wakes_the_page_that_waits_for_the_code()
    {
        await using var gateway = await FakeHttpGateway.StartAsync();
        await using var bench = await GatewayBench.StartAsync(server, GatewayBench.Twilio(0, "main", gateway.Address));
        var user = await bench.Server.UserAsync();
        using var browser = bench.Server.Browser();
        var page = await CountersignServer.TypePasswordAsync(browser, user.Name, user.Password);
        Assert.True(ChallengeHandle.TryParse(page.Path.Split('/')[^1], null, out var handle));
        await Waiting.UntilAsync(
            async () => (await bench.Server.RowsAsync<Message>(m => m.ChallengeId == handle.Id)).Single().State == MessageState.Sent,
            Ceiling);
        var call = gateway.Calls.Single(c => TestGateway.SixDigits().IsMatch(c.Field("Body")));
        TestSecrets.Note(TestGateway.SixDigits().Match(call.Field("Body")).Value);
        using var waiter = bench.Server.App.Services.GetRequiredService<ChallengeSignals>().Subscribe(handle.Id);

        Assert.Equal(HttpStatusCode.NoContent, await bench.TwilioReceiptAsync(call.Field("StatusCallback"), "delivered"));

        await waiter.NextAsync(TestContext.Current.CancellationToken).WaitAsync(
            Ceiling, TimeProvider.System, TestContext.Current.CancellationToken);
        using var look = new HttpRequestMessage(HttpMethod.Get, $"/challenges/{handle}");
        using var status = await browser.SendRawAsync(look);
        Assert.Contains(
            "\"delivery\":\"delivered\"",
            await status.Content.ReadAsStringAsync(TestContext.Current.CancellationToken),
            StringComparison.Ordinal);
    }

    [Fact]
    public void Its_published_vector_is_signed_alike()
    {
        var form = new Dictionary<string, string>
        {
            ["CallSid"] = "CA1234567890ABCDE",
            ["Caller"] = "+14158675309",
            ["Digits"] = "1234",
            ["From"] = "+14158675309",
            ["To"] = "+18005551212",
        };
        const string Address = "https://mycompany.com/myapp.php?foo=1&bar=2";

        Assert.Equal("RSOYDt4T1cUTdK1PDd93/VVr8B8=", TwilioSignature.Sign("12345", Address, form));
        Assert.True(TwilioSignature.IsGenuine("12345", Address, form, "RSOYDt4T1cUTdK1PDd93/VVr8B8="));
        Assert.False(TwilioSignature.IsGenuine("12345", Address, form, "RSOYDt4T1cUTdK1PDd93/VVr8B9="));
        Assert.False(TwilioSignature.IsGenuine("12345", Address, form, null));
    }

    [Fact]
    public void A_call_reads_the_digits_one_by_one_twice_in_the_language_of_the_text()
    {
        var twiml = TwilioVoiceGateway.Twiml("A & B: 402913.", "zh-Hant");

        Assert.Equal(2, twiml.Split("A &amp; B: 4, 0, 2, 9, 1, 3.").Length - 1);
        Assert.Contains("<Say language=\"zh-HK\">", twiml, StringComparison.Ordinal);
        Assert.Equal(2, twiml.Split("<Say ").Length - 1);
    }
}

public sealed class TwilioOnSqlite(OnSqlite server) : TwilioTests(server);

public sealed class TwilioOnPostgres(OnPostgres server) : TwilioTests(server);
