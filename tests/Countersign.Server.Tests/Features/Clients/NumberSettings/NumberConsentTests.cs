using System.Net;
using Countersign.Server.Features.Confirming.Challenges;
using Countersign.Server.Features.Confirming.Devices;
using Countersign.Server.Features.Registry.PhoneNumbers;
using Countersign.Server.Tests.Guards;
using Countersign.Server.Tests.Hosting;
using Countersign.Testing;
using Microsoft.EntityFrameworkCore;

namespace Countersign.Server.Tests.Features.Clients.NumberSettings;

/// <summary>Which device agrees to a change of numbers, and how much of its power the number gets (D1, D2).</summary>
public abstract class NumberConsentTests(CountersignServer server)
{
    private const string Page = "/settings/numbers";

    [Fact]
    [Claim("D1")]
    public async Task A_number_is_added_with_the_strongest_device_and_no_other()
    {
        var (user, browser, app) = await WithTrustedAppAsync();
        using var _ = browser;
        var mobile = CountersignServer.NewMobile();

        var confirm = await AddAsync(browser, mobile);
        await AssertRefusesSmsAsync(user, browser, confirm);
        var verify = await CountersignServer.TypeCodeAsync(
            browser, await CountersignServer.ChooseAsync(browser, confirm, app.Id), server.AppCode(app.Key));

        Assert.Contains("Confirmation number", verify.Text, StringComparison.Ordinal);
        Assert.NotNull((await NumberAsync(server, user, mobile)).AgreedAt);
    }

    [Fact]
    public async Task A_number_that_was_imported_is_agreed_to_with_the_strongest_device()
    {
        var (user, browser, _) = await WithTrustedAppAsync();
        using var _1 = browser;
        var mobile = CountersignServer.NewMobile();
        await server.AddNumberAsync(user, mobile);

        await AssertRefusesSmsAsync(user, browser, await PressAsync(user, browser, "Verify", mobile));
    }

    [Fact]
    public async Task A_number_is_replaced_with_the_strongest_device()
    {
        var (user, browser, _) = await WithTrustedAppAsync();
        using var _1 = browser;
        var form = await browser.GetAsync($"{Page}?replace={(await NumberAsync(server, user, user.Mobile)).Id}");

        await AssertRefusesSmsAsync(
            user,
            browser,
            await browser.SubmitAsync(form, "tel", new Dictionary<string, string> { ["tel"] = CountersignServer.NewMobile() }));
    }

    [Fact]
    [Claim("D1")]
    public async Task A_device_that_was_reported_lost_a_moment_ago_leaves_the_way_closed()
    {
        var (user, browser, app) = await WithTrustedAppAsync();
        using var _ = browser;
        var now = server.Clock.GetUtcNow();
        await server.WriteAsync(
            (db, ct) => db.Set<Device>().Where(d => d.Id == app.Id).ExecuteUpdateAsync(
                set => set.SetProperty(d => d.Status, DeviceStatus.Lost)
                    .SetProperty(d => d.EndedAt, now)
                    .SetProperty(d => d.HeldSince, now),
                ct));

        var refused = await AddAsync(browser, CountersignServer.NewMobile());

        Assert.Equal(HttpStatusCode.Forbidden, refused.Status);
        Assert.Contains("strongest device", refused.Text, StringComparison.Ordinal);
        Assert.Empty(await server.RowsAsync<Challenge>(
            c => c.UserId == user.Id && c.Purpose == "number-change" && c.State == ChallengeState.Prompted));
    }

