using Countersign.Server.Data;
using Countersign.Server.Features.Clients.AccountOpening;
using Countersign.Server.Features.Ground.Audit;
using Countersign.Server.Features.Registry.Accounts;
using Countersign.Server.Features.Registry.People;
using Countersign.Server.Features.Registry.Users;
using Countersign.Server.Tests.Hosting;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;

namespace Countersign.Server.Tests.Features.Clients.AccountOpening;

/// <summary>An application that nobody goes on with ends, and nothing is kept of whoever began it.</summary>
public abstract class AbandonedApplicationTests(CountersignServer server)
{
    [Fact]
    public async Task It_goes_with_all_that_belongs_to_it_and_no_other_does()
    {
        await using var own = await server.FreshAsync();
        using var gone = own.Applicant();
        await gone.BeginAndConfirmEmailAsync();
        await gone.ConfirmNumberAsync();
        await own.EnrolAsync();
        await gone.StepAsync("about", ("full-name", "Lam Pe"), ("residence", "HK"), ("birthday", "1990-05-31"));
        using var handedIn = own.Applicant();
        await handedIn.BeginAndConfirmEmailAsync();
        await handedIn.FillInAsync();
        await handedIn.StepAsync("review", ("agreed", "yes"));
        using var slow = own.Applicant();
        await slow.BeginAndConfirmEmailAsync();
        own.Clock.Advance(TimeSpan.FromDays(20));
        using var again = own.Browser();
        await CountersignServer.TypePasswordAsync(again, slow.UserName, slow.Password);
        await again.PostAsync(
            "/apply/about",
            CountersignServer.Fields(
                await again.GetAsync("/apply/about"), ("full-name", "Lam Pe"), ("residence", "HK"), ("birthday", "1990-05-31")));
        var users = (await own.RowsAsync<User>(_ => true)).ToDictionary(u => u.Name);
        var person = users[gone.UserName].PersonId;
        Assert.NotEqual(0, await BelongingsAsync(own, users[gone.UserName].Id));

        own.Clock.Advance(TimeSpan.FromDays(11));
        await RetainAsync(own);

        Assert.Equal(
            ((string[])[handedIn.UserName, slow.UserName]).Order(), (await own.RowsAsync<User>(_ => true)).Select(u => u.Name).Order());
        Assert.Equal(2, await own.CountAsync<AccountApplication>());
        Assert.Empty(await own.RowsAsync<Person>(p => p.Id == person));
        Assert.Equal(0, await BelongingsAsync(own, users[gone.UserName].Id));
        Assert.Equal(1, await own.CountAsync<Account>());
        Assert.Single(await own.RowsAsync<AuditEvent>(e => e.Event == AuditEvents.AccountOpeningAbandoned));
    }

    [Fact]
    public async Task Many_go_in_pages_and_who_acts_for_an_account_stays()
    {
        await using var own = await server.FreshAsync();
        for (var i = 0; i < 23; i++)
        {
            using var person = own.Applicant(CountersignServer.NewSource());
            await person.BeginAsync();
        }

        var kept = (await own.RowsAsync<User>(_ => true))[0];
        await own.FundAsync(new TestUser(kept.Id, kept.Name, string.Empty, string.Empty, string.Empty));
        own.Clock.Advance(TimeSpan.FromDays(31));

        await RetainAsync(own);

        Assert.Equal([kept.Id], (await own.RowsAsync<User>(_ => true)).Select(u => u.Id));
    }

    [Fact]
    public void No_table_of_users_is_forgotten()
    {
        using var db = server.Reader();
        string[] others = ["audit_events", "account_users"];
        var tables = db.Model.GetEntityTypes().Where(t => t.FindProperty("UserId") is not null).Select(t => t.GetTableName()!)
            .Except(others);

        Assert.All(
            tables, table => Assert.Contains(
                AbandonedApplications.BelongingsIn(db.Model),
                statement => statement.Text.StartsWith($"DELETE FROM {table} ", StringComparison.Ordinal)));
    }

    private static Task<int> RetainAsync(CountersignServer own) =>
        own.App.Services.GetRequiredService<Retention>().RunOnceAsync(TestContext.Current.CancellationToken);

    /// <summary>How many rows of all tables name the user, but for the audit.</summary>
    private static async Task<int> BelongingsAsync(CountersignServer own, Guid userId)
    {
        await using var db = own.Reader();
        var found = 0;
        foreach (var type in db.Model.GetEntityTypes())
        {
            if ((type.FindProperty("UserId") ?? type.FindProperty("OwnerId") ?? type.FindProperty("Owner")) is { } column
                && column.ClrType == typeof(Guid))
            {
#pragma warning disable EF1002 // Names of the model.
                var sql = $"SELECT count(*) AS \"Value\" FROM {type.GetTableName()} WHERE {column.GetColumnName()} = {{0}}";
                found += await db.Database.SqlQueryRaw<int>(sql, userId).SingleAsync(TestContext.Current.CancellationToken);
#pragma warning restore EF1002
            }
        }

        return found;
    }
}

public sealed class AbandonedApplicationsOnSqlite(OnSqlite server) : AbandonedApplicationTests(server);

public sealed class AbandonedApplicationsOnPostgres(OnPostgres server) : AbandonedApplicationTests(server);
