using System.Net;
using Countersign.Server.Features.Confirming.Challenges;
using Countersign.Server.Features.Confirming.Devices;
using Countersign.Server.Features.Registry.Users;
using Countersign.Server.Tests.Guards;
using Countersign.Server.Tests.Hosting;
using Countersign.Testing;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;

namespace Countersign.Server.Tests.Features.Confirming.DeviceSettings;

/// <summary>
/// A weaker device suspends a stronger one, or reports it as lost: who stole the number gains three days of nothing, and the owner hears
/// of it; who lost the phone waits that long, or calls (D1, D2).
/// </summary>
public abstract class LossHoldTests(CountersignServer server)
{
    [Theory]
    [InlineData("lost")]
    [InlineData("suspend")]
    [Claim("D2")]
    public async Task A_weaker_device_adds_nothing_for_three_days_and_what_it_adds_then_is_not_trusted_for_seven(string change)
    {
        await using var own = await server.FreshAsync();
        var (user, browser, app) = await WithTrustedAppAsync(own);
        var reported = own.Clock.GetUtcNow();
        await ChangeByMessageAsync(own, user, browser, app.Id, change);
        browser.Dispose();

        own.Clock.Advance(TimeSpan.FromHours(71));
        using var early = await SignedInByMessageAsync(own, user);
        var refused = await CountersignServer.AskToAddAsync(early, "totp", "Successor");
        own.Clock.Advance(TimeSpan.FromHours(2));
        using var later = await SignedInByMessageAsync(own, user);
        var successor = await own.AddAppAsync(later, user, "Successor");

        Assert.Equal(HttpStatusCode.Forbidden, refused.Status);
        Assert.Contains("27 Nov 2026, 17:00 (Asia/Hong Kong)", refused.Text, StringComparison.Ordinal);
        var row = (await own.RowsAsync<Device>(d => d.Id == successor.Id)).Single();
        Assert.Equal(reported + TimeSpan.FromDays(7), row.TrustedAt);
        Assert.Equal(("sms", 1), (row.Reach, row.ReachStrength));
    }

    /// <summary>What refuses is a unit of work, on a thread that knows nobody's language.</summary>
    [Theory]
    [InlineData("en", "Text message ···", "27 Nov 2026, 17:00 (Asia/Hong Kong)")]
    [InlineData("zh-HK", "短訊", "2026年11月27日 17:00 (Asia/Hong Kong)")]
    [InlineData("zh-CN", "短信", "2026年11月27日 17:00 (Asia/Hong Kong)")]
    public async Task The_refusal_and_the_list_of_devices_name_the_hour_in_the_reader_s_language(
        string language, string device, string hour)
    {
        await using var own = await server.FreshAsync();
        var (user, browser, app) = await WithTrustedAppAsync(own);
        await ChangeByMessageAsync(own, user, browser, app.Id, "lost");
        browser.Dispose();
        using var early = await SignedInByMessageAsync(own, user, language);

        var refused = (await CountersignServer.AskToAddAsync(early, "totp", "Successor")).Text;
        var listed = (await early.GetAsync("/settings/devices")).Text;
        own.Clock.Advance(TimeSpan.FromHours(73));
        using var later = await SignedInByMessageAsync(own, user, language);
        var afterwards = (await later.GetAsync("/settings/devices")).Text;

        Assert.Contains(device, refused, StringComparison.Ordinal);
        Assert.Contains(hour, refused, StringComparison.Ordinal);
        Assert.Contains(hour, listed, StringComparison.Ordinal);
        Assert.DoesNotContain(hour, afterwards, StringComparison.Ordinal);
    }

    [Fact]
    [Claim("D1")]
    public async Task It_is_told_on_every_channel_when_it_begins_and_when_it_is_over()
    {
        await using var own = await server.FreshAsync();
        var (user, browser, app) = await WithTrustedAppAsync(own);
        using var _ = browser;
        await ChangeByMessageAsync(own, user, browser, app.Id, "lost");

        await own.SettledAsync();
        Assert.Single(own.Sms.To(user.Mobile), m => m.Template == "notice-loss-hold-begun");
        Assert.Single(own.Email.To(user.Email), m => m.Template == "notice-loss-hold-begun");

        var holds = own.App.Services.GetRequiredService<LossHolds>();
        own.Clock.Advance(TimeSpan.FromHours(71));
        Assert.Equal(0, await holds.RunOnceAsync(TestContext.Current.CancellationToken));
        own.Clock.Advance(TimeSpan.FromHours(2));
        await Task.WhenAll(
            holds.RunOnceAsync(TestContext.Current.CancellationToken), holds.RunOnceAsync(TestContext.Current.CancellationToken));

        await own.SettledAsync();
        Assert.Single(own.Sms.To(user.Mobile), m => m.Template == "notice-loss-hold-over");
        Assert.Single(own.Email.To(user.Email), m => m.Template == "notice-loss-hold-over");
    }

