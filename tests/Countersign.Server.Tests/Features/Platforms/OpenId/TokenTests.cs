using System.Buffers.Text;
using System.Net;
using System.Text.Json;
using Countersign.Server.Features.Ground.Audit;
using Countersign.Server.Features.Programs.Applications;
using Countersign.Server.Tests.Hosting;
using Countersign.Testing;

namespace Countersign.Server.Tests.Features.Platforms.OpenId;

/// <summary>How an application gets a token, and what ends its access.</summary>
public abstract class TokenTests(CountersignServer server)
{
    private const string Anything = "/api/v1/accounts/none/restrictions";

    [Fact]
    public async Task The_right_secret_gives_a_token_that_the_api_takes()
    {
        var application = await server.ApplicationAsync();
        using var api = server.Api();

        var answer = await api.TokenAsync(application.ClientId, application.Secret);

        Assert.Equal(HttpStatusCode.OK, answer.Status);
        Assert.Equal("Bearer", answer.Body.GetProperty("token_type").GetString());
        Assert.InRange(answer.Body.GetProperty("expires_in").GetInt32(), 590, 600);
        api.Use(answer.Body.GetProperty("access_token").GetString()!);
        Assert.Equal("account.unknown", (await api.GetAsync(Anything)).Code);
    }

    [Fact]
    public async Task A_token_is_signed_with_ES256_and_costs_no_row()
    {
        var application = await server.ApplicationAsync();
        using var api = server.Api();

        var token = await CountersignServer.TokenAsync(api, application);

        var header = JsonSerializer.Deserialize<JsonElement>(Base64Url.DecodeFromChars(token.Split('.')[0]));
        Assert.Equal("ES256", header.GetProperty("alg").GetString());
        Assert.Equal("at+jwt", header.GetProperty("typ").GetString());
        Assert.Equal(0, await server.CountAsync<OpenIdToken>());
        Assert.Equal(0, await server.CountAsync<OpenIdAuthorization>());
    }

    [Fact]
    public async Task Discovery_says_what_there_is()
    {
        using var api = server.Api();

        var discovery = (await api.GetAsync("/.well-known/openid-configuration")).Body;

        Assert.Equal("https://broker.example/", discovery.GetProperty("issuer").GetString());
        Assert.Equal("https://broker.example/connect/token", discovery.GetProperty("token_endpoint").GetString());
        Assert.Equal("client_credentials", Assert.Single(discovery.GetProperty("grant_types_supported").EnumerateArray()).GetString());
        var keys = (await api.GetAsync("/.well-known/jwks")).Body.GetProperty("keys");
        Assert.Equal("P-256", Assert.Single(keys.EnumerateArray()).GetProperty("crv").GetString());
    }

    [Fact]
    public async Task A_wrong_secret_and_an_unknown_client_are_answered_alike()
    {
        var application = await server.ApplicationAsync();
        using var api = server.Api();

        var wrong = await api.TokenAsync(application.ClientId, application.Secret + "x");
        var unknown = await api.TokenAsync(application.ClientId + "x", application.Secret);

        Assert.All([wrong, unknown], a => Assert.Equal(HttpStatusCode.Unauthorized, a.Status));
        Assert.Equal("invalid_client", wrong.Body.GetProperty("error").GetString());
        Assert.Equal(wrong.Body.GetRawText(), unknown.Body.GetRawText());
        Assert.Contains(
            await server.RowsAsync<AuditEvent>(e => e.Event == AuditEvents.ApplicationSecretWrong),
            e => e.ActorId == application.ClientId);
    }

    [Fact]
    public async Task Without_a_secret_or_over_plain_HTTP_there_is_no_token()
    {
        var application = await server.ApplicationAsync();
        using var api = server.Api();
        using var plain = new TestBrowser(server.Address);

        var none = await api.TokenAsync(application.ClientId, secret: null);
        var form = new Dictionary<string, string>
        {
            ["grant_type"] = "client_credentials",
            ["client_id"] = application.ClientId,
            ["client_secret"] = application.Secret,
        };
        using var overPlain = await plain.PostRawAsync(new Uri(server.Address, "/connect/token"), form);

        Assert.Equal(HttpStatusCode.BadRequest, none.Status);
        Assert.Equal(HttpStatusCode.BadRequest, overPlain.StatusCode);
    }

    /// <summary>How often one may try tells nobody which ids there are.</summary>
    [Fact]
    public async Task A_client_that_is_unknown_is_told_to_wait_as_often_as_one_that_is_known()
    {
        var application = await server.ApplicationAsync();
        using var stranger = server.Api();
        using var another = server.Api();
        List<string> known = [], unknown = [];
        for (var i = 0; i < 22; i++)
        {
            known.Add(Seen(await stranger.TokenAsync(application.ClientId, "countersign_cs_wrong")));
            unknown.Add(Seen(await another.TokenAsync(application.ClientId + "x", "countersign_cs_wrong")));
        }

        Assert.Equal(known, unknown);
        Assert.StartsWith("429", known[^1], StringComparison.Ordinal);
        Assert.Equal(
            Seen(await stranger.TokenAsync(application.ClientId, secret: null)),
            Seen(await stranger.TokenAsync(application.ClientId + "x", secret: null)));

        static string Seen(ApiAnswer answer) => $"{(int)answer.Status} {answer.Header("Retry-After")} {answer.Body.GetRawText()}";
    }

