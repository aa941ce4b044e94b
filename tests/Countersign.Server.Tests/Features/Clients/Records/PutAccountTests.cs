using System.Net;
using System.Text.RegularExpressions;
using Countersign.Server.Features.Ground.Audit;
using Countersign.Server.Features.Registry.Accounts;
using Countersign.Server.Features.Registry.People;
using Countersign.Server.Features.Registry.Users;
using Countersign.Server.Tests.Hosting;
using Microsoft.EntityFrameworkCore;

namespace Countersign.Server.Tests.Features.Clients.Records;

/// <summary>How the broker's own systems keep accounts up to date.</summary>
public abstract class PutAccountTests(CountersignServer server)
{
    private static int _accounts;

    [Fact]
    public async Task A_new_account_comes_with_its_holders_and_users_who_have_no_password()
    {
        var number = NewNumber();
        using var api = await server.SignedInApiAsync(["accounts.write"]);

        var answer = await api.PutAsync($"/api/v1/accounts/{number}", Body(number));

        Assert.Equal(HttpStatusCode.Created, answer.Status);
        Assert.Equal($"/api/v1/accounts/{number}", answer.Response.Headers.Location!.OriginalString);
        Assert.Equal("""{"amount":"1850000.5","currency":"USD","as_of":"2026-11-23"}""", answer.Body.GetProperty("equity").GetRawText());
        var account = Assert.Single(await server.RowsAsync<Account>(a => a.Number == number));
        Assert.Equal(1_850_000.5m, account.Equity);
        var user = Assert.Single(await server.RowsAsync<User>(u => u.NormalisedName == $"user.{number}"));
        Assert.Null(user.PasswordHash);
        Assert.Equal("zh-Hant", user.Language);
        var holders = (await server.RowsAsync<AccountHolder>(h => h.AccountId == account.Id)).Select(h => h.PersonId).ToList();
        Assert.Equal(2, holders.Count);
        Assert.Equal(2, (await server.RowsAsync<Person>(p => holders.Contains(p.Id) && p.Residence == "HK")).Count);
        Assert.Equal(user.Id, Assert.Single(await server.RowsAsync<AccountUser>(a => a.AccountId == account.Id)).UserId);
        Assert.Contains(
            await server.RowsAsync<AuditEvent>(e => e.Event == AuditEvents.AccountPut),
            e => e.Details.Contains(account.Id.ToString(), StringComparison.Ordinal));
    }

    [Fact]
    public async Task The_same_again_changes_nothing_and_another_is_an_update_that_takes_nobody_away()
    {
        var number = NewNumber();
        using var api = await server.SignedInApiAsync();
        await api.PutAsync($"/api/v1/accounts/{number}", Body(number));

        var same = await api.PutAsync($"/api/v1/accounts/{number}", Body(number));
        var moved = await api.PutAsync(
            $"/api/v1/accounts/{number}",
            new
            {
                jurisdiction = "SG",
                time_zone = "Asia/Singapore",
                equity = new { amount = "1", currency = "SGD", as_of = "2026-11-24" },
            });

        Assert.Equal(HttpStatusCode.OK, same.Status);
        Assert.Equal(HttpStatusCode.OK, moved.Status);
        var account = Assert.Single(await server.RowsAsync<Account>(a => a.Number == number));
        Assert.Equal(("SG", "Asia/Singapore", 1m, "SGD"), (account.Jurisdiction, account.TimeZone, account.Equity, account.EquityCurrency));
        Assert.Single(await server.RowsAsync<AccountUser>(a => a.AccountId == account.Id));
        Assert.Equal(2, (await server.RowsAsync<AccountHolder>(h => h.AccountId == account.Id)).Count);
    }

    [Fact]
    public async Task An_older_equity_never_takes_the_place_of_a_newer_one()
    {
        var number = NewNumber();
        using var api = await server.SignedInApiAsync();
        await api.PutAsync($"/api/v1/accounts/{number}", Body(number, "500", "2026-11-23"));

        var older = await api.PutAsync($"/api/v1/accounts/{number}", Body(number, "9", "2026-11-22"));
        var corrected = await api.PutAsync($"/api/v1/accounts/{number}", Body(number, "501", "2026-11-23"));

        Assert.Equal("500", older.Body.GetProperty("equity").GetProperty("amount").GetString());
        Assert.Equal("501", corrected.Body.GetProperty("equity").GetProperty("amount").GetString());
    }

