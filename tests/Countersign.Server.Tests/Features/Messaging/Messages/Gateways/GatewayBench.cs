using System.Globalization;
using System.Net;
using Countersign.Server.Features.Messaging.Messages;
using Countersign.Server.Features.Messaging.Messages.Gateways;
using Countersign.Server.Tests.Hosting;
using Countersign.Testing;

namespace Countersign.Server.Tests.Features.Messaging.Messages.Gateways;

/// <summary>A server of its own with configured gateways, and what gateways send to it.</summary>
internal sealed class GatewayBench : IAsyncDisposable
{
    public const string Token = "twilio-token-of-the-tests";
    public const string Secret = "webhook-secret-of-the-tests-000000000001";
    public const string Account = "AC0123456789abcdef0123456789abcdef";
    public const string Template = "notice-password-changed";

    // Loopback answers within milliseconds; a busy machine may take long over it. Tests of a gateway that does not answer set their own.
    private const string Patient = "00:00:20";

    private static readonly TimeSpan Ceiling = Waiting.Ceiling;
    private readonly TestBrowser _gateway;

    private GatewayBench(CountersignServer server) => (Server, _gateway) = (server, new TestBrowser(server.Address));

    public CountersignServer Server { get; }

    public TestUser User { get; private set; } = null!;

    public static (string Key, string Value)[] Twilio(int place, string id, string address, string sender = "+15005550006") =>
        Of(
            place, ("Kind", "twilio"), ("Id", id), ("Url", address), ("User", Account), ("Password", Token), ("Sender", sender),
            ("AllowPrivateAddress", "true"), ("Timeout", Patient));

    public static (string Key, string Value)[] Webhook(
        int place, string id, string address, bool receipts = false, string channel = "sms") =>
        Of(
            place, ("Kind", "webhook"), ("Id", id), ("Url", address), ("Secret", Secret), ("AllowPrivateAddress", "true"),
            ("Receipts", receipts ? "true" : "false"), ("Channels:0", channel), ("Timeout", Patient));

    public static (string Key, string Value)[] Of(int place, params (string Name, string Value)[] settings) =>
        [.. settings.Select(s => (string.Create(CultureInfo.InvariantCulture, $"Messages:Gateways:{place}:{s.Name}"), s.Value))];

    /// <summary>A user without a device: no message but the tests' own.</summary>
    public static async Task<GatewayBench> StartAsync(CountersignServer like, params IEnumerable<(string Key, string Value)>[] settings)
    {
        TestSecrets.Note(Token);
        TestSecrets.Note(Secret);
        var bench = new GatewayBench(await like.FreshAsync([.. settings.SelectMany(s => s)]));
        bench.User = await bench.Server.UserAsync(verified: false);
        return bench;
    }

    public Task QueueAsync(
        int count = 1, TimeSpan? lifetime = null, MessageChannel channel = MessageChannel.Sms, string language = "en",
        string when = "today") =>
        Server.QueueAsync(User, count, lifetime ?? TimeSpan.FromHours(1), channel, language, when);

    /// <summary>Another user, for another message.</summary>
    public async Task NextUserAsync() => User = await Server.UserAsync(verified: false);

    public async Task<Message> MessageAsync() => Assert.Single(await Server.RowsAsync<Message>(m => m.UserId == User.Id));

    /// <summary>The one message, once it is so.</summary>
    public async Task<Message> UntilAsync(Func<Message, bool> so)
    {
        Message? message = null;
        await Waiting.UntilAsync(
            async () =>
            {
                await Server.AnotherOutbox().RunOnceAsync(CancellationToken.None);
                return so(message = await MessageAsync());
            },
            Ceiling);
        return message!;
    }

    public Task<Message> UntilAsync(MessageState state) => UntilAsync(m => m.State == state);

    /// <summary>A receipt as Twilio posts it, to the path of an address that we gave.</summary>
    public async Task<HttpStatusCode> TwilioReceiptAsync(
        string address, string status, string token = Token, string? error = null, Action<HttpRequestMessage>? also = null,
        string field = "MessageStatus")
    {
        var form = new Dictionary<string, string> { ["MessageSid"] = "SM1", [field] = status, ["AccountSid"] = Account };
        if (error is not null)
        {
            form["ErrorCode"] = error;
        }

        using var request = new HttpRequestMessage(HttpMethod.Post, new Uri(address).AbsolutePath)
        {
            Content = new FormUrlEncodedContent(form),
        };
        request.Headers.Add("X-Twilio-Signature", TwilioSignature.Sign(token, address, form));
        also?.Invoke(request);
        using var response = await _gateway.SendOnceAsync(request);
        return response.StatusCode;
    }

    /// <summary>A receipt as a webhook posts it.</summary>
    public async Task<HttpStatusCode> WebhookReceiptAsync(
        string gateway, string id, string body, string secret = Secret, string direction = WebhookSignature.Inwards, TimeSpan age = default)
    {
        var at = (Server.Clock.GetUtcNow() - age).ToUnixTimeSeconds();
        var bytes = System.Text.Encoding.UTF8.GetBytes(body);
        using var request = new HttpRequestMessage(HttpMethod.Post, $"/gateways/{gateway}/receipts/{id}")
        {
            Content = new ByteArrayContent(bytes),
        };
        request.Headers.Add(WebhookSignature.TimestampHeader, at.ToString(CultureInfo.InvariantCulture));
        request.Headers.Add(WebhookSignature.SignatureHeader, WebhookSignature.Sign(secret, direction, at, id, bytes));
        using var response = await _gateway.SendOnceAsync(request);
        return response.StatusCode;
    }

    /// <summary>Any request to the server.</summary>
    public async Task<(HttpStatusCode Status, string Body)> SendAsync(HttpMethod method, string path)
    {
        using var request = new HttpRequestMessage(method, path);
        using var response = await _gateway.SendOnceAsync(request);
        return (response.StatusCode, await response.Content.ReadAsStringAsync());
    }

    public async ValueTask DisposeAsync()
    {
        _gateway.Dispose();
        await Server.DisposeAsync();
    }
}
