using System.Net;
using Countersign.Server.Features.Access.Sessions;
using Countersign.Server.Features.Confirming.Devices;
using Countersign.Server.Features.Registry.Accounts;
using Countersign.Server.Tests.Hosting;
using Countersign.Testing;
using Microsoft.EntityFrameworkCore;

namespace Countersign.Server.Tests.Features.Confirming.DeviceSettings;

/// <summary>Several devices at once, and what becomes of them.</summary>
public abstract class DeviceLifeTests(CountersignServer server)
{
    [Fact]
    public async Task Adding_one_leaves_the_others_active_and_the_picker_asks()
    {
        var (user, browser, app) = await WithAppAsync();
        using (browser)
        {
            var past = server.Clock.GetUtcNow() - TimeSpan.FromHours(1);
            await server.WriteAsync(
                (db, ct) => db.Set<Credential>().Where(c => c.OwnerId == user.Id && c.Kind == "sms").ExecuteUpdateAsync(
                    set => set.SetProperty(c => c.LastUsedAt, past), ct));
            var had = server.Codes(user).Count;
            using var other = server.Browser();

            var page = await CountersignServer.TypePasswordAsync(other, user.Name, user.Password);

            var choices = page.Document.QuerySelectorAll("input[name='device']");
            Assert.Equal(2, choices.Length);
            Assert.Equal(app.Id.ToString(), choices.Single(c => c.HasAttribute("checked")).GetAttribute("value"));
            Assert.Equal(had, server.Codes(user).Count);
            Assert.Contains("Uses a text message", page.Text, StringComparison.Ordinal);
            Assert.Contains("Free", page.Text, StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task The_preferred_one_is_chosen_already()
    {
        var (user, browser, _) = await WithAppAsync();
        using (browser)
        {
            var sms = await server.DeviceAsync(user, "sms");
            await CountersignServer.PressAsync(browser, await browser.GetAsync($"/settings/devices/{sms.Id}"), "Prefer");
            using var other = server.Browser();

            var page = await CountersignServer.TypePasswordAsync(other, user.Name, user.Password);

            Assert.Equal(sms.Id.ToString(), page.Document.QuerySelector("input[name='device'][checked]")!.GetAttribute("value"));
            Assert.Single(await server.RowsAsync<Device>(d => d.UserId == user.Id && d.Preferred));
        }
    }

    [Fact]
    public async Task Looking_at_the_picker_in_another_tab_disturbs_nothing()
    {
        var (user, browser, app) = await WithAppAsync();
        using (browser)
        {
            using var other = server.Browser();
            var page = await CountersignServer.TypePasswordAndChooseAsync(other, user, app.Id);
            await CountersignServer.TypePasswordAsync(other, user.Name, user.Password);
            await other.GetAsync(page.Path + "?choose=true");

            var home = await CountersignServer.TypeCodeAsync(other, page, server.AppCode(app.Key));

            Assert.Equal("/", home.Path);
        }
    }

    [Fact]
    public async Task An_answer_to_a_device_that_was_left_is_not_charged_and_says_so()
    {
        var (user, browser, app) = await WithAppAsync();
        using (browser)
        {
            using var other = server.Browser();
            var page = await CountersignServer.TypePasswordAndChooseAsync(other, user, app.Id);
            await CountersignServer.ChooseAsync(other, page, (await server.DeviceAsync(user, "sms")).Id);

            var late = await CountersignServer.TypeCodeAsync(other, page, server.AppCode(app.Key));

            Assert.Equal(HttpStatusCode.Conflict, late.Status);
            Assert.Equal(0, await server.TriesAsync(app.Id));
        }
    }

    [Fact]
    public async Task Nothing_is_there_before_a_device_has_agreed()
    {
        var user = await server.UserAsync();
        using var browser = server.Browser();
        await server.SignInAsync(browser, user);

        await CountersignServer.AskToAddAsync(browser, "totp", "Phone");

        Assert.Empty(await server.RowsAsync<Device>(d => d.UserId == user.Id && d.Kind == "totp"));
    }

    [Fact]
    public async Task A_waiting_device_signs_nobody_in()
    {
        var user = await server.UserAsync();
        using var browser = server.Browser();
        await server.SignInAsync(browser, user);
        var page = await server.BeginAddingAsync(browser, user, "totp", "Phone");
        var waiting = (await server.RowsAsync<Device>(d => d.UserId == user.Id && d.Kind == "totp"))[0];
        using var other = server.Browser();
        await server.LetMessagesGoAsync(user);
        var had = server.Codes(user).Count;
        var code = await CountersignServer.TypePasswordAsync(other, user.Name, user.Password);
        await server.CodeAsync(user, had + 1);

        var chosen = await CountersignServer.PressAsync(other, code, "choose", ("device", waiting.Id.ToString()));

        Assert.Equal(HttpStatusCode.Conflict, chosen.Status);
        Assert.NotEmpty(CountersignServer.KeyOn(page));
    }

    [Fact]
    public async Task One_waiting_device_does_not_answer_for_another()
    {
        var user = await server.UserAsync();
        using var browser = server.Browser();
        await server.SignInAsync(browser, user);
        await server.BeginAddingAsync(browser, user, "totp", "First");
        var first = (await server.RowsAsync<Device>(d => d.UserId == user.Id && d.Label == "First"))[0];
        var app = await server.BeginAddingAsync(browser, user, "totp", "Second");

        var chosen = await CountersignServer.PressAsync(browser, app, "choose", ("device", first.Id.ToString()));

        Assert.Equal(HttpStatusCode.Conflict, chosen.Status);
    }

    [Fact]
    public async Task Removing_takes_the_strongest_device()
    {
        var (user, browser, app) = await WithAppAsync();
        using (browser)
        {
            await server.TrustDevicesAsync(user);
            var page = await ChangeAsync(browser, app.Id, "remove");
            var sms = page.Document.QuerySelector($"input[value='{(await server.DeviceAsync(user, "sms")).Id}']")!;
            Assert.True(sms.HasAttribute("disabled"));
            var weak = await CountersignServer.PressAsync(browser, page, "choose", ("device", sms.GetAttribute("value")!));
            Assert.Equal(HttpStatusCode.Forbidden, weak.Status);

            var done = await CountersignServer.TypeCodeAsync(
                browser, await CountersignServer.ChooseAsync(browser, page, app.Id), server.AppCode(app.Key));

            Assert.Contains("The device is removed", done.Text, StringComparison.Ordinal);
            Assert.Equal(DeviceStatus.Revoked, (await server.RowsAsync<Device>(d => d.Id == app.Id))[0].Status);
            await server.SmsAsync(user, "was removed");
            var history = await server.RowsAsync<DeviceEvent>(e => e.DeviceId == app.Id);
            Assert.Equal(
                [DeviceEventKind.Waiting, DeviceEventKind.Activated, DeviceEventKind.Removed], history.Select(e => e.What).Order());
        }
    }

    [Fact]
    public async Task A_lost_one_is_reported_with_another_and_does_not_open_the_way_for_a_weaker_one()
    {
        var (user, browser, app) = await WithAppAsync();
        using (browser)
        {
            await server.TrustDevicesAsync(user);
            var done = await ChangeBySmsAsync(user, browser, app.Id, "lost");
            Assert.Contains("reported as lost", done.Text, StringComparison.Ordinal);

            var refused = await CountersignServer.AskToAddAsync(browser, "totp", "Mine");

            Assert.Contains("strongest device", refused.Text, StringComparison.Ordinal);
            Assert.Equal(DeviceStatus.Lost, (await server.RowsAsync<Device>(d => d.Id == app.Id))[0].Status);
            Assert.Empty(await server.RowsAsync<Device>(d => d.UserId == user.Id && d.Label == "Mine"));
        }
    }

    [Fact]
    public async Task What_a_lost_one_signed_in_ends_with_it()
    {
        var (user, browser, app) = await WithAppAsync();
        using (browser)
        {
            using var finder = server.Browser();
            await CountersignServer.TypeCodeAsync(
                finder, await CountersignServer.TypePasswordAndChooseAsync(finder, user, app.Id), server.AppCode(app.Key));
            Assert.Equal("/settings", (await finder.GetAsync("/settings")).Path);

            await ChangeBySmsAsync(user, browser, app.Id, "lost");

            Assert.Equal("/sign-in", (await finder.GetAsync("/settings")).Path);
            Assert.Equal("/settings", (await browser.GetAsync("/settings")).Path);
        }
    }

    [Fact]
    public async Task A_device_does_not_report_itself()
    {
        var (user, browser, app) = await WithAppAsync();
        using (browser)
        {
            var page = await ChangeAsync(browser, app.Id, "suspend");

            var chosen = await CountersignServer.PressAsync(browser, page, "choose", ("device", app.Id.ToString()));

            Assert.Equal(HttpStatusCode.Forbidden, chosen.Status);
            Assert.Equal(DeviceStatus.Active, (await server.RowsAsync<Device>(d => d.UserId == user.Id && d.Id == app.Id))[0].Status);
        }
    }

    [Theory]
    [InlineData("lost")]
    [InlineData("suspend")]
    public async Task Without_another_device_a_loss_is_reported_to_client_services(string change)
    {
        var (user, browser, app) = await WithAppAsync();
        using (browser)
        {
            await server.WriteAsync(
                (db, ct) => db.Set<Device>().Where(d => d.UserId == user.Id && d.Id != app.Id).ExecuteUpdateAsync(
                    set => set.SetProperty(d => d.Status, DeviceStatus.Expired), ct));

            var refused = await ChangeAsync(browser, app.Id, change);

            Assert.Equal(HttpStatusCode.Conflict, refused.Status);
            Assert.Contains("you have no other", refused.Text, StringComparison.Ordinal);
            Assert.Contains("Call client services", refused.Text, StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task A_name_that_is_far_too_long_is_refused_and_not_carried_in_a_cookie()
    {
        var (_, browser, _) = await WithAppAsync();
        using (browser)
        {
            var refused = await CountersignServer.AskToAddAsync(browser, "totp", new string('x', 30_000));

            Assert.Equal(HttpStatusCode.UnprocessableEntity, refused.Status);
            Assert.Contains("at most 40", refused.Text, StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task A_suspended_one_rests_until_it_is_resumed_with_the_tier_of_what_agreed()
    {
        var (user, browser, app) = await WithAppAsync();
        using (browser)
        {
            await ChangeBySmsAsync(user, browser, app.Id, "suspend");
            using var other = server.Browser();
            await server.LetMessagesGoAsync(user);
            var had = server.Codes(user).Count;
            var page = await CountersignServer.TypePasswordAsync(other, user.Name, user.Password);
            await server.CodeAsync(user, had + 1);
            Assert.Empty(page.Document.QuerySelectorAll("input[name='device']"));

            await ChangeBySmsAsync(user, browser, app.Id, "resume");

            var row = (await server.RowsAsync<Device>(d => d.Id == app.Id))[0];
            Assert.Equal((DeviceStatus.Active, "sms"), (row.Status, row.Reach));
            Assert.True(row.TrustedAt > server.Clock.GetUtcNow());
        }
    }

    [Fact]
    public async Task When_the_last_permanent_one_goes_text_messages_come_back()
    {
        var (user, browser, app) = await WithAppAsync();
        using (browser)
        {
            var sms = await server.DeviceAsync(user, "sms");
            var page = await CountersignServer.ChooseAsync(browser, await ChangeAsync(browser, sms.Id, "remove"), app.Id);
            await CountersignServer.TypeCodeAsync(browser, page, server.AppCode(app.Key));
            Assert.Equal(DeviceStatus.Revoked, (await server.RowsAsync<Device>(d => d.Id == sms.Id))[0].Status);
            await server.EnrolAsync();
            Assert.Single(await server.RowsAsync<Device>(d => d.UserId == user.Id && d.Status == DeviceStatus.Active));

            await server.ForgetStepsAsync(app);
            await CountersignServer.TypeCodeAsync(browser, await ChangeAsync(browser, app.Id, "remove"), server.AppCode(app.Key));
            await server.EnrolAsync();

            Assert.Equal(
                "sms", Assert.Single(await server.RowsAsync<Device>(d => d.UserId == user.Id && d.Status == DeviceStatus.Active)).Kind);
        }
    }

    /// <summary>S8: by policy text messages end where there is something permanent; S6: they come back when it goes.</summary>
    [Fact]
    public async Task By_policy_a_temporary_kind_ends_when_a_permanent_device_comes_and_is_back_when_it_goes()
    {
        await using var other = await server.FreshAsync(("Devices:EndedByPermanent", "sms"));
        var user = await other.UserAsync();
        using var browser = other.Browser();
        await other.SignInAsync(browser, user);
        var app = await other.AddAppAsync(browser, user);
        var sms = (await other.RowsAsync<Device>(d => d.UserId == user.Id && d.Kind == "sms")).Single();
        Assert.Equal(DeviceStatus.Expired, sms.Status);

        await CountersignServer.TypeCodeAsync(browser, await ChangeAsync(browser, app.Id, "remove"), other.AppCode(app.Key));
        await other.EnrolAsync();

        var back = (await other.RowsAsync<Device>(d => d.UserId == user.Id && d.Kind == "sms" && d.Status == DeviceStatus.Active)).Single();
        Assert.Equal((sms.CredentialId, (DateTimeOffset?)null), (back.CredentialId, back.EndedAt));
        var history = await other.RowsAsync<DeviceEvent>(e => e.DeviceId == sms.Id || e.DeviceId == back.Id);
        Assert.Equal([DeviceEventKind.Activated, DeviceEventKind.Activated, DeviceEventKind.Expired], history.Select(e => e.What).Order());
    }

    [Fact]
    public async Task Renaming_is_checked_and_kept()
    {
        var (_, browser, app) = await WithAppAsync();
        using (browser)
        {
            var page = await browser.GetAsync($"/settings/devices/{app.Id}");

            var link = await CountersignServer.PressAsync(browser, page, "Rename", ("label", "see https://evil.example"));
            var named = await CountersignServer.PressAsync(browser, page, "Rename", ("label", " Bedside tablet "));

            Assert.Equal(HttpStatusCode.UnprocessableEntity, link.Status);
            Assert.Contains("Bedside tablet", named.Text, StringComparison.Ordinal);
            Assert.Equal("Bedside tablet", (await server.RowsAsync<Device>(d => d.Id == app.Id))[0].Label);
        }
    }

    [Fact]
    public async Task Somebody_elses_device_is_not_there()
    {
        var (_, browser, app) = await WithAppAsync();
        browser.Dispose();
        var stranger = await server.UserAsync();
        using var other = server.Browser();
        await server.SignInAsync(other, stranger);

        Assert.Equal(HttpStatusCode.NotFound, (await other.GetAsync($"/settings/devices/{app.Id}")).Status);
    }

    [Fact]
    public async Task A_session_of_a_new_device_says_so()
    {
        var (user, browser, app) = await WithAppAsync();
        using (browser)
        {
            using var other = server.Browser();
            await CountersignServer.TypeCodeAsync(
                other, await CountersignServer.TypePasswordAndChooseAsync(other, user, app.Id), server.AppCode(app.Key));

            var session = (await server.RowsAsync<Session>(s => s.UserId == user.Id && s.DeviceKind == "totp")).Single();

            Assert.True(session.DeviceTrustedAt > server.Clock.GetUtcNow());
        }
    }

    /// <summary>D1: once there is money, a number that was verified a moment ago is no way to a device.</summary>
    [Fact]
    public async Task With_money_a_fresh_number_adds_no_device()
    {
        var user = await server.UserAsync();
        await FundAsync(user);
        using var browser = server.Browser();
        await server.SignInAsync(browser, user);

        var refused = await CountersignServer.AskToAddAsync(browser, "totp", "Phone");

        Assert.Contains("72", refused.Text, StringComparison.Ordinal);
        Assert.Contains("numbers or devices", refused.Text, StringComparison.Ordinal);
        Assert.Equal("/settings/devices/add/totp", refused.Path);
        Assert.Equal("Phone", refused.Document.QuerySelector("#label")!.GetAttribute("value"));
    }

    private async Task FundAsync(TestUser user) => await server.WriteAsync((db, _) =>
    {
        var id = Guid.CreateVersion7(server.Clock.GetUtcNow());
        db.Add(new Account
        {
            Id = id,
            Number = "F-" + user.Name,
            Jurisdiction = "HK",
            TimeZone = "Asia/Hong_Kong",
            Equity = 1000,
            EquityCurrency = "USD",
            EquityAsOf = new DateOnly(2026, 11, 24),
        });
        db.Add(new AccountUser { AccountId = id, UserId = user.Id });
        return Task.FromResult(true);
    });

    private async Task<(TestUser User, TestBrowser Browser, TestApp App)> WithAppAsync()
    {
        var user = await server.UserAsync();
        var browser = server.Browser();
        await server.SignInAsync(browser, user);
        return (user, browser, await server.AddAppAsync(browser, user));
    }

    private static async Task<TestPage> ChangeAsync(TestBrowser browser, Guid device, string change) =>
        await CountersignServer.PressAsync(browser, await browser.GetAsync($"/settings/devices/{device}"), "Change", ("change", change));

    private async Task<TestPage> ChangeBySmsAsync(TestUser user, TestBrowser browser, Guid device, string change)
    {
        await server.LetMessagesGoAsync(user);
        var had = server.Codes(user).Count;
        var page = await ChangeAsync(browser, device, change);
        var chosen = page.Document.QuerySelector("input[name='device']") is null
            ? page
            : await CountersignServer.ChooseAsync(browser, page, (await server.DeviceAsync(user, "sms")).Id);
        return await CountersignServer.TypeCodeAsync(browser, chosen, await server.CodeAsync(user, had + 1));
    }
}

public sealed class DeviceLivesOnSqlite(OnSqlite server) : DeviceLifeTests(server);

public sealed class DeviceLivesOnPostgres(OnPostgres server) : DeviceLifeTests(server);
