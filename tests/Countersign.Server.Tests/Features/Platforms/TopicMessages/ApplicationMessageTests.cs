using System.Net;
using System.Text.Json;
using Countersign.Server.Features.Messaging.Messages;
using Countersign.Server.Tests.Hosting;

namespace Countersign.Server.Tests.Features.Platforms.TopicMessages;

/// <summary>Messages that a relying application sends to an account (S36).</summary>
public abstract class ApplicationMessageTests(CountersignServer server)
{
    private static int _keys;

    [Fact]
    public async Task Each_user_who_wants_the_topic_gets_it_in_the_own_language()
    {
        var english = await server.UserAsync(language: "en");
        var chinese = await server.UserAsync(language: "zh-Hant");
        var simplified = await server.UserAsync(language: "zh-Hans");
        var unverified = await server.UserAsync(verified: false);
        var account = await server.AccountAsync("HK", english, chinese, simplified, unverified);
        using var api = await server.SignedInApiAsync(["messages.write"]);

        var answer = await api.PostAsync(Path(account), new Dictionary<string, object>
        {
            ["topic"] = "trades",
            ["text"] = new Dictionary<string, string> { ["en"] = "Bought 100 shares {0}", ["zh-Hant"] = "已買入 100 股" },
        }, NewKey());

        Assert.Equal(HttpStatusCode.Accepted, answer.Status);
        Assert.Null(answer.Header("Idempotent-Replayed"));
        var states = answer.Body.EnumerateArray().ToDictionary(
            u => u.GetProperty("user").GetString()!, u => u.GetProperty("state").GetString());
        Assert.Equal(
            ("queued", "queued", "queued", "no_verified_number"),
            (states[english.Name], states[chinese.Name], states[simplified.Name], states[unverified.Name]));
        Assert.Equal("Countersign: Bought 100 shares {0}", await server.SmsAsync(english, "Bought"));
        Assert.Equal("Countersign：已買入 100 股", await server.SmsAsync(chinese, "買入"));
        Assert.Equal("Countersign: Bought 100 shares {0}", await server.SmsAsync(simplified, "Bought"));
    }

    [Fact]
    public async Task Where_a_message_is_can_be_asked()
    {
        var user = await server.UserAsync();
        var account = await server.AccountAsync("HK", user);
        var other = await server.AccountAsync("HK", await server.UserAsync());
        using var api = await server.SignedInApiAsync();
        var id = (await api.PostAsync(Path(account), Body("About to arrive"), NewKey())).Body[0].GetProperty("message_id").GetString();
        await server.SmsAsync(user, "About to arrive");
        await server.SettledAsync();

        var found = await api.GetAsync($"{Path(account)}/{id}");

        Assert.Equal(user.Name, found.Body.GetProperty("user").GetString());
        Assert.Equal("delivered", found.Body.GetProperty("state").GetString());
        Assert.Equal("message.unknown", (await api.GetAsync($"{Path(other)}/{id}")).Code);
        Assert.Equal("message.unknown", (await api.GetAsync($"{Path(account)}/nothing")).Code);
        Assert.Equal("account.unknown", (await api.GetAsync($"{Path("none")}/{id}")).Code);
    }

    /// <summary>Codes and notices are ours, and their state is nobody else's.</summary>
    [Fact]
    public async Task Only_an_applications_messages_are_told_of()
    {
        var user = await server.UserAsync();
        var account = await server.AccountAsync("HK", user);
        await server.QueueAsync(user, 1, TimeSpan.FromMinutes(5));
        var notice = Assert.Single(await server.RowsAsync<Message>(m => m.UserId == user.Id && m.Template == "notice-password-changed"));
        using var api = await server.SignedInApiAsync();

        Assert.Equal("message.unknown", (await api.GetAsync($"{Path(account)}/{notice.Id}")).Code);
    }

    [Fact]
    public async Task A_topic_that_is_switched_off_is_not_sent()
    {
        var user = await server.UserAsync();
        var account = await server.AccountAsync("HK", user);
        using var api = await server.SignedInApiAsync();
        var unasked = await api.PostAsync(Path(account), Body("Offer", "marketing"), NewKey());
        using var browser = server.Browser();
        await server.SignInAsync(browser, user);
        var page = await browser.GetAsync("/settings/messages");
        await browser.PostAsync("/settings/messages", CountersignServer.Fields(page, ("topic", "marketing")));

        var asked = await api.PostAsync(Path(account), Body("Offer", "marketing"), NewKey());
        var trades = await api.PostAsync(Path(account), Body("Trade", "trades"), NewKey());

        Assert.Equal("topic_off", State(unasked));
        Assert.Equal("queued", State(asked));
        Assert.Equal("topic_off", State(trades));
        Assert.Equal(JsonValueKind.Null, trades.Body[0].GetProperty("message_id").ValueKind);
    }

