using System.Net;
using Countersign.Server.Features.Messaging.Messages;
using Countersign.Server.Tests.Hosting;

namespace Countersign.Server.Tests.Features.Programs.Api;

/// <summary>A request that is sent again has no second effect.</summary>
public abstract class IdempotencyTests(CountersignServer server)
{
    [Fact]
    public async Task A_repetition_gets_the_same_answer_and_sends_nothing()
    {
        var user = await server.UserAsync();
        var account = await server.AccountAsync("HK", user);
        using var api = await server.SignedInApiAsync();

        var first = await api.PostAsync(Path(account), Body("Once"), "the key");
        var again = await api.SendJsonAsync(
            HttpMethod.Post, Path(account), """{ "text": {"en": "Once"},   "topic": "trades" }""", "the key");

        Assert.Equal(HttpStatusCode.Accepted, first.Status);
        Assert.Equal(HttpStatusCode.Accepted, again.Status);
        Assert.Equal("true", again.Header("Idempotent-Replayed"));
        Assert.Equal(first.Body.GetRawText(), again.Body.GetRawText());
        Assert.Equal(1, await SentAsync(user));
    }

    [Fact]
    [Race]
    public async Task Of_fifty_at_once_one_has_an_effect_and_all_get_its_answer()
    {
        var user = await server.UserAsync();
        var account = await server.AccountAsync("HK", user);
        using var api = await server.SignedInApiAsync();

        var answers = await Task.WhenAll(Enumerable.Range(0, 50).Select(_ => api.PostAsync(Path(account), Body("Race"), "race")));

        Assert.All(answers, a => Assert.Equal(HttpStatusCode.Accepted, a.Status));
        Assert.Single(answers.Select(a => a.Body.GetRawText()).Distinct());
        Assert.Single(answers, a => a.Header("Idempotent-Replayed") is null);
        Assert.Equal(1, await SentAsync(user));
    }

    [Fact]
    public async Task Another_request_under_the_same_key_is_refused()
    {
        var user = await server.UserAsync();
        var account = await server.AccountAsync("HK", user);
        var other = await server.AccountAsync("HK", user);
        using var api = await server.SignedInApiAsync();
        await api.PostAsync(Path(account), Body("First"), "one key");

        var text = await api.PostAsync(Path(account), Body("Second"), "one key");
        var address = await api.PostAsync(Path(other), Body("First"), "one key");

        Assert.All([text, address], a => Assert.Equal(HttpStatusCode.UnprocessableEntity, a.Status));
        Assert.All([text, address], a => Assert.Equal("idempotency.other_request", a.Code));
        Assert.Equal(1, await SentAsync(user));
    }

    [Fact]
    public async Task Two_applications_do_not_meet_under_one_key()
    {
        var user = await server.UserAsync();
        var account = await server.AccountAsync("HK", user);
        using var one = await server.SignedInApiAsync();
        using var two = await server.SignedInApiAsync();

        await one.PostAsync(Path(account), Body("Hello"), "shared");
        var second = await two.PostAsync(Path(account), Body("Hello"), "shared");

        Assert.Null(second.Header("Idempotent-Replayed"));
        Assert.Equal(2, await SentAsync(user));
    }

    [Fact]
    public async Task A_refusal_leaves_the_key_free()
    {
        var user = await server.UserAsync();
        var account = await server.AccountAsync("HK");
        using var api = await server.SignedInApiAsync();
        var body = new { topic = "trades", text = new { en = "Late" }, user = user.Name };

        var refused = await api.PostAsync(Path(account), body, "later");
        await server.LinkAsync(account, user);
        var taken = await api.PostAsync(Path(account), body, "later");

        Assert.Equal("message.user_unknown", refused.Code);
        Assert.Equal(HttpStatusCode.Accepted, taken.Status);
        Assert.Equal(1, await SentAsync(user));
    }

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    [InlineData("12345678901234567890123456789012345678901234567890123456789012345")]
    [InlineData("a\tb")]
    public async Task A_key_is_needed(string? key)
    {
        var account = await server.AccountAsync("HK");
        using var api = await server.SignedInApiAsync();

        var answer = await api.PostAsync(Path(account), Body("x"), key);

        Assert.Equal(HttpStatusCode.BadRequest, answer.Status);
        Assert.Equal("idempotency.key_missing", answer.Code);
    }

    [Fact]
    public async Task After_a_day_a_key_is_new()
    {
        await using var own = await server.FreshAsync();
        var user = await own.UserAsync();
        var account = await own.AccountAsync("HK", user);
        var application = await own.ApplicationAsync();
        using var api = own.Api();
        api.Use(await CountersignServer.TokenAsync(api, application));
        await api.PostAsync(Path(account), Body("Daily"), "daily");
        own.Clock.Advance(TimeSpan.FromHours(24));
        api.Use(await CountersignServer.TokenAsync(api, application));

        var next = await api.PostAsync(Path(account), Body("Daily"), "daily");

        Assert.Equal(HttpStatusCode.Accepted, next.Status);
        Assert.Null(next.Header("Idempotent-Replayed"));
    }

    private static string Path(string account) => $"/api/v1/accounts/{account}/messages";

    private static object Body(string text) => new { topic = "trades", text = new { en = text } };

    private async Task<int> SentAsync(TestUser user) =>
        (await server.RowsAsync<Message>(m => m.UserId == user.Id && m.Template == "topic-message")).Count;
}

public sealed class IdempotencyOnSqlite(OnSqlite server) : IdempotencyTests(server);

public sealed class IdempotencyOnPostgres(OnPostgres server) : IdempotencyTests(server);