    [Fact]
    [Race]
    public async Task Of_thirty_at_once_the_newest_equity_stays()
    {
        var number = NewNumber();
        using var api = await server.SignedInApiAsync();

        var answers = await Task.WhenAll(
            Enumerable.Range(1, 30).Select(day => api.PutAsync($"/api/v1/accounts/{number}", Body(number, $"{day}", $"2026-10-{day:D2}"))));

        Assert.All(answers, a => Assert.True(a.Status is HttpStatusCode.OK or HttpStatusCode.Created, a.Status.ToString()));
        Assert.Single(answers, a => a.Status == HttpStatusCode.Created);
        Assert.Equal(30m, Assert.Single(await server.RowsAsync<Account>(a => a.Number == number)).Equity);
    }

    [Fact]
    public async Task A_user_of_another_person_is_refused_and_nothing_changes()
    {
        var owner = await server.UserAsync();
        var number = NewNumber();
        using var api = await server.SignedInApiAsync();

        var answer = await api.PutAsync(
            $"/api/v1/accounts/{number}",
            new
            {
                jurisdiction = "HK",
                time_zone = "Asia/Hong_Kong",
                equity = new { amount = "1", currency = "USD", as_of = "2026-11-23" },
                holders = new[] { new { person = "P-" + number, name = "Thief", residence = "HK" } },
                users = new[] { new { name = owner.Name, person = "P-" + number } },
            });

        Assert.Equal(HttpStatusCode.Conflict, answer.Status);
        Assert.Equal("account.user_of_another", answer.Code);
        Assert.Empty(await server.RowsAsync<Account>(a => a.Number == number));
        Assert.Empty(await server.RowsAsync<Person>(p => p.Number == "P-" + number));
    }

    /// <summary>What is stored of a person is neither lost nor written over (D28).</summary>
    [Fact]
    public async Task A_holder_whose_facts_were_changed_in_the_database_is_refused_by_number_and_nothing_changes()
    {
        var number = NewNumber();
        using var api = await server.SignedInApiAsync();
        await api.PutAsync($"/api/v1/accounts/{number}", Body(number));
        await server.WriteAsync(
            (db, ct) => db.Set<Person>().Where(p => p.Number == "Q-" + number).ExecuteUpdateAsync(
                set => set.SetProperty(p => p.Details, new byte[40]), ct));

        var answer = await api.PutAsync($"/api/v1/accounts/{number}", Body(number, "7", "2026-11-24"));

        Assert.Equal((HttpStatusCode.Conflict, "account.person_unreadable"), (answer.Status, answer.Code));
        Assert.Contains("Q-" + number, answer.Body.GetProperty("detail").GetString(), StringComparison.Ordinal);
        Assert.Equal(1_850_000.5m, Assert.Single(await server.RowsAsync<Account>(a => a.Number == number)).Equity);
        Assert.Equal(new byte[40], Assert.Single(await server.RowsAsync<Person>(p => p.Number == "Q-" + number)).Details);
    }

    [Fact]
    public async Task Every_field_that_is_wrong_is_named()
    {
        using var api = await server.SignedInApiAsync();

        var answer = await api.SendJsonAsync(
            HttpMethod.Put,
            "/api/v1/accounts/" + new string('9', 40),
            """
            {"jurisdiction": "Hong Kong", "time_zone": "Mars", "equity": {"amount": "-1", "currency": "usd", "as_of": "yesterday"},
             "holders": [{"person": "P1", "name": "", "residence": "hk"}, {"person": "P1", "name": "Two", "residence": "HK"}, null],
             "users": [{"name": " ", "person": "P2", "email": "none", "language": "fr"}]}
            """);

        Assert.Equal(HttpStatusCode.UnprocessableEntity, answer.Status);
        Assert.Equal("api.invalid", answer.Code);
        Assert.Equal(
            "equity.amount equity.as_of equity.currency holders[0].name holders[0].residence holders[1].person "
            + "holders[2].name holders[2].person holders[2].residence id jurisdiction time_zone "
            + "users[0].email users[0].language users[0].name users[0].person",
            string.Join(' ', answer.Body.GetProperty("errors").EnumerateObject().Select(e => e.Name).Order(StringComparer.Ordinal)));
    }

