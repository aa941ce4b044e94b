using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using Countersign.Server.Features.Clients.AccountOpening;
using Countersign.Server.Features.Registry.Accounts;
using Countersign.Server.Features.Registry.PhoneNumbers;
using Countersign.Server.Features.Registry.Users;
using Countersign.Server.Tests.Guards;
using Countersign.Server.Tests.Hosting;
using Countersign.Testing;
using Microsoft.EntityFrameworkCore;

namespace Countersign.Server.Tests.Features.Clients.AccountOpening;

/// <summary>An account application: four steps, the blue bar at each, the status page afterwards (S4).</summary>
public abstract class AccountApplicationTests(CountersignServer server)
{
    [Fact]
    public async Task It_is_walked_from_the_door_to_the_portal()
    {
        using var person = server.Applicant();
        var about = await person.BeginAndConfirmEmailAsync();
        Assert.Equal("/apply/about", about.Path);
        Assert.NotNull(about.Document.QuerySelector("[data-number-bar]"));
        var back = await person.ConfirmNumberAsync("/apply/about");
        Assert.Equal("/apply/about", back.Path);
        Assert.Null(back.Document.QuerySelector("[data-number-bar]"));
        var review = await person.FillInAsync();
        Assert.Contains("Lam Pe", review.Text, StringComparison.Ordinal);

        var status = await person.StepAsync("review", ("agreed", "yes"));

        Assert.Equal("/apply/status", status.Path);
        Assert.Contains("Your application is submitted", status.Text, StringComparison.Ordinal);
        var account = Assert.Single(await server.RowsAsync<Account>(a => a.Number == AccountNumber(status)));
        Assert.Equal(("HK", "Asia/Hong_Kong", "USD", 0m), (account.Jurisdiction, account.TimeZone, account.EquityCurrency, account.Equity));
        await SignInToPortalAsync(person);
    }

    [Fact]
    public async Task The_number_can_be_confirmed_days_later_on_the_status_page()
    {
        using var person = server.Applicant();
        await person.BeginAndConfirmEmailAsync();
        await person.FillInAsync();
        var status = await person.StepAsync("review", ("agreed", "yes"));
        Assert.Contains("Trading is restricted", status.Text, StringComparison.Ordinal);
        await CountersignServer.SignOutAsync(person.Browser, status);

        using var later = server.Browser();
        var again = await CountersignServer.TypePasswordAsync(later, person.UserName, person.Password);
        Assert.Equal("/apply/status", again.Path);
        var sent = await later.SubmitAsync(
            await later.GetAsync("/apply/mobile"), "tel", new Dictionary<string, string> { ["tel"] = person.Mobile });
        var done = await CountersignServer.TypeCodeAsync(later, sent, await server.CodeToAsync(person.Mobile));

        Assert.Contains("Your mobile number is confirmed", done.Text, StringComparison.Ordinal);
        Assert.DoesNotContain("Trading is restricted", done.Text, StringComparison.Ordinal);
        await SignInToPortalAsync(person);
    }

    [Fact]
    public async Task The_restriction_is_lifted_for_the_platform_in_the_moment_of_verification()
    {
        using var person = server.Applicant();
        await person.BeginAndConfirmEmailAsync();
        await person.FillInAsync();
        var account = AccountNumber(await person.StepAsync("review", ("agreed", "yes")));
        using var api = await server.SignedInApiAsync(["restrictions.read"]);
        var before = await api.GetAsync($"/api/v1/accounts/{account}/restrictions");
        var sent = await person.SendNumberAsync();
        var code = await server.CodeToAsync(person.Mobile);
        await CountersignServer.TypeCodeAsync(person.Browser, sent, CountersignServer.WrongCode(code));
        var still = await api.GetAsync($"/api/v1/accounts/{account}/restrictions");

        await CountersignServer.TypeCodeAsync(person.Browser, sent, code);
        var after = await api.GetAsync($"/api/v1/accounts/{account}/restrictions");

        Assert.Equal((1, 1, 0), (before.Body.GetArrayLength(), still.Body.GetArrayLength(), after.Body.GetArrayLength()));
    }