    [Fact]
    public async Task A_wrong_password_during_the_hold_is_told_on_every_channel()
    {
        await using var own = await server.FreshAsync();
        var (user, browser, app) = await WithTrustedAppAsync(own);
        using var _ = browser;
        using var thief = own.Browser();
        await CountersignServer.TypePasswordAsync(thief, user.Name, "not it at all");
        await ChangeByMessageAsync(own, user, browser, app.Id, "lost");

        await CountersignServer.TypePasswordAsync(thief, user.Name, "not it either");

        await own.SettledAsync();
        Assert.Single(own.Sms.To(user.Mobile), m => m.Template == "notice-password-wrong-in-loss-hold");
        Assert.Single(own.Email.To(user.Email), m => m.Template == "notice-password-wrong-in-loss-hold");
    }

    /// <summary>Neither the weaker device nor the one that came back by its word gets by with less than before.</summary>
    [Fact]
    [Claim("D2")]
    public async Task What_a_weaker_device_suspends_and_resumes_counts_as_before()
    {
        await using var own = await server.FreshAsync();
        var (user, browser, app) = await WithTrustedAppAsync(own);
        using var _ = browser;
        var sms = (await own.DeviceAsync(user, "sms")).Id;
        await ChangeByMessageAsync(own, user, browser, app.Id, "suspend");
        await ChangeByMessageAsync(own, user, browser, app.Id, "resume");

        var asked = await CountersignServer.AskToAddAsync(browser, "totp", "Successor");
        var weak = await CountersignServer.PressAsync(browser, asked, "choose", ("device", sms.ToString()));
        var resumed = await CountersignServer.PressAsync(browser, asked, "choose", ("device", app.Id.ToString()));
        own.Clock.Advance(TimeSpan.FromHours(25));
        using var later = await SignedInByMessageAsync(own, user);
        var picker = await CountersignServer.AskToAddAsync(later, "totp", "Successor");
        var agreed = await CountersignServer.TypeCodeAsync(
            later, await CountersignServer.ChooseAsync(later, picker, app.Id), own.AppCode(app.Key));

        Assert.Equal((HttpStatusCode.Forbidden, HttpStatusCode.Forbidden), (weak.Status, resumed.Status));
        Assert.Contains("25 Nov 2026, 17:", resumed.Text, StringComparison.Ordinal);
        Assert.NotEmpty(CountersignServer.KeyOn(agreed));
    }

    [Fact]
    [Claim("D2")]
    public async Task A_device_on_the_same_level_decides_at_once()
    {
        await using var own = await server.FreshAsync();
        var (user, browser, app) = await WithTrustedAppAsync(own);
        using var _ = browser;
        var asked = await CountersignServer.ChooseAsync(
            browser, await CountersignServer.AskToAddAsync(browser, "totp", "Tablet"), app.Id);
        var tablet = await own.ActivateAppAsync(
            browser, user, await CountersignServer.TypeCodeAsync(browser, asked, own.AppCode(app.Key)), "Tablet");
        await TrustAsync(own, user);

        var lost = await CountersignServer.ChooseAsync(browser, await ChangeAsync(browser, app.Id, "lost"), tablet.Id);
        await CountersignServer.TypeCodeAsync(browser, lost, own.AppCode(tablet.Key));
        await own.ForgetStepsAsync(tablet);
        var adding = await CountersignServer.ChooseAsync(
            browser, await CountersignServer.AskToAddAsync(browser, "totp", "Third"), tablet.Id);
        var agreed = await CountersignServer.TypeCodeAsync(browser, adding, own.AppCode(tablet.Key));

        Assert.NotEmpty(CountersignServer.KeyOn(agreed));
        var row = (await own.RowsAsync<Device>(d => d.Id == app.Id)).Single();
        Assert.Equal((DeviceStatus.Lost, null), (row.Status, row.HeldSince));
    }