    [Fact]
    public async Task An_application_for_some_countries_writes_no_account_of_another()
    {
        var foreign = await server.AccountAsync("IN");
        var number = NewNumber();
        using var api = await server.SignedInApiAsync(countries: ["HK"]);

        var moved = await api.PutAsync($"/api/v1/accounts/{foreign}", Body(number));
        var made = await api.PutAsync(
            $"/api/v1/accounts/{number}",
            new { jurisdiction = "IN", time_zone = "Asia/Kolkata", equity = new { amount = "1", currency = "USD", as_of = "2026-11-23" } });

        Assert.Equal("account.unknown", moved.Code);
        Assert.Equal("account.country_forbidden", made.Code);
        Assert.Equal("IN", Assert.Single(await server.RowsAsync<Account>(a => a.Number == foreign)).Jurisdiction);
        Assert.Empty(await server.RowsAsync<Account>(a => a.Number == number));
    }

    /// <summary>Who is a client of other countries only is not there, and whoever names him is answered as of somebody new.</summary>
    [Fact]
    public async Task A_user_and_a_person_of_other_countries_stay_as_they_are_and_are_answered_like_new_ones()
    {
        var (foreign, free, mine, beside) = (NewNumber(), NewNumber(), NewNumber(), NewNumber());
        using var all = await server.SignedInApiAsync();
        using var api = await server.SignedInApiAsync(countries: ["HK"]);
        await all.PutAsync($"/api/v1/accounts/{foreign}", OneUser("DE", foreign, "Hans", "hans@mail.example", "en"));
        var before = Assert.Single(await server.RowsAsync<User>(u => u.NormalisedName == "user." + foreign));

        var taken = await SeenAsync(api, mine, foreign);
        var fresh = await SeenAsync(api, beside, free);

        Assert.Equal(
            fresh.Select(s => s.Replace(free, foreign, StringComparison.Ordinal).Replace(beside, mine, StringComparison.Ordinal)), taken);
        var after = Assert.Single(await server.RowsAsync<User>(u => u.NormalisedName == "user." + foreign));
        Assert.Equal(
            (before.Email, before.Language, before.TimeZone, before.PersonId),
            (after.Email, after.Language, after.TimeZone, after.PersonId));
        var person = Assert.Single(await server.RowsAsync<Person>(p => p.Number == "P-" + foreign));
        Assert.Equal(("Hans", "DE"), (person.Name, person.Residence));
        var account = Assert.Single(await server.RowsAsync<Account>(a => a.Number == mine));
        Assert.DoesNotContain(await server.RowsAsync<AccountUser>(l => l.AccountId == account.Id), l => l.UserId == before.Id);
        Assert.DoesNotContain(await server.RowsAsync<AccountHolder>(h => h.AccountId == account.Id), h => h.PersonId == person.Id);

        async Task<List<string>> SeenAsync(ApiClient from, string number, string named)
        {
            var seen = new List<string>();
            foreach (var answer in new[]
            {
                await from.PutAsync($"/api/v1/accounts/{number}", OneUser("HK", named, "Not Hans", "thief@mail.example", "zh-Hans")),
                await from.PutAsync($"/api/v1/accounts/{number}", OneUser("HK", named, "Nor he", "other@mail.example", "zh-Hans")),
                await from.GetAsync($"/api/v1/accounts/{number}/restrictions"),
                await from.PostAsync(
                    $"/api/v1/accounts/{number}/messages",
                    new { topic = "trades", text = new { en = "Bought." }, user = "user." + named }, number + "key"),
                await from.PostAsync(
                    $"/api/v1/accounts/{number}/messages", new { topic = "trades", text = new { en = "Bought." } }, number + "all"),
                await from.PutAsync(
                    $"/api/v1/accounts/{number}",
                    OneUser("HK", named, "A third", "third@mail.example", "en", person: "Q-" + named)),
            })
            {
                seen.Add((int)answer.Status + Regex.Replace(answer.Body.GetRawText(), "\"traceId\":\"[^\"]*\"", string.Empty));
            }

            return seen;
        }
    }

