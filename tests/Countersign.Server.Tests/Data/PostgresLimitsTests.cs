using System.Net;
using Countersign.Server.Http;
using Countersign.Server.Tests.Hosting;
using Microsoft.AspNetCore.Diagnostics;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.AspNetCore.Routing.Patterns;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Time.Testing;
using Npgsql;

namespace Countersign.Server.Tests.Data;

/// <summary>What a node takes of PostgreSQL, and what it says when it gets less than it needs.</summary>
public sealed class PostgresLimitsTests(OnPostgres server)
{
    private const int Connections = 4;

    [Fact]
    public async Task Sixty_who_come_at_once_wait_for_their_turn_behind_a_few_connections()
    {
        var database = await OnPostgres.NewDatabaseAsync();
        await using var own = await server.FreshAsync(
            ("Data:Postgres", database), ("Data:Connections", Connections.ToString(System.Globalization.CultureInfo.InvariantCulture)));
        var users = new List<TestUser>();
        for (var i = 0; i < 60; i++)
        {
            users.Add(await own.UserAsync());
        }

        using var enough = new CancellationTokenSource();
        var look = new NpgsqlConnectionStringBuilder(database) { MaxPoolSize = 1, ApplicationName = "look" }.ConnectionString;
        var token = enough.Token;
        var most = Task.Run(() => MostAsync(look, token), CancellationToken.None);

        var answers = await Task.WhenAll(users.Select(async user =>
        {
            using var browser = own.Browser();
            return (await CountersignServer.TypePasswordAsync(browser, user.Name, user.Password)).Status;
        }));
        await enough.CancelAsync();

        Assert.All(answers, a => Assert.Equal(HttpStatusCode.OK, a));

        // One more wakes pages.
        Assert.InRange(await most, 2, Connections + 1);
    }

    [Fact]
    public async Task A_node_that_may_open_more_than_there_are_does_not_start()
    {
        var refused = await Assert.ThrowsAsync<StartException>(() => server.FreshAsync(("Data:Connections", "900")));

        Assert.Contains("Lower Data:Connections", refused.Message, StringComparison.Ordinal);
    }

    /// <summary>As after an upgrade whose new table nobody granted.</summary>
    [Fact]
    public async Task A_right_that_is_missing_takes_the_node_out_and_is_named()
    {
        var database = await OnPostgres.NewDatabaseAsync();
        await using var owner = NpgsqlDataSource.Create(database);
        await RunAsync(
            owner,
            """
            DO $$ BEGIN CREATE ROLE countersign_limited LOGIN; EXCEPTION WHEN duplicate_object THEN NULL; END $$;
            GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA public TO countersign_limited;
            """);
        await using var own = await server.FreshAsync(
            ("Data:Postgres", new NpgsqlConnectionStringBuilder(database) { Username = "countersign_limited" }.ConnectionString));
        var user = await own.UserAsync();
        using var browser = own.Browser();
        Assert.Equal(HttpStatusCode.OK, (await browser.GetAsync("/health/ready")).Status);

        await RunAsync(owner, "REVOKE INSERT ON rations FROM countersign_limited");

        Assert.Equal(
            HttpStatusCode.ServiceUnavailable, (await CountersignServer.TypePasswordAsync(browser, user.Name, user.Password)).Status);
        await Countersign.Testing.Waiting.UntilAsync(
            async () => await browser.GetAsync("/health/ready") is { Status: HttpStatusCode.ServiceUnavailable } ready
                && ready.Html.Contains("may not read and write rations", StringComparison.Ordinal),
            Countersign.Testing.Waiting.Ceiling);
    }

    [Fact]
    public void A_503_says_why_once_a_minute_for_each_route_and_cause()
    {
        var (clock, lines) = (new FakeTimeProvider(), new List<string>());
        using var log = new UnavailableLog(clock, new Lines(lines));
        var failed = new DefaultHttpContext();
        failed.Features.Set<IExceptionHandlerFeature>(new ExceptionHandlerFeature
        {
            Error = new TimeoutException(),
            Endpoint = new RouteEndpoint(_ => Task.CompletedTask, RoutePatternFactory.Parse("sign-in/{handle}"), 0, null, null),
        });
        var denied = new InvalidOperationException("wrapped", new PostgresException("permission denied", "ERROR", "ERROR", "42501"));

        for (var i = 0; i < 50; i++)
        {
            log.Tell(failed, denied);
            log.Tell(new DefaultHttpContext(), new TimeoutException("no answer"));
        }

        Assert.Equal(2, lines.Count);
        Assert.Contains("at /sign-in/{handle}, ", lines[0], StringComparison.Ordinal);
        Assert.Contains("42501", lines[0], StringComparison.Ordinal);
        clock.Advance(TimeSpan.FromSeconds(61));
        Assert.Equal(4, lines.Count);
        Assert.All(lines.Skip(2), line => Assert.Contains(", 49 times since ", line, StringComparison.Ordinal));
        clock.Advance(TimeSpan.FromSeconds(61));
        log.Tell(failed, denied);
        Assert.Equal(5, lines.Count);
    }

    private static async Task RunAsync(NpgsqlDataSource database, string sql)
    {
#pragma warning disable CA2100 // Constant text of this file.
        await using var command = database.CreateCommand(sql);
#pragma warning restore CA2100
        await command.ExecuteNonQueryAsync(TestContext.Current.CancellationToken);
    }

    private static async Task<long> MostAsync(string connection, CancellationToken enough)
    {
        await using var database = NpgsqlDataSource.Create(connection);
        var most = 0L;
        while (!enough.IsCancellationRequested)
        {
            await using var count = database.CreateCommand(
                "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND application_name <> 'look'");
            most = Math.Max(most, (long)(await count.ExecuteScalarAsync(CancellationToken.None))!);
        }

        return most;
    }

    private sealed class Lines(List<string> lines) : ILogger<UnavailableLog>
    {
        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => true;

        public void Log<TState>(
            LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter) =>
            lines.Add(formatter(state, exception));
    }
}
