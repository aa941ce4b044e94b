using System.Net;
using Countersign.Server.Tests.Hosting;

namespace Countersign.Server.Tests.Features.Clients.Restrictions;

/// <summary>What a trading platform learns of what a client may not do (S5).</summary>
public abstract class RestrictionTests(CountersignServer server)
{
    [Fact]
    public async Task Without_a_verified_number_trading_is_restricted_until_the_moment_of_verification()
    {
        var client = await server.UserAsync(verified: false);
        var partner = await server.UserAsync();
        var account = await server.AccountAsync("HK", client, partner);
        using var api = await server.SignedInApiAsync(["restrictions.read"]);

        var before = await api.GetAsync($"/api/v1/accounts/{account}/restrictions");
        await server.VerifyNumberAsync(client);
        var after = await api.GetAsync($"/api/v1/accounts/{account}/restrictions");

        Assert.Equal(HttpStatusCode.OK, before.Status);
        var restriction = Assert.Single(before.Body.EnumerateArray());
        Assert.Equal("mobile_not_verified", restriction.GetProperty("code").GetString());
        Assert.Equal(client.Name, restriction.GetProperty("user").GetString());
        Assert.Equal("orders.open", Assert.Single(restriction.GetProperty("forbids").EnumerateArray()).GetString());
        Assert.Equal(server.Clock.GetUtcNow(), restriction.GetProperty("since").GetDateTimeOffset());
        Assert.All(["en", "zh-Hant", "zh-Hans"], l => Assert.NotEmpty(restriction.GetProperty("text").GetProperty(l).GetString()!));
        Assert.Contains("no-store", before.Header("Cache-Control"), StringComparison.Ordinal);
        Assert.Equal(0, after.Body.GetArrayLength());
    }

    [Fact]
    public async Task What_follows_is_the_brokers_to_say()
    {
        await using var own = await server.FreshAsync(("Restrictions:MobileNotVerified:Forbids", "orders.open withdrawals.request"));
        var account = await own.AccountAsync("HK", await own.UserAsync(verified: false));
        using var api = await own.SignedInApiAsync();

        var restriction = Assert.Single((await api.GetAsync($"/api/v1/accounts/{account}/restrictions")).Body.EnumerateArray());

        Assert.Equal(
            ["orders.open", "withdrawals.request"], restriction.GetProperty("forbids").EnumerateArray().Select(f => f.GetString()));
    }

    [Fact]
    public async Task An_account_of_another_country_is_as_unknown_as_one_that_does_not_exist()
    {
        var account = await server.AccountAsync("IN", await server.UserAsync());
        using var api = await server.SignedInApiAsync(countries: ["HK", "SG"]);

        var foreign = await api.GetAsync($"/api/v1/accounts/{account}/restrictions");
        var unknown = await api.GetAsync("/api/v1/accounts/none/restrictions");

        Assert.All([foreign, unknown], a => Assert.Equal(HttpStatusCode.NotFound, a.Status));
        Assert.All([foreign, unknown], a => Assert.Equal("account.unknown", a.Code));
    }
}

public sealed class RestrictionOnSqlite(OnSqlite server) : RestrictionTests(server);

public sealed class RestrictionOnPostgres(OnPostgres server) : RestrictionTests(server);