    /// <summary>Who has an account in the country is a client there, whatever he has elsewhere.</summary>
    [Fact]
    public async Task Who_is_a_client_in_both_countries_is_brought_up_to_date_by_either()
    {
        var (foreign, mine) = (NewNumber(), NewNumber());
        using var all = await server.SignedInApiAsync();
        using var api = await server.SignedInApiAsync(countries: ["HK"]);
        await all.PutAsync($"/api/v1/accounts/{foreign}", OneUser("DE", foreign, "Hans", "hans@mail.example", "en"));
        await all.PutAsync($"/api/v1/accounts/{mine}", OneUser("HK", foreign, "Hans", "hans@mail.example", "en"));

        var answer = await api.PutAsync($"/api/v1/accounts/{mine}", OneUser("HK", foreign, "Hans Meier", "hm@mail.example", "en"));

        Assert.Equal(HttpStatusCode.OK, answer.Status);
        Assert.Equal("hm@mail.example", Assert.Single(await server.RowsAsync<User>(u => u.NormalisedName == "user." + foreign)).Email);
        Assert.Equal("Hans Meier", Assert.Single(await server.RowsAsync<Person>(p => p.Number == "P-" + foreign)).Name);
    }

    [Theory]
    [InlineData("9999-12-31")]
    [InlineData("2026-11-25")]
    [InlineData("2016-11-20")]
    public async Task An_equity_of_a_day_to_come_or_of_long_ago_is_refused(string asOf)
    {
        await using var own = await server.FreshAsync();
        var number = NewNumber();
        using var api = await own.SignedInApiAsync();

        var answer = await api.PutAsync($"/api/v1/accounts/{number}", Body(number, asOf: asOf));

        Assert.Equal((HttpStatusCode.UnprocessableEntity, "api.invalid"), (answer.Status, answer.Code));
        Assert.Equal("equity.as_of", Assert.Single(answer.Body.GetProperty("errors").EnumerateObject()).Name);
        Assert.Empty(await own.RowsAsync<Account>(a => a.Number == number));
    }

    [Theory]
    [InlineData("U 1")]
    [InlineData("U1%3Cb%3E")]
    [InlineData("%E9%99%B3")]
    public async Task A_number_of_other_characters_is_refused(string number)
    {
        using var api = await server.SignedInApiAsync();

        var answer = await api.PutAsync($"/api/v1/accounts/{number}", Body("chars"));

        Assert.Equal((HttpStatusCode.UnprocessableEntity, "api.invalid"), (answer.Status, answer.Code));
        Assert.Equal("id", Assert.Single(answer.Body.GetProperty("errors").EnumerateObject()).Name);
    }

    /// <summary>B26. Who only acts for the owners is described among the holders, and owns nothing.</summary>
    [Fact]
    public async Task A_user_has_the_role_that_was_given_and_keeps_it_until_another_is()
    {
        var number = NewNumber();
        using var api = await server.SignedInApiAsync();

        await api.PutAsync($"/api/v1/accounts/{number}", WithRoles(number, null, "advisor"));
        var first = await RolesAsync(number);
        await api.PutAsync($"/api/v1/accounts/{number}", WithRoles(number, "security_officer", null));
        var second = await RolesAsync(number);

        Assert.Equal((AccountRole.Owner, AccountRole.Advisor), first);
        Assert.Equal((AccountRole.SecurityOfficer, AccountRole.Advisor), second);
        var account = Assert.Single(await server.RowsAsync<Account>(a => a.Number == number));
        var holder = Assert.Single(await server.RowsAsync<AccountHolder>(h => h.AccountId == account.Id)).PersonId;
        Assert.Equal("P-" + number, Assert.Single(await server.RowsAsync<Person>(p => p.Id == holder)).Number);
        var told = await server.RowsAsync<AuditEvent>(
            e => e.Event == AuditEvents.AccountRoleSet && EF.Functions.Like(e.Details, $"%{account.Id}%"));
        Assert.Equal(2, told.Count);
        Assert.All(told, t => Assert.Equal(ActorKind.Application, t.ActorKind));
    }