    [Fact]
    public async Task The_address_comes_first_and_nothing_is_sent_to_a_phone_before()
    {
        using var person = server.Applicant();
        await person.BeginAsync();

        var page = await person.Browser.GetAsync("/apply/mobile");
        Assert.Null(page.Document.QuerySelector("input[name='tel']"));
        var refused = await person.Browser.PostAsync(
            "/apply/mobile", CountersignServer.Fields(page, ("tel", person.Mobile), ("country", "HK")));

        Assert.Equal(HttpStatusCode.Conflict, refused.Status);
        Assert.Empty(server.Sms.To(person.Mobile));
    }

    [Fact]
    [Claim("D1")]
    public async Task A_session_of_an_application_reaches_nothing_else()
    {
        using var person = server.Applicant();
        await person.BeginAndConfirmEmailAsync();

        foreach (var path in new[] { "/", "/settings", "/settings/numbers", "/settings/password", "/settings/security" })
        {
            Assert.Equal("/apply/status", (await person.Browser.GetAsync(path)).Path);
        }

        Assert.Equal("/help", (await person.Browser.GetAsync("/help")).Path);
    }

    [Fact]
    public async Task What_is_typed_is_kept_even_where_it_is_wrong()
    {
        using var person = server.Applicant();
        await person.BeginAndConfirmEmailAsync();

        var refused = await person.StepAsync("about", ("full-name", "L"), ("residence", "XX"), ("birthday", "2020-01-01"));

        Assert.Equal(HttpStatusCode.UnprocessableEntity, refused.Status);
        Assert.Equal("L", refused.Document.QuerySelector("input[name='full-name']")!.GetAttribute("value"));
        Assert.Equal(3, refused.Document.QuerySelectorAll(".error-summary__list li").Length);
        var mobile = await person.StepAsync(
            "about", ("full-name", "Lam Pe"), ("residence", "HK"), ("birthday", "2020-01-01"), ("then", "mobile"));
        Assert.Equal("/apply/mobile", mobile.Path);
        Assert.Equal(
            "Lam Pe",
            (await person.Browser.GetAsync("/apply/about")).Document.QuerySelector("input[name='full-name']")!.GetAttribute("value"));
    }

    [Fact]
    [Race]
    public async Task An_incomplete_one_is_not_submitted_and_one_that_is_submitted_opens_one_account()
    {
        using var person = server.Applicant();
        await person.BeginAndConfirmEmailAsync();
        var early = await person.StepAsync("review", ("agreed", "yes"));
        Assert.Equal("/apply/review", early.Path);
        Assert.Contains("Something is missing", early.Text, StringComparison.Ordinal);
        await person.FillInAsync();
        var page = await person.Browser.GetAsync("/apply/review");

        var target = new Uri(page.Address, "/apply/review");
        await Task.WhenAll(Enumerable.Range(0, 20).Select(async _ =>
        {
            using var response = await person.Browser.PostRawAsync(target, CountersignServer.Fields(page, ("agreed", "yes")));
            Assert.True((int)response.StatusCode < 400, $"{response.StatusCode}");
        }));

        var user = Assert.Single(await server.RowsAsync<User>(u => u.NormalisedName == person.UserName));
        Assert.Single(await server.RowsAsync<AccountUser>(a => a.UserId == user.Id));
    }

    /// <summary>Nobody is left at a failure: the status page says whom to ask, and confirming the number works on (D28).</summary>
    [Fact]
    public async Task One_that_was_changed_in_the_database_leads_to_client_services()
    {
        using var person = server.Applicant();
        var about = await person.BeginAndConfirmEmailAsync();
        await person.FillInAsync();
        await SpoilAsync(person);

        var status = await person.Browser.GetAsync("/apply/about");
        var sent = await person.Browser.PostAsync("/apply/about", CountersignServer.Fields(about, ("full-name", "Lam Pe")));
        var submitted = await person.Browser.PostAsync("/apply/review", CountersignServer.Fields(about, ("agreed", "yes")));

        Assert.All([status, sent, submitted], page =>
        {
            Assert.Equal("/apply/status", page.Path);
            Assert.Equal(HttpStatusCode.Conflict, page.Status);
            Assert.Contains("cannot be opened", page.Text, StringComparison.Ordinal);
            Assert.Contains("client services", page.Text, StringComparison.OrdinalIgnoreCase);
            Assert.Null(page.Document.QuerySelector("a[href^='/apply/review'], a[href='/apply/about']"));
        });
        Assert.Equal("/apply/status", (await person.ConfirmNumberAsync()).Path);
    }