    [Theory]
    [InlineData("Prefer")]
    [InlineData("Remove")]
    public async Task What_was_added_a_moment_ago_decides_nothing_where_a_number_is_preferred_or_removed(string change)
    {
        var (user, browser, app) = await WithAppAsync(server);
        using var _ = browser;
        var past = server.Clock.GetUtcNow() - TimeSpan.FromDays(2);
        var mobile = CountersignServer.NewMobile();
        await server.AddVerifiedNumberAsync(user, mobile);
        await server.WriteAsync(
            (db, ct) => db.Set<Device>().Where(d => d.UserId == user.Id && d.Kind == "sms").ExecuteUpdateAsync(
                set => set.SetProperty(d => d.TrustedAt, past), ct));
        await server.LetMessagesGoAsync(user);
        var sms = (await server.DeviceAsync(user, "sms")).Id;
        var had = server.Codes(user).Count;

        var chosen = await CountersignServer.ChooseAsync(browser, await PressAsync(user, browser, change, mobile), sms);
        var done = await CountersignServer.TypeCodeAsync(browser, chosen, await server.CodeAsync(user, had + 1));
        Assert.Equal(Page, done.Path);

        // Trusted itself, the app is the strongest.
        await server.WriteAsync(
            (db, ct) =>
                db.Set<Device>().Where(d => d.UserId == user.Id).ExecuteUpdateAsync(set => set.SetProperty(d => d.TrustedAt, past), ct));
        var other = CountersignServer.NewMobile();
        await server.AddVerifiedNumberAsync(user, other);
        await AssertRefusesSmsAsync(user, browser, await PressAsync(user, browser, change, other));
        Assert.Equal(DeviceStatus.Active, (await server.RowsAsync<Device>(d => d.Id == app.Id))[0].Status);
    }

    /// <summary>
    /// A thief who got one code adds an app, and must not replace the owner's number with it; the owner's trusted number agrees at once.
    /// </summary>
    [Fact]
    [Claim("D2")]
    public async Task What_was_added_a_moment_ago_replaces_no_number()
    {
        var (user, browser, app) = await WithAppAsync(server);
        using var _ = browser;
        var past = server.Clock.GetUtcNow() - TimeSpan.FromDays(2);
        await server.WriteAsync(
            (db, ct) => db.Set<Device>().Where(d => d.UserId == user.Id && d.Kind == "sms").ExecuteUpdateAsync(
                set => set.SetProperty(d => d.TrustedAt, past), ct));
        await server.LetMessagesGoAsync(user);
        var (sms, had) = ((await server.DeviceAsync(user, "sms")).Id, server.Codes(user).Count);
        var form = await browser.GetAsync($"{Page}?replace={(await NumberAsync(server, user, user.Mobile)).Id}");

        var asked = await browser.SubmitAsync(form, "tel", new Dictionary<string, string> { ["tel"] = CountersignServer.NewMobile() });
        var refused = await CountersignServer.PressAsync(browser, asked, "choose", ("device", app.Id.ToString()));
        var chosen = await CountersignServer.ChooseAsync(browser, await browser.GetAsync(asked.Path), sms);
        var agreed = await CountersignServer.TypeCodeAsync(browser, chosen, await server.CodeAsync(user, had + 1));

        Assert.Equal(HttpStatusCode.Forbidden, refused.Status);
        Assert.Contains("Confirmation number", agreed.Text, StringComparison.Ordinal);
    }

    /// <summary>
    /// An installation may give an app less than text messages: whoever has the app must not get more by a number of his own.
    /// </summary>
    [Fact]
    [Claim("D2")]
    public async Task Until_it_is_trusted_a_number_moves_no_more_than_the_device_that_agreed_to_it()
    {
        await using var own = await server.FreshAsync(("Devices:Tiers:totp:PerDay", "1000"), ("Devices:Tiers:totp:PerFiveDays", "2000"));
        var (user, browser, app) = await WithAppAsync(own);
        using var _ = browser;
        var mobile = CountersignServer.NewMobile();
        var form = await browser.GetAsync($"{Page}?replace={(await NumberAsync(own, user, user.Mobile)).Id}");
        var confirm = await browser.SubmitAsync(form, "tel", new Dictionary<string, string> { ["tel"] = mobile });
        var verify = await CountersignServer.TypeCodeAsync(
            browser, await CountersignServer.ChooseAsync(browser, confirm, app.Id), own.AppCode(app.Key));
        await CountersignServer.TypeCodeAsync(browser, verify, await own.CodeToAsync(mobile));
        var sms = await own.DeviceAsync(user, "sms");

        Assert.Equal((await NumberAsync(own, user, mobile)).Id.ToString("N"), (await own.CredentialOfAsync(sms.Id)).Serial);
        Assert.Equal(("totp", 1000m), await HasAsync(own, user, sms.Id));
        var page = (await browser.GetAsync($"/settings/devices/{sms.Id}")).Text;
        Assert.Contains("1,000", page, StringComparison.Ordinal);
        Assert.Contains("Its own limits count from", page, StringComparison.Ordinal);

        var before = own.Clock.GetUtcNow() - TimeSpan.FromSeconds(1);
        await own.WriteAsync(
            (db, ct) =>
                db.Set<Device>().Where(d => d.Id == sms.Id).ExecuteUpdateAsync(set => set.SetProperty(d => d.TrustedAt, before), ct));
        Assert.Equal("sms", (await HasAsync(own, user, sms.Id)).Name);
    }