    [Theory]
    [InlineData("Owner")]
    [InlineData("king")]
    public async Task A_role_that_is_none_is_refused_by_field(string role)
    {
        var number = NewNumber();
        using var api = await server.SignedInApiAsync();

        var answer = await api.PutAsync($"/api/v1/accounts/{number}", WithRoles(number, "viewer", role));

        Assert.Equal((HttpStatusCode.UnprocessableEntity, "api.invalid"), (answer.Status, answer.Code));
        var fault = Assert.Single(answer.Body.GetProperty("errors").EnumerateObject());
        Assert.Equal(("users[1].role", "is none of owner, advisor, security_officer, viewer"), (fault.Name, fault.Value[0].GetString()));
        Assert.Empty(await server.RowsAsync<Account>(a => a.Number == number));
    }

    [Fact]
    public async Task The_description_names_the_roles()
    {
        using var api = await server.SignedInApiAsync();

        Assert.Contains("security_officer", (await api.GetAsync("/openapi/v1.json")).Body.GetRawText(), StringComparison.Ordinal);
    }

    private async Task<(AccountRole First, AccountRole Second)> RolesAsync(string number)
    {
        var account = Assert.Single(await server.RowsAsync<Account>(a => a.Number == number));
        var roles = (await server.RowsAsync<AccountUser>(a => a.AccountId == account.Id)).ToDictionary(a => a.UserId, a => a.Role);
        var users = (await server.RowsAsync<User>(u => roles.Keys.Contains(u.Id))).ToDictionary(u => u.NormalisedName, u => roles[u.Id]);
        return (users["one." + number], users["two." + number]);
    }

    private static object WithRoles(string number, string? first, string? second) => new
    {
        jurisdiction = "HK",
        time_zone = "Asia/Hong_Kong",
        equity = new { amount = "1", currency = "USD", as_of = "2026-11-23" },
        holders = new[]
        {
            new { person = "P-" + number, name = "One", residence = "HK" },
            new { person = "Q-" + number, name = "Two", residence = "HK" },
        },
        users = new[]
        {
            new { name = "one." + number, person = "P-" + number, role = first },
            new { name = "two." + number, person = "Q-" + number, role = second },
        },
    };

    private static object OneUser(string country, string of, string name, string email, string language, string? person = null) => new
    {
        jurisdiction = country,
        time_zone = country == "HK" ? "Asia/Hong_Kong" : "Europe/Berlin",
        equity = new { amount = "1", currency = "USD", as_of = "2026-11-23" },
        holders = new[] { new { person = person ?? "P-" + of, name, residence = country } },
        users = new[] { new { name = "user." + of, person = person ?? "P-" + of, email, language } },
    };

    private static string NewNumber() => $"u{Interlocked.Increment(ref _accounts)}x{Environment.CurrentManagedThreadId}";

    private static object Body(string number, string amount = "1850000.5", string asOf = "2026-11-23") => new
    {
        jurisdiction = "HK",
        time_zone = "Asia/Hong_Kong",
        equity = new { amount, currency = "USD", as_of = asOf },
        holders = new[]
        {
            new { person = "P-" + number, name = "陳美", residence = "HK" },
            new { person = "Q-" + number, name = "Partner", residence = "HK" },
        },
        users = new[] { new { name = "User." + number, person = "P-" + number, email = "mei@mail.example", language = "zh-HK" } },
    };
}

public sealed class PutAccountOnSqlite(OnSqlite server) : PutAccountTests(server);

public sealed class PutAccountOnPostgres(OnPostgres server) : PutAccountTests(server);
