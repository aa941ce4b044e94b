using System.Net;
using Countersign.Server.Features.Access.Sessions;
using Countersign.Server.Tests.Hosting;
using Countersign.Testing;

namespace Countersign.Server.Tests.Features.Kinds.AuthenticatorApps;

public abstract class AuthenticatorAppTests(CountersignServer server)
{
    private const int AtOnce = 50;

    [Fact]
    public async Task An_app_is_added_with_the_consent_of_a_device_and_signs_in()
    {
        var user = await server.UserAsync();
        using var desk = server.Browser();
        await server.SignInAsync(desk, user);
        var app = await server.AddAppAsync(desk, user);
        using var browser = server.Browser();

        var page = await CountersignServer.TypePasswordAndChooseAsync(browser, user, app.Id);
        var home = await CountersignServer.TypeCodeAsync(browser, page, server.AppCode(app.Key));

        Assert.Equal("/", home.Path);
        Assert.Single(await server.RowsAsync<Session>(s => s.UserId == user.Id), s => s.DeviceKind == "totp");
        await server.EmailAsync(user, "Work phone");
    }

    [Fact]
    public async Task A_code_works_once_and_so_does_its_step()
    {
        var user = await server.UserAsync();
        using var desk = server.Browser();
        await server.SignInAsync(desk, user);
        var app = await server.AddAppAsync(desk, user);
        using var first = server.Browser();
        using var second = server.Browser();
        var page = await CountersignServer.TypePasswordAndChooseAsync(first, user, app.Id);
        await CountersignServer.TypeCodeAsync(first, page, server.AppCode(app.Key));

        var again = await CountersignServer.TypeCodeAsync(
            second, await CountersignServer.TypePasswordAndChooseAsync(second, user, app.Id), server.AppCode(app.Key));
        var older = await CountersignServer.TypeCodeAsync(second, again, server.AppCode(app.Key, steps: -1));

        Assert.Equal(HttpStatusCode.UnprocessableEntity, again.Status);
        Assert.Equal(HttpStatusCode.UnprocessableEntity, older.Status);
        Assert.Equal(2, await server.TriesAsync(app.Id));
    }

    [Theory]
    [InlineData(-2, false)]
    [InlineData(-1, true)]
    [InlineData(0, true)]
    [InlineData(1, false)]
    public async Task The_present_step_and_the_one_before_are_taken(int steps, bool taken)
    {
        var user = await server.UserAsync();
        using var browser = server.Browser();
        await server.SignInAsync(browser, user);
        var page = await server.BeginAddingAsync(browser, user, "totp", "Phone");

        var answer = await CountersignServer.TypeCodeAsync(browser, page, server.AppCode(CountersignServer.KeyOn(page), steps));

        Assert.Equal(taken, answer.Path == "/settings/devices");
    }

    [Fact]
    [Race]
    public async Task Of_fifty_at_once_one_signs_in()
    {
        var user = await server.UserAsync();
        using var desk = server.Browser();
        await server.SignInAsync(desk, user);
        var app = await server.AddAppAsync(desk, user);
        var before = (await server.SessionIdsAsync(user)).Count;
        using var browser = server.Browser();
        var page = await CountersignServer.TypePasswordAndChooseAsync(browser, user, app.Id);

        var answers = await CountersignServer.TypeCodeManyAsync(browser, page, Enumerable.Repeat(server.AppCode(app.Key), AtOnce));

        Assert.Equal(CountersignServer.Answered, answers.Count(a => a == HttpStatusCode.Redirect));
        Assert.Equal(before + 1, (await server.SessionIdsAsync(user)).Count);
    }

    [Fact]
    [Race]
    public async Task One_code_in_many_browsers_at_once_signs_in_one()
    {
        var user = await server.UserAsync();
        using var desk = server.Browser();
        await server.SignInAsync(desk, user);
        var app = await server.AddAppAsync(desk, user);
        var before = (await server.SessionIdsAsync(user)).Count;
        var browsers = Enumerable.Range(0, 8).Select(_ => server.Browser()).ToList();
        var pages = new List<TestPage>();
        foreach (var browser in browsers)
        {
            pages.Add(await CountersignServer.TypePasswordAndChooseAsync(browser, user, app.Id));
        }

        await Task.WhenAll(browsers.Zip(pages, (browser, page) => CountersignServer.TypeCodeAsync(browser, page, server.AppCode(app.Key))));

        Assert.Equal(before + 1, (await server.SessionIdsAsync(user)).Count);
        browsers.ForEach(b => b.Dispose());
    }

    [Fact]
    public async Task What_cannot_be_a_code_is_told_and_costs_no_try()
    {
        var user = await server.UserAsync();
        using var browser = server.Browser();
        await server.SignInAsync(browser, user);
        var page = await server.BeginAddingAsync(browser, user, "totp", "Phone");

        var answer = await CountersignServer.TypeCodeAsync(browser, page, "12 34");

        Assert.Equal(HttpStatusCode.UnprocessableEntity, answer.Status);
        Assert.Equal("12 34", answer.Document.QuerySelector("#code")!.GetAttribute("value"));
        Assert.Contains("6 digits", answer.Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_key_is_shown_while_the_app_waits_and_never_again()
    {
        var user = await server.UserAsync();
        using var browser = server.Browser();
        await server.SignInAsync(browser, user);
        var page = await server.BeginAddingAsync(browser, user, "totp", "Phone");
        var key = page.Document.QuerySelector(".secret-key")!.TextContent;
        await server.ActivateAppAsync(browser, user, page, "Phone");

        var back = await browser.GetAsync(page.Path);
        using var other = server.Browser();
        var signIn = await CountersignServer.TypePasswordAndChooseAsync(other, user, (await server.DeviceAsync(user, "totp")).Id);

        Assert.DoesNotContain(key, back.Html, StringComparison.Ordinal);
        Assert.DoesNotContain(key, signIn.Html, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("Sha256", 8)]
    [InlineData("Sha512", 6)]
    public async Task Other_hashes_and_lengths_work(string hash, int digits)
    {
        await using var other = await server.FreshAsync(
            ("AuthenticatorApps:Hash", hash),
            ("AuthenticatorApps:Digits", digits.ToString(System.Globalization.CultureInfo.InvariantCulture)));
        var user = await other.UserAsync();
        using var browser = other.Browser();
        await other.SignInAsync(browser, user);
        var page = await other.BeginAddingAsync(browser, user, "totp", "Phone");
        var link = page.Document.QuerySelector("a[href^='otpauth:']")!.GetAttribute("href")!;

        var done = await CountersignServer.TypeCodeAsync(browser, page, Countersign.Protocol.Oath.Totp.Compute(
            CountersignServer.KeyOn(page),
            Countersign.Protocol.Oath.Totp.StepAt(other.Clock.GetUtcNow()),
            new(Enum.Parse<Countersign.Protocol.Oath.OathHash>(hash), digits)));

        Assert.Contains($"algorithm={hash.ToUpperInvariant()}&digits={digits}", link, StringComparison.Ordinal);
        Assert.Equal("/settings/devices", done.Path);
    }
}

public sealed class AuthenticatorAppsOnSqlite(OnSqlite server) : AuthenticatorAppTests(server);

public sealed class AuthenticatorAppsOnPostgres(OnPostgres server) : AuthenticatorAppTests(server);