    [Fact]
    public async Task One_that_was_submitted_before_it_was_changed_has_its_account_all_the_same()
    {
        using var person = server.Applicant();
        await person.BeginAndConfirmEmailAsync();
        await person.FillInAsync();
        await person.StepAsync("review", ("agreed", "yes"));
        await SpoilAsync(person);

        var status = await person.StatusAsync();

        Assert.Equal(HttpStatusCode.OK, status.Status);
        Assert.StartsWith("U", AccountNumber(status), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_name_that_is_taken_is_taken_again_with_other_digits()
    {
        using var first = server.Applicant();
        using var second = server.Applicant();
        await first.BeginAndConfirmEmailAsync();
        await second.BeginAndConfirmEmailAsync();

        Assert.Matches("^lampe[0-9]{4}$", first.UserName);
        Assert.Matches("^lampe[0-9]{4}$", second.UserName);
        Assert.NotEqual(first.UserName, second.UserName);
    }

    [Fact]
    public async Task The_dialog_sends_by_itself_once_and_then_when_asked()
    {
        using var person = server.Applicant();
        var page = await person.BeginAndConfirmEmailAsync();
        Assert.False((await CompleteAsync(person, page, person.Mobile[..^1])).GetProperty("complete").GetBoolean());
        Assert.True((await CompleteAsync(person, page, person.Mobile)).GetProperty("complete").GetBoolean());

        var (status, sent) = await PostAsync(person, page, "sendings", ("tel", person.Mobile), ("country", "HK"), ("by_itself", "1"));
        Assert.Equal((HttpStatusCode.OK, true), (status, sent.GetProperty("sent").GetBoolean()));
        var other = CountersignServer.NewMobile();
        Assert.Equal(
            "account_opening.press_to_send",
            (await PostAsync(person, page, "sendings", ("tel", other), ("country", "HK"), ("by_itself", "1"))).Answer
                .GetProperty("code")
                .GetString());
        var (_, again) = await PostAsync(person, page, "sendings", ("tel", other), ("country", "HK"), ("by_itself", "0"));
        var code = await server.CodeToAsync(other);

        // The first number is not the one that counts any more: its own right code confirms nothing.
        var (gone, problem) = await AnswerAsync(person, page, sent, await server.CodeToAsync(person.Mobile));
        Assert.Equal((HttpStatusCode.NotFound, "number.gone"), (gone, problem.GetProperty("code").GetString()));
        Assert.Equal(
            "challenge.wrong",
            (await AnswerAsync(person, page, again, CountersignServer.WrongCode(code))).Answer.GetProperty("code").GetString());
        var (right, verified) = await AnswerAsync(person, page, again, code);

        Assert.Equal((HttpStatusCode.OK, true), (right, verified.GetProperty("verified").GetBoolean()));
        Assert.Single(await server.RowsAsync<PhoneNumber>(n => n.E164 == other && n.VerifiedAt != null));
    }

    [Fact]
    public async Task Who_was_imported_without_a_verified_number_and_has_no_money_confirms_it_here()
    {
        var user = await server.UserAsync(verified: false);
        using var browser = server.Browser();

        var status = await CountersignServer.TypePasswordAsync(browser, user.Name, user.Password);
        Assert.Equal("/apply/status", status.Path);
        var email = await CountersignServer.TypeCodeAsync(
            browser,
            await browser.SubmitAsync(await browser.GetAsync("/apply/email"), "form-token", new Dictionary<string, string>()),
            await server.EmailCodeAsync(user.Email));
        Assert.Equal("/apply/status", email.Path);
        var sent = await browser.SubmitAsync(
            await browser.GetAsync("/apply/mobile"), "tel", new Dictionary<string, string> { ["tel"] = user.Mobile });
        var done = await CountersignServer.TypeCodeAsync(browser, sent, await server.CodeToAsync(user.Mobile));

        Assert.Contains("Sign in to the portal", done.Text, StringComparison.Ordinal);
        await server.SignOutAndInAsync(browser, user);
    }

    [Fact]
    public async Task Who_has_a_device_adds_no_number_here()
    {
        var user = await server.UserAsync();
        await server.WriteAsync(async (db, ct) =>
        {
            var now = server.Clock.GetUtcNow();
            await db.Set<PhoneNumber>().Where(n => n.UserId == user.Id).ExecuteUpdateAsync(
                set => set.SetProperty(n => n.VerifiedAt, (DateTimeOffset?)null), ct);
            return await db.Set<User>().Where(u => u.Id == user.Id).ExecuteUpdateAsync(
                set => set.SetProperty(u => u.EmailConfirmedAt, now), ct);
        });
        using var browser = server.Browser();
        var page = await server.SignInAsync(browser, user);
        var thief = CountersignServer.NewMobile();

        using var request = new HttpRequestMessage(HttpMethod.Post, "/apply/mobile/sendings")
        {
            Content = new FormUrlEncodedContent(CountersignServer.Fields(page, ("tel", thief), ("country", "HK"))),
        };
        using var response = await browser.SendOnceAsync(request);

        Assert.Equal(HttpStatusCode.Forbidden, response.StatusCode);
        Assert.Equal(
            "account_opening.under_settings",
            (await response.Content.ReadFromJsonAsync<JsonElement>(TestContext.Current.CancellationToken)).GetProperty("code").GetString());
        Assert.Empty(server.Sms.To(thief));
    }

    [Fact]
    public async Task Who_has_money_and_no_verified_number_is_sent_to_client_services()
    {
        var user = await server.UserAsync(verified: false);
        await server.FundAsync(user);
        using var browser = server.Browser();

        var refused = await CountersignServer.TypePasswordAsync(browser, user.Name, user.Password);

        Assert.Equal(HttpStatusCode.Forbidden, refused.Status);
        Assert.Contains("client services", refused.Text, StringComparison.OrdinalIgnoreCase);
    }

    private async Task SpoilAsync(Applicant person)
    {
        var user = Assert.Single(await server.RowsAsync<User>(u => u.NormalisedName == person.UserName));
        await server.WriteAsync(
            (db, ct) => db.Set<AccountApplication>().Where(a => a.UserId == user.Id).ExecuteUpdateAsync(
                set => set.SetProperty(a => a.Answers, new byte[40]), ct));
    }

    private async Task SignInToPortalAsync(Applicant person)
    {
        using var fresh = server.Browser();
        var had = server.Sms.To(person.Mobile).Count;
        var page = await CountersignServer.TypePasswordAsync(fresh, person.UserName, person.Password);
        var home = await CountersignServer.TypeCodeAsync(fresh, page, await server.NextCodeToAsync(person.Mobile, had));
        Assert.Equal("/", home.Path);
    }

    private static string AccountNumber(TestPage status) =>
        status.Document.QuerySelectorAll(".settings__value.figures")[^1].TextContent.Trim();

    private static async Task<JsonElement> CompleteAsync(Applicant person, TestPage page, string tel) =>
        (await PostAsync(person, page, "completeness", ("tel", tel), ("country", "HK"))).Answer;

    private static async Task<(HttpStatusCode Status, JsonElement Answer)> PostAsync(
        Applicant person, TestPage page, string what, params (string, string)[] fields)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, "/apply/mobile/" + what)
        {
            Content = new FormUrlEncodedContent(CountersignServer.Fields(page, fields)),
        };
        using var response = await person.Browser.SendOnceAsync(request);
        return (response.StatusCode, await response.Content.ReadFromJsonAsync<JsonElement>());
    }

    private static Task<(HttpStatusCode Status, JsonElement Answer)> AnswerAsync(
        Applicant person, TestPage page, JsonElement sending, string code) => PostAsync(
        person, page, "answers", ("challenge", sending.GetProperty("challenge").GetString()!),
        ("prompt", sending.GetProperty("prompt").GetInt32().ToString(System.Globalization.CultureInfo.InvariantCulture)),
        ("code", code));
}

public sealed class AccountApplicationOnSqlite(OnSqlite server) : AccountApplicationTests(server);

public sealed class AccountApplicationOnPostgres(OnPostgres server) : AccountApplicationTests(server);