    [Fact]
    public async Task Many_wrong_secrets_slow_their_source_and_lock_nobody_out()
    {
        var application = await server.ApplicationAsync();
        using var stranger = server.Api();
        var answers = new List<ApiAnswer>();
        for (var i = 0; i < 25; i++)
        {
            answers.Add(await stranger.TokenAsync(application.ClientId, "countersign_cs_wrong" + i));
        }

        Assert.Equal(20, answers.Count(a => a.Status == HttpStatusCode.Unauthorized));
        Assert.Equal(HttpStatusCode.TooManyRequests, answers[^1].Status);
        Assert.NotNull(answers[^1].Header("Retry-After"));
        Assert.Equal(HttpStatusCode.OK, (await stranger.TokenAsync(application.ClientId, application.Secret)).Status);
        using var owner = server.Api();
        Assert.Equal(HttpStatusCode.OK, (await owner.TokenAsync(application.ClientId, application.Secret)).Status);
    }

    [Fact]
    public async Task A_rotated_secret_is_valid_beside_the_old_one_until_its_grace_ends()
    {
        await using var own = await server.FreshAsync();
        var application = await own.ApplicationAsync();
        var renewed = await own.RotateSecretAsync(application, TimeSpan.FromMinutes(5));
        using var api = own.Api();

        Assert.Equal(HttpStatusCode.OK, (await api.TokenAsync(application.ClientId, application.Secret)).Status);
        Assert.Equal(HttpStatusCode.OK, (await api.TokenAsync(application.ClientId, renewed)).Status);
        own.Clock.Advance(TimeSpan.FromMinutes(5));
        Assert.Equal(HttpStatusCode.Unauthorized, (await api.TokenAsync(application.ClientId, application.Secret)).Status);
        Assert.Equal(HttpStatusCode.OK, (await api.TokenAsync(application.ClientId, renewed)).Status);
    }

    [Fact]
    public async Task A_token_ends_after_ten_minutes()
    {
        await using var own = await server.FreshAsync();
        using var api = await own.SignedInApiAsync();

        Assert.Equal("account.unknown", (await api.GetAsync(Anything)).Code);
        own.Clock.Advance(TimeSpan.FromMinutes(10) + TimeSpan.FromSeconds(1));
        var late = await api.GetAsync(Anything);

        Assert.Equal(HttpStatusCode.Unauthorized, late.Status);
        Assert.Equal("api.token_invalid", late.Code);
        Assert.Contains("invalid_token", late.Header("WWW-Authenticate"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_removed_application_is_out_at_once_with_all_its_tokens()
    {
        var application = await server.ApplicationAsync();
        using var api = server.Api();
        api.Use(await CountersignServer.TokenAsync(api, application));
        Assert.Equal("account.unknown", (await api.GetAsync(Anything)).Code);

        Assert.True(await server.RemoveApplicationAsync(application));

        Assert.Equal("api.token_invalid", (await api.GetAsync(Anything)).Code);
        Assert.Equal(HttpStatusCode.Unauthorized, (await api.TokenAsync(application.ClientId, application.Secret)).Status);
    }

    [Fact]
    public async Task A_scope_has_to_be_granted_and_asked_for()
    {
        var application = await server.ApplicationAsync(["messages.write"]);
        using var api = server.Api();

        var tooMuch = await api.TokenAsync(application.ClientId, application.Secret, "restrictions.read");
        api.Use(await CountersignServer.TokenAsync(api, application));
        var without = await api.GetAsync(Anything);

        Assert.Equal(HttpStatusCode.BadRequest, tooMuch.Status);
        Assert.Equal(HttpStatusCode.Forbidden, without.Status);
        Assert.Equal("api.scope_missing", without.Code);
        Assert.Equal("Bearer error=\"insufficient_scope\", scope=\"restrictions.read\"", without.Header("WWW-Authenticate"));
    }

    [Theory]
    [InlineData(null)]
    [InlineData("nonsense")]
    [InlineData("eyJhbGciOiJub25lIn0.eyJzdWIiOiJ4In0.")]
    public async Task Without_a_good_token_there_is_nothing(string? token)
    {
        using var api = server.Api();
        if (token is not null)
        {
            api.Use(token);
        }

        var answer = await api.GetAsync(Anything);

        Assert.Equal(HttpStatusCode.Unauthorized, answer.Status);
        Assert.Equal("api.token_invalid", answer.Code);
        Assert.StartsWith("Bearer", answer.Header("WWW-Authenticate"), StringComparison.Ordinal);
    }
}

public sealed class TokenOnSqlite(OnSqlite server) : TokenTests(server);

public sealed class TokenOnPostgres(OnPostgres server) : TokenTests(server);
