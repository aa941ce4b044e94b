using Countersign.Server.Data;
using Countersign.Server.Tests.Hosting;
using Microsoft.EntityFrameworkCore;

namespace Countersign.Server.Tests.Data;

/// <summary>
/// How much the database is asked for, counted by PostgreSQL itself: a figure that grows is looked at before it is accepted. What is faster
/// lowers it.
/// </summary>
public sealed class CountedWorkTests(OnPostgres server)
{
    [Fact]
    public async Task A_right_code_and_the_home_page_after_it()
    {
        await using var own = await server.FreshAsync();
        var user = await own.UserAsync();
        using var browser = own.Browser();
        await CountersignServer.SignOutAsync(browser, await own.SignInAsync(browser, user));
        await own.LetMessagesGoAsync(user);
        var page = await CountersignServer.TypePasswordAsync(browser, user.Name, user.Password);
        var code = await own.CodeAsync(user, 2);
        await using var counted = await CountedStatements.BeginAsync(own);

        var home = await CountersignServer.TypeCodeAsync(browser, page, code);

        Assert.Equal("/", home.Path);
        await counted.AtMostAsync(13);
    }

    [Fact]
    public async Task The_home_page()
    {
        await using var own = await server.FreshAsync();
        var user = await own.UserAsync();
        using var browser = own.Browser();
        await own.SignInAsync(browser, user);
        await using var counted = await CountedStatements.BeginAsync(own);

        await browser.GetAsync("/");

        await counted.AtMostAsync(7);
    }

    [Fact]
    public async Task A_right_password_and_the_page_of_the_code_after_it()
    {
        await using var own = await server.FreshAsync();
        var user = await own.UserAsync();
        using var browser = own.Browser();
        await CountersignServer.SignOutAsync(browser, await own.SignInAsync(browser, user));
        await own.LetMessagesGoAsync(user);
        await using var counted = await CountedStatements.BeginAsync(own);

        await CountersignServer.TypePasswordAsync(browser, user.Name, user.Password);

        await counted.AtMostAsync(33);
    }

    /// <summary>What the database of one server was asked for, by its own count.</summary>
    private sealed class CountedStatements(CountersignDbContext db) : IAsyncDisposable
    {
        public static async Task<CountedStatements> BeginAsync(CountersignServer server)
        {
            await server.WriteAsync((unit, ct) => unit.Database.ExecuteSqlAsync($"CREATE EXTENSION IF NOT EXISTS pg_stat_statements", ct));
            var db = server.Reader();
            await db.Database.ExecuteSqlAsync(
                $"SELECT pg_stat_statements_reset(0, (SELECT oid FROM pg_database WHERE datname = current_database()), 0)");
            return new CountedStatements(db);
        }

        /// <remarks>How often the outbox looks for work in the meantime is nobody's doing here.</remarks>
        public async Task AtMostAsync(int most)
        {
            var counted = await db.Database.SqlQuery<Counted>(
                $"""
                SELECT calls::int AS "Calls", query AS "Text" FROM pg_stat_statements
                WHERE dbid = (SELECT oid FROM pg_database WHERE datname = current_database()) AND query NOT LIKE '%pg_stat_statements%'
                    AND query NOT LIKE '%FROM messages AS m%WHERE m.channel%'
                ORDER BY calls DESC, query
                """).ToListAsync();
            Assert.True(
                counted.Sum(c => c.Calls) <= most,
                $"{counted.Sum(c => c.Calls)} statements:\n{string.Join("\n", counted.Select(c => $"{c.Calls} x {c.Text}"))}");
        }

        public ValueTask DisposeAsync() => db.DisposeAsync();

        internal sealed record Counted(int Calls, string Text);
    }
}