    [Fact]
    public async Task One_user_can_be_named()
    {
        var one = await server.UserAsync();
        var account = await server.AccountAsync("HK", one, await server.UserAsync());
        var stranger = await server.UserAsync();
        using var api = await server.SignedInApiAsync();

        var named = await api.PostAsync(
            Path(account), new { topic = "account", text = new { en = "Hello" }, user = one.Name.ToUpperInvariant() }, NewKey());
        var unknown = await api.PostAsync(
            Path(account), new { topic = "account", text = new { en = "Hello" }, user = stranger.Name }, NewKey());

        Assert.Equal(one.Name, Assert.Single(named.Body.EnumerateArray()).GetProperty("user").GetString());
        Assert.Equal(HttpStatusCode.NotFound, unknown.Status);
        Assert.Equal("message.user_unknown", unknown.Code);
    }

    [Theory]
    [InlineData("""{"topic": "security", "text": {"en": "x"}}""", "topic")]
    [InlineData("""{"text": {"en": "x"}}""", "topic")]
    [InlineData("""{"topic": "trades"}""", "text.en")]
    [InlineData("""{"topic": "trades", "text": {"en": " "}}""", "text.en")]
    [InlineData("""{"topic": "trades", "text": {"en": "x\ny"}}""", "text.en")]
    [InlineData("""{"topic": "trades", "text": {"en": "x", "zh-Hans": "x\u0001y"}}""", "text.zh-Hans")]
    public async Task What_cannot_be_sent_is_told_at_its_field(string json, string field)
    {
        using var api = await server.SignedInApiAsync();

        var answer = await api.SendJsonAsync(HttpMethod.Post, Path("none"), json, NewKey());

        Assert.Equal(HttpStatusCode.UnprocessableEntity, answer.Status);
        Assert.Equal("api.invalid", answer.Code);
        Assert.Equal(field, Assert.Single(answer.Body.GetProperty("errors").EnumerateObject()).Name);
    }

    [Theory]
    [InlineData('x', 599, true)]
    [InlineData('x', 600, false)]
    [InlineData('好', 255, true)]
    [InlineData('好', 256, false)]
    public async Task A_text_has_four_parts_at_most_with_the_brokers_name(char c, int length, bool fits)
    {
        var account = await server.AccountAsync("HK");
        using var api = await server.SignedInApiAsync();

        var answer = await api.PostAsync(Path(account), Body(new string(c, length)), NewKey());

        Assert.Equal(fits ? HttpStatusCode.Accepted : HttpStatusCode.UnprocessableEntity, answer.Status);
    }

    [Theory]
    [InlineData("{", HttpStatusCode.BadRequest, "api.malformed")]
    [InlineData("[]", HttpStatusCode.BadRequest, "api.malformed")]
    [InlineData("null", HttpStatusCode.BadRequest, "api.malformed")]
    [InlineData("", HttpStatusCode.BadRequest, "api.malformed")]
    [InlineData("""{"topic": 1}""", HttpStatusCode.BadRequest, "api.malformed")]
    [InlineData("""{"topik": "trades"}""", HttpStatusCode.BadRequest, "api.malformed")]
    public async Task What_is_no_request_is_malformed(string json, HttpStatusCode status, string code)
    {
        using var api = await server.SignedInApiAsync();

        var answer = await api.SendJsonAsync(HttpMethod.Post, Path("none"), json, NewKey());

        Assert.Equal(status, answer.Status);
        Assert.Equal(code, answer.Code);
    }

    [Fact]
    public async Task Other_bodies_methods_and_addresses_have_their_codes()
    {
        using var api = await server.SignedInApiAsync();

        var huge = await api.PostAsync(Path("none"), Body(new string('x', 100_000)), NewKey());
        var form = await api.SendJsonAsync(HttpMethod.Post, Path("none"), "topic=trades", NewKey(), "application/x-www-form-urlencoded");
        var method = await api.SendJsonAsync(HttpMethod.Delete, Path("none"), "{}");
        var address = await api.GetAsync("/api/v1/nothing");
        var version = await api.GetAsync("/api/v2/accounts/none/restrictions");

        Assert.Equal((HttpStatusCode.RequestEntityTooLarge, "api.too_large"), (huge.Status, huge.Code));
        Assert.Equal((HttpStatusCode.UnsupportedMediaType, "api.not_json"), (form.Status, form.Code));
        Assert.Equal((HttpStatusCode.MethodNotAllowed, "api.no_such_method"), (method.Status, method.Code));
        Assert.Contains("POST", method.Response.Content.Headers.Allow);
        Assert.Equal((HttpStatusCode.NotFound, "api.no_such_address"), (address.Status, address.Code));
        Assert.Equal((HttpStatusCode.NotFound, "api.no_such_address"), (version.Status, version.Code));
    }

    private static string Path(string account) => $"/api/v1/accounts/{account}/messages";

    private static string NewKey() => $"key {Interlocked.Increment(ref _keys)}";

    private static object Body(string text, string topic = "trades") => new { topic, text = new { en = text } };

    private static string? State(ApiAnswer answer) => Assert.Single(answer.Body.EnumerateArray()).GetProperty("state").GetString();
}

public sealed class ApplicationMessageOnSqlite(OnSqlite server) : ApplicationMessageTests(server);

public sealed class ApplicationMessageOnPostgres(OnPostgres server) : ApplicationMessageTests(server);