    /// <summary>The number's own code may not bring the number somewhere else either, while the app counts.</summary>
    [Fact]
    [Claim("D1")]
    public async Task No_number_is_replaced_during_the_hold()
    {
        await using var own = await server.FreshAsync();
        var (user, browser, app) = await WithTrustedAppAsync(own);
        using var _ = browser;
        await ChangeByMessageAsync(own, user, browser, app.Id, "lost");
        await own.LetMessagesGoAsync(user);

        var refused = await browser.SubmitAsync(
            await browser.GetAsync("/settings/numbers"), "tel",
            new Dictionary<string, string> { ["tel"] = CountersignServer.NewMobile(), ["country"] = "HK" });

        Assert.Equal(HttpStatusCode.Forbidden, refused.Status);
        Assert.Contains("27 Nov 2026", refused.Text, StringComparison.Ordinal);
    }

    [Fact]
    [Claim("D26")]
    public async Task A_weaker_device_opens_a_frozen_access_when_the_hold_is_over_and_not_before()
    {
        await using var own = await server.FreshAsync();
        var (user, browser, app) = await WithTrustedAppAsync(own);
        using var _ = browser;
        await ChangeByMessageAsync(own, user, browser, app.Id, "lost");
        var now = own.Clock.GetUtcNow();
        await own.WriteAsync((db, ct) => db.Set<User>().Where(u => u.Id == user.Id).ExecuteUpdateAsync(
            set => set.SetProperty(u => u.FrozenAt, now), ct));
        using var early = own.Browser();
        using var later = own.Browser();

        var refused = await CountersignServer.TypePasswordAsync(early, user.Name, user.Password);
        own.Clock.Advance(TimeSpan.FromHours(73));
        var had = own.Codes(user).Count;
        var asked = await CountersignServer.TypePasswordAsync(later, user.Name, user.Password);
        await CountersignServer.TypeCodeAsync(later, asked, await own.CodeAsync(user, had + 1));

        Assert.Equal("/sign-in", refused.Path);
        Assert.Contains("27 Nov 2026, 17:00 (Asia/Hong Kong)", refused.Text, StringComparison.Ordinal);
        Assert.Null((await own.RowsAsync<User>(u => u.Id == user.Id)).Single().FrozenAt);
        Assert.Equal(
            ChallengeState.Used, (await own.RowsAsync<Challenge>(c => c.UserId == user.Id && c.Purpose == "thaw")).Single().State);
    }

    private static Task TrustAsync(CountersignServer own, TestUser user) => own.WriteAsync((db, ct) =>
    {
        var past = own.Clock.GetUtcNow() - TimeSpan.FromDays(1);
        return db.Set<Device>().Where(d => d.UserId == user.Id).ExecuteUpdateAsync(set => set.SetProperty(d => d.TrustedAt, past), ct);
    });

    private static async Task<(TestUser User, TestBrowser Browser, TestApp App)> WithTrustedAppAsync(CountersignServer own)
    {
        var user = await own.UserAsync();
        var browser = own.Browser();
        await own.SignInAsync(browser, user);
        var app = await own.AddAppAsync(browser, user);
        await TrustAsync(own, user);
        return (user, browser, app);
    }

    private static async Task<TestBrowser> SignedInByMessageAsync(CountersignServer own, TestUser user, string language = "en")
    {
        var browser = own.Browser(language: language);
        await own.LetMessagesGoAsync(user);
        var had = own.Codes(user).Count;
        var page = await CountersignServer.TypePasswordAndChooseAsync(browser, user, (await own.DeviceAsync(user, "sms")).Id);
        await CountersignServer.TypeCodeAsync(browser, page, await own.CodeAsync(user, had + 1));
        return browser;
    }

    private static async Task ChangeByMessageAsync(
        CountersignServer own, TestUser user, TestBrowser browser, Guid device, string change)
    {
        await own.LetMessagesGoAsync(user);
        var had = own.Codes(user).Count;
        var page = await CountersignServer.ChooseAsync(
            browser, await ChangeAsync(browser, device, change), (await own.DeviceAsync(user, "sms")).Id);
        var done = await CountersignServer.TypeCodeAsync(browser, page, await own.CodeAsync(user, had + 1));
        Assert.Equal(HttpStatusCode.OK, done.Status);
    }

    private static async Task<TestPage> ChangeAsync(TestBrowser browser, Guid device, string change) =>
        await CountersignServer.PressAsync(browser, await browser.GetAsync($"/settings/devices/{device}"), "Change", ("change", change));
}

public sealed class LossHoldOnSqlite(OnSqlite server) : LossHoldTests(server);

public sealed class LossHoldOnPostgres(OnPostgres server) : LossHoldTests(server);
