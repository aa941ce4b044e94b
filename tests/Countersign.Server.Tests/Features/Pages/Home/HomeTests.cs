using Countersign.Server.Features.Registry.Accounts;
using Countersign.Server.Features.Registry.PhoneNumbers;
using Countersign.Server.Tests.Hosting;
using Microsoft.EntityFrameworkCore;

namespace Countersign.Server.Tests.Features.Pages.Home;

public abstract class HomeTests(CountersignServer server)
{
    [Fact]
    public async Task Home_greets_by_name_and_shows_devices_accounts_and_sign_ins_with_what_failed()
    {
        await using var own = await server.FreshAsync();
        var user = await own.UserAsync(timeZone: "Asia/Hong_Kong");
        var number = await AddAccountAsync(own, user);
        var source = CountersignServer.NewSource();
        using var browser = own.Browser(source);
        await CountersignServer.TypePasswordAsync(browser, user.Name, "not the password");
        own.Clock.Advance(TimeSpan.FromMinutes(1));

        var home = await own.SignInAsync(browser, user);

        Assert.Equal("Welcome, Person " + user.Name, home.Document.QuerySelector("h1")!.TextContent);
        Assert.Contains("Text message ···" + user.Mobile[^2..], Words(home, "[aria-labelledby=on]"), StringComparison.Ordinal);
        Assert.Contains("Nothing is missing", Words(home, "[aria-labelledby=missing]"), StringComparison.Ordinal);
        Assert.Equal($"{number} CH CHF 1,234,567.80 2026-11-23", Words(home, "[aria-labelledby=accounts] tbody tr"));
        var recent = home.Document.QuerySelectorAll("[aria-labelledby=recent] tbody tr").Select(
            r => CountersignServer.Words(r.TextContent));
        Assert.Equal([$"24 Nov 2026, 17:01 Firefox, Linux {source} Signed in", $"24 Nov 2026, 17:00 {source} Wrong password"], recent);
        Assert.Contains("Times are in Asia/Hong Kong.", home.Text, StringComparison.Ordinal);
        Assert.DoesNotContain(user.Mobile, home.Html, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_last_sign_in_is_found_behind_any_number_of_failures()
    {
        await using var own = await server.FreshAsync();
        var user = await own.UserAsync(timeZone: "Asia/Hong_Kong");
        using var browser = own.Browser();
        var first = await own.SignInAsync(browser, user);
        own.Clock.Advance(TimeSpan.FromHours(1));
        for (var i = 0; i < 12; i++)
        {
            using var stranger = own.Browser();
            await CountersignServer.TypePasswordAsync(stranger, user.Name, "a guess");
        }

        var second = await own.SignInAsync(browser, user);

        Assert.Contains("This is your first sign-in.", first.Text, StringComparison.Ordinal);
        Assert.Contains("Your last sign-in before this one: 24 Nov 2026, 17:00.", second.Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_user_without_accounts_is_told_so_and_one_without_a_confirmed_number_is_shown_the_way()
    {
        var user = await server.UserAsync();
        using var browser = server.Browser();
        var confirmed = await server.SignInAsync(browser, user);
        await server.WriteAsync(
            (db, ct) => db.Set<PhoneNumber>().Where(n => n.UserId == user.Id).ExecuteUpdateAsync(
                set => set.SetProperty(n => n.VerifiedAt, (DateTimeOffset?)null), ct));

        var home = await browser.GetAsync("/");

        Assert.Contains("No account yet", home.Text, StringComparison.Ordinal);
        Assert.Null(confirmed.Document.QuerySelector(".notice-bar"));
        Assert.Equal("/settings/numbers", home.Document.QuerySelector(".notice-bar a")!.GetAttribute("href"));
        Assert.Contains("Confirm your mobile number", Words(home, "[aria-labelledby=missing]"), StringComparison.OrdinalIgnoreCase);
    }

    private static string Words(Countersign.Testing.TestPage page, string selector) =>
        CountersignServer.Words(page.Document.QuerySelector(selector)!.TextContent);

    private static async Task<string> AddAccountAsync(CountersignServer server, TestUser user)
    {
        var id = Guid.CreateVersion7(server.Clock.GetUtcNow());
        var number = "U" + user.Name;
        await server.WriteAsync((db, _) =>
        {
            db.Add(new Account
            {
                Id = id,
                Number = number,
                Jurisdiction = "CH",
                TimeZone = "Europe/Zurich",
                Equity = 1_234_567.8m,
                EquityCurrency = "CHF",
                EquityAsOf = new DateOnly(2026, 11, 23),
            });
            db.Add(new AccountUser { AccountId = id, UserId = user.Id });
            return Task.FromResult(1);
        });
        return number;
    }
}

public sealed class HomeOnSqlite(OnSqlite server) : HomeTests(server);

public sealed class HomeOnPostgres(OnPostgres server) : HomeTests(server);
