using System.Net;
using Countersign.Server.Features.Confirming.Devices;
using Countersign.Server.Features.Registry.PhoneNumbers;
using Countersign.Server.Tests.Hosting;
using Countersign.Testing;
using Microsoft.EntityFrameworkCore;

namespace Countersign.Server.Tests.Features.Kinds.TextMessages;

/// <summary>The devices behind numbers: what was reported as lost, or rests, does not come back unless its owner agrees to it.</summary>
public abstract class NumberDeviceTests(CountersignServer server)
{
    private const string Numbers = "/settings/numbers";

    [Fact]
    public async Task A_phone_that_was_reported_lost_is_no_way_in_so_the_last_other_device_stays()
    {
        var (user, browser, app) = await WithAppAsync();
        using var _ = browser;
        await ChangeByAppAsync(browser, (await server.DeviceAsync(user, "sms")).Id, "lost", app);

        var refused = await ChangeAsync(browser, app.Id, "remove");

        Assert.Equal(HttpStatusCode.Conflict, refused.Status);
        Assert.Contains("only device", refused.Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Codes_go_to_another_number_where_there_is_one()
    {
        var (user, browser, app) = await WithAppAsync();
        using var _ = browser;
        var lost = (await server.DeviceAsync(user, "sms")).Id;
        await ChangeByAppAsync(browser, lost, "lost", app);
        var mobile = CountersignServer.NewMobile();
        await server.AddVerifiedNumberAsync(user, mobile);

        await server.ForgetStepsAsync(app);
        await CountersignServer.TypeCodeAsync(browser, await ChangeAsync(browser, app.Id, "remove"), server.AppCode(app.Key));
        await EnrolAllAsync();

        Assert.Equal((await DeviceAsync(user, mobile)).Id, (await server.DeviceAsync(user, "sms")).Id);
        Assert.Equal(DeviceStatus.Lost, (await server.RowsAsync<Device>(d => d.Id == lost))[0].Status);
        await server.SignOutAndInAsync(browser, user with { Mobile = mobile });
    }

    [Theory]
    [InlineData("Lost")]
    [InlineData("Suspended")]
    public async Task The_job_wakes_no_phone_that_is_lost_or_rests(string status)
    {
        var user = await server.UserAsync();
        await SetAsync(user, Enum.Parse<DeviceStatus>(status));

        await server.RequestEnrolmentAsync(user);
        await EnrolAllAsync();
        using var browser = server.Browser();
        var page = await CountersignServer.TypePasswordAsync(browser, user.Name, user.Password);

        Assert.Equal(Enum.Parse<DeviceStatus>(status), Assert.Single(await server.RowsAsync<Device>(d => d.UserId == user.Id)).Status);
        Assert.Equal("/sign-in", page.Path);
        Assert.Empty(server.Codes(user));
    }

    [Theory]
    [InlineData("Lost", "Remove the number")]
    [InlineData("Suspended", "Resume it")]
    public async Task A_number_whose_phone_is_lost_or_rests_is_not_preferred_and_the_page_says_what_to_do(string status, string advice)
    {
        var (user, browser) = await SignedInAsync();
        using var _ = browser;
        var mobile = CountersignServer.NewMobile();
        await server.AddVerifiedNumberAsync(user, mobile);
        await PreferAsync(user, browser, mobile);
        await SetAsync(user, Enum.Parse<DeviceStatus>(status), user.Mobile);

        var refused = await PressAsync(user, browser, "Prefer", user.Mobile);

        Assert.Equal(HttpStatusCode.Conflict, refused.Status);
        Assert.Contains(advice, refused.Text, StringComparison.Ordinal);
    }

    /// <summary>A phone that was resumed can be active beside the one that took its place.</summary>
    [Fact]
    public async Task Of_two_phones_that_answer_the_preferred_one_is_left()
    {
        var (user, browser) = await SignedInAsync();
        using var _ = browser;
        var mobile = CountersignServer.NewMobile();
        await server.AddVerifiedNumberAsync(user, mobile);
        await PreferAsync(user, browser, mobile);
        await SetAsync(user, DeviceStatus.Active, user.Mobile);
        await server.LetMessagesGoAsync(user);
        var had = server.Codes(user).Count;
        var chosen = await CountersignServer.ChooseAsync(
            browser, await PressAsync(user, browser, "Prefer", user.Mobile), (await DeviceAsync(user, user.Mobile)).Id);

        await CountersignServer.TypeCodeAsync(browser, chosen, await server.CodeAsync(user, had + 1));

        Assert.Equal((await DeviceAsync(user, user.Mobile)).Id, (await server.DeviceAsync(user, "sms")).Id);
    }

    [Fact]
    public async Task A_phone_that_is_lost_while_a_device_is_asked_is_not_preferred_and_the_other_one_stays()
    {
        var (user, browser) = await SignedInAsync();
        using var _ = browser;
        var mobile = CountersignServer.NewMobile();
        await server.AddVerifiedNumberAsync(user, mobile);
        await PreferAsync(user, browser, mobile);
        await server.LetMessagesGoAsync(user);
        var confirm = await PressAsync(user, browser, "Prefer", user.Mobile);
        await SetAsync(user, DeviceStatus.Lost, user.Mobile);

        var refused = await CountersignServer.TypeCodeAsync(browser, confirm, await server.CodeToAsync(mobile));

        Assert.Equal(HttpStatusCode.Conflict, refused.Status);
        Assert.Equal((await DeviceAsync(user, mobile)).Id, (await server.DeviceAsync(user, "sms")).Id);
        Assert.True((await NumberAsync(user, mobile)).Preferred);
    }

    [Fact]
    public async Task The_only_number_can_go_once_its_phone_is_lost_and_comes_back_as_another_device()
    {
        var (user, browser, app) = await WithAppAsync();
        using var _ = browser;
        var lost = (await server.DeviceAsync(user, "sms")).Id;
        await ChangeByAppAsync(browser, lost, "lost", app);

        await server.ForgetStepsAsync(app);
        var done = await CountersignServer.TypeCodeAsync(
            browser, await PressAsync(user, browser, "Remove", user.Mobile), server.AppCode(app.Key));
        Assert.Contains("The number is removed", done.Text, StringComparison.Ordinal);
        await server.ForgetStepsAsync(app);
        await server.LetMessagesGoAsync(user);
        var had = server.Codes(user).Count;
        var confirm = await browser.SubmitAsync(
            await browser.GetAsync(Numbers), "tel", new Dictionary<string, string> { ["tel"] = user.Mobile, ["country"] = "HK" });
        var verify = await CountersignServer.TypeCodeAsync(browser, confirm, server.AppCode(app.Key));
        done = await CountersignServer.TypeCodeAsync(browser, verify, await server.CodeAsync(user, had + 1));

        Assert.Contains("Your number is verified", done.Text, StringComparison.Ordinal);
        var device = Assert.Single(await server.RowsAsync<Device>(d => d.UserId == user.Id && d.Kind == "sms"));
        Assert.Equal((lost, DeviceStatus.Lost), (device.Id, device.Status));
        Assert.Equal(2, (await server.RowsAsync<Credential>(c => c.OwnerId == user.Id && c.Kind == "sms")).Count);
    }

    [Fact]
    public async Task The_last_number_that_answers_cannot_go_whatever_else_is_in_the_list()
    {
        var (user, browser) = await SignedInAsync();
        using var _ = browser;
        var mobile = CountersignServer.NewMobile();
        await server.AddVerifiedNumberAsync(user, mobile);
        await PreferAsync(user, browser, mobile);
        await SetAsync(user, DeviceStatus.Lost, user.Mobile);

        var refused = await PressAsync(user, browser, "Remove", mobile);

        Assert.Equal(HttpStatusCode.Conflict, refused.Status);
        Assert.Contains("only verified number", refused.Text, StringComparison.Ordinal);
    }

    /// <summary>D2, D26: a thaw asks what was trusted before the freeze, and the sessions of what is new say so.</summary>
    [Fact]
    public async Task A_phone_that_comes_back_is_trusted_anew_and_one_whose_number_was_verified_long_ago_at_once()
    {
        var user = await server.UserAsync();
        var now = server.Clock.GetUtcNow();
        await server.WriteAsync((db, ct) => db.Set<Device>().Where(d => d.UserId == user.Id).ExecuteDeleteAsync(ct));
        await server.WriteAsync(
            (db, ct) => db.Set<PhoneNumber>().Where(n => n.UserId == user.Id).ExecuteUpdateAsync(
                set => set.SetProperty(n => n.VerifiedAt, now - TimeSpan.FromDays(90)), ct));
        await server.RequestEnrolmentAsync(user);
        await EnrolAllAsync();
        Assert.True((await server.DeviceAsync(user, "sms")).TrustedAt < now);

        await SetAsync(user, DeviceStatus.Revoked);
        await server.RequestEnrolmentAsync(user);
        await EnrolAllAsync();

        Assert.Equal(now + TimeSpan.FromHours(24), (await server.DeviceAsync(user, "sms")).TrustedAt);
    }

    private async Task<(TestUser User, TestBrowser Browser)> SignedInAsync()
    {
        var user = await server.UserAsync();
        var browser = server.Browser();
        await server.SignInAsync(browser, user);
        return (user, browser);
    }

    private async Task<(TestUser User, TestBrowser Browser, TestApp App)> WithAppAsync()
    {
        var (user, browser) = await SignedInAsync();
        return (user, browser, await server.AddAppAsync(browser, user));
    }

    /// <summary>
    /// What the client does with a device, or another part of the product: the job and the pages have to take it as it is.
    /// </summary>
    private async Task SetAsync(TestUser user, DeviceStatus status, string? mobile = null)
    {
        var (now, device) = (server.Clock.GetUtcNow(), (await DeviceAsync(user, mobile ?? user.Mobile)).Id);
        await server.WriteAsync(
            (db, ct) => db.Set<Device>().Where(d => d.Id == device).ExecuteUpdateAsync(
                set => set.SetProperty(d => d.Status, status).SetProperty(d => d.EndedAt, now), ct));
    }

    private async Task PreferAsync(TestUser user, TestBrowser browser, string mobile)
    {
        await server.LetMessagesGoAsync(user);
        var had = server.Codes(user).Count;
        var done = await CountersignServer.TypeCodeAsync(
            browser, await PressAsync(user, browser, "Prefer", mobile), await server.CodeAsync(user, had + 1));
        Assert.Contains("Codes now go to the number you chose", done.Text, StringComparison.Ordinal);
    }

    private async Task<TestPage> PressAsync(TestUser user, TestBrowser browser, string handler, string mobile) =>
        await CountersignServer.PressAsync(
            browser, await browser.GetAsync(Numbers), handler, ("number", (await NumberAsync(user, mobile)).Id.ToString()));

    private async Task<PhoneNumber> NumberAsync(TestUser user, string mobile) =>
        (await server.RowsAsync<PhoneNumber>(n => n.UserId == user.Id && n.E164 == mobile && n.RemovedAt == null)).Single();

    private async Task<Device> DeviceAsync(TestUser user, string mobile)
    {
        var serial = (await NumberAsync(user, mobile)).Id.ToString("N");
        return (await server.DevicesOfAsync(user, serial))[^1];
    }

    private static async Task<TestPage> ChangeAsync(TestBrowser browser, Guid device, string change) =>
        await CountersignServer.PressAsync(browser, await browser.GetAsync($"/settings/devices/{device}"), "Change", ("change", change));

    private async Task ChangeByAppAsync(TestBrowser browser, Guid device, string change, TestApp app)
    {
        var page = await CountersignServer.ChooseAsync(browser, await ChangeAsync(browser, device, change), app.Id);
        var done = await CountersignServer.TypeCodeAsync(browser, page, server.AppCode(app.Key));
        Assert.Equal("/settings/devices", done.Path);
    }

    private async Task EnrolAllAsync()
    {
        while (await server.EnrolAsync() > 0)
        {
        }
    }
}

public sealed class NumberDevicesOnSqlite(OnSqlite server) : NumberDeviceTests(server);

public sealed class NumberDevicesOnPostgres(OnPostgres server) : NumberDeviceTests(server);
