using System.Net;
using Countersign.Server.Tests.Hosting;

namespace Countersign.Server.Tests.Features.Programs.Api;

/// <summary>What an application may do too much of.</summary>
public abstract class LimitTests(CountersignServer server)
{
    [Fact]
    public async Task A_source_has_its_requests_in_a_minute_and_is_told_when_to_come_back()
    {
        await using var own = await server.FreshAsync(("Api:RequestsPerMinute", "10"));
        using var api = await own.SignedInApiAsync();
        var answers = new List<ApiAnswer>();
        for (var i = 0; i < 11; i++)
        {
            answers.Add(await api.GetAsync("/api/v1/accounts/none/restrictions"));
        }

        Assert.All(answers[..10], a => Assert.Equal(HttpStatusCode.NotFound, a.Status));
        Assert.Equal(HttpStatusCode.TooManyRequests, answers[10].Status);
        Assert.Equal("api.too_many", answers[10].Code);
        Assert.Equal("60", answers[10].Header("Retry-After"));
    }
}

public sealed class LimitOnSqlite(OnSqlite server) : LimitTests(server);

public sealed class LimitOnPostgres(OnPostgres server) : LimitTests(server);