    [Fact]
    public async Task A_number_that_comes_back_because_it_is_preferred_has_the_tier_of_what_agreed()
    {
        await using var own = await server.FreshAsync(("Devices:Tiers:totp:PerDay", "1000"), ("Devices:Tiers:totp:PerFiveDays", "2000"));
        var (user, browser, app) = await WithAppAsync(own);
        using var _ = browser;
        var mobile = CountersignServer.NewMobile();
        await own.AddVerifiedNumberAsync(user, mobile);

        var confirm = await CountersignServer.PressAsync(
            browser, await browser.GetAsync(Page), "Prefer", ("number", (await NumberAsync(own, user, mobile)).Id.ToString()));
        await CountersignServer.TypeCodeAsync(browser, await CountersignServer.ChooseAsync(browser, confirm, app.Id), own.AppCode(app.Key));

        Assert.Equal(("totp", 1000m), await HasAsync(own, user, (await own.DeviceAsync(user, "sms")).Id));
    }

    [Fact]
    public async Task A_number_that_was_verified_before_there_was_a_device_has_its_own_tier_at_once()
    {
        var user = await server.UserAsync();

        var sms = await server.DeviceAsync(user, "sms");

        Assert.Null(sms.Reach);
        Assert.Equal("sms", (await HasAsync(server, user, sms.Id)).Name);
    }

    private static async Task<(string Name, decimal? PerDay)> HasAsync(CountersignServer server, TestUser user, Guid device)
    {
        var (name, tier) = await server.TierAsync(user, device);
        return (name, tier.PerDay);
    }

    private async Task AssertRefusesSmsAsync(TestUser user, TestBrowser browser, TestPage confirm)
    {
        var sms = (await server.DeviceAsync(user, "sms")).Id.ToString();
        Assert.True(confirm.Document.QuerySelector($"input[value='{sms}']")!.HasAttribute("disabled"));
        Assert.Equal(HttpStatusCode.Forbidden, (await CountersignServer.PressAsync(browser, confirm, "choose", ("device", sms))).Status);
    }

    private static async Task<(TestUser User, TestBrowser Browser, TestApp App)> WithAppAsync(CountersignServer server)
    {
        var user = await server.UserAsync();
        var browser = server.Browser();
        await server.SignInAsync(browser, user);
        return (user, browser, await server.AddAppAsync(browser, user));
    }

    private async Task<(TestUser User, TestBrowser Browser, TestApp App)> WithTrustedAppAsync()
    {
        var (user, browser, app) = await WithAppAsync(server);
        var past = server.Clock.GetUtcNow() - TimeSpan.FromDays(2);
        await server.WriteAsync((db, ct) => db.Set<Device>().Where(d => d.UserId == user.Id).ExecuteUpdateAsync(
            set => set.SetProperty(d => d.TrustedAt, past).SetProperty(d => d.WasTrusted, true), ct));
        return (user, browser, app);
    }

    private static async Task<TestPage> AddAsync(TestBrowser browser, string mobile) =>
        await browser.SubmitAsync(
            await browser.GetAsync(Page), "tel", new Dictionary<string, string> { ["tel"] = mobile, ["country"] = "HK" });

    private async Task<TestPage> PressAsync(TestUser user, TestBrowser browser, string handler, string mobile) =>
        await CountersignServer.PressAsync(
            browser, await browser.GetAsync(Page), handler, ("number", (await NumberAsync(server, user, mobile)).Id.ToString()));

    private static async Task<PhoneNumber> NumberAsync(CountersignServer server, TestUser user, string mobile) =>
        (await server.RowsAsync<PhoneNumber>(n => n.UserId == user.Id && n.E164 == mobile && n.RemovedAt == null)).Single();
}

public sealed class NumberConsentOnSqlite(OnSqlite server) : NumberConsentTests(server);

public sealed class NumberConsentOnPostgres(OnPostgres server) : NumberConsentTests(server);
