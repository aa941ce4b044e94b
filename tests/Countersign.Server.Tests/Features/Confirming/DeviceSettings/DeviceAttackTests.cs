using System.Net;
using Countersign.Server.Features.Confirming.Challenges;
using Countersign.Server.Features.Confirming.Devices;
using Countersign.Server.Features.Ground.Audit;
using Countersign.Server.Features.Ground.Rations;
using Countersign.Server.Features.Registry.PhoneNumbers;
using Countersign.Server.Features.Registry.Users;
using Countersign.Server.Tests.Guards;
using Countersign.Server.Tests.Hosting;
using Countersign.Testing;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;

namespace Countersign.Server.Tests.Features.Confirming.DeviceSettings;

/// <summary>Somebody with the password and one weak device, or with a session, against the devices of the client.</summary>
public abstract class DeviceAttackTests(CountersignServer server)
{
    /// <summary>D26: what was suspended with a weaker device still says how strong a device it takes to thaw.</summary>
    [Theory]
    [InlineData("suspend")]
    [InlineData("lost")]
    [Claim("D26")]
    public async Task A_weak_device_does_not_thaw_what_it_ended_the_strong_one_for(string change)
    {
        var (user, browser, app) = await WithAppAsync();
        using (browser)
        {
            await TrustAsync(user);
            await server.LetMessagesGoAsync(user);
            var had = server.Codes(user).Count;
            var page = await CountersignServer.ChooseAsync(
                browser, await ChangeAsync(browser, app.Id, change), (await server.DeviceAsync(user, "sms")).Id);
            await CountersignServer.TypeCodeAsync(browser, page, await server.CodeAsync(user, had + 1));
            await FreezeAsync(user);
            await server.LetMessagesGoAsync(user);
            using var thief = server.Browser();

            var refused = await CountersignServer.TypePasswordAsync(thief, user.Name, user.Password);

            Assert.Equal("/sign-in", refused.Path);
            Assert.Empty(await server.RowsAsync<Challenge>(c => c.UserId == user.Id && c.Purpose == "thaw"));
        }
    }

    [Theory]
    [InlineData("suspend")]
    [InlineData("lost")]
    [InlineData("remove")]
    [Claim("D2")]
    public async Task What_was_added_a_moment_ago_does_not_end_what_has_been_there_for_long(string change)
    {
        var (user, browser, app) = await WithAppAsync();
        using (browser)
        {
            var sms = await server.DeviceAsync(user, "sms");
            await TrustAsync(user, sms.Id);

            var page = await ChangeAsync(browser, sms.Id, change);
            var chosen = await CountersignServer.PressAsync(browser, page, "choose", ("device", app.Id.ToString()));

            Assert.Contains("added a short while ago", chosen.Text, StringComparison.Ordinal);
            Assert.Equal(HttpStatusCode.Forbidden, chosen.Status);
        }
    }

    [Fact]
    public async Task What_has_been_there_for_long_removes_what_was_added_a_moment_ago_however_strong()
    {
        var (user, browser, app) = await WithAppAsync();
        using (browser)
        {
            var sms = await server.DeviceAsync(user, "sms");
            await TrustAsync(user, sms.Id);
            await server.LetMessagesGoAsync(user);
            var had = server.Codes(user).Count;

            var page = await CountersignServer.ChooseAsync(browser, await ChangeAsync(browser, app.Id, "remove"), sms.Id);
            await CountersignServer.TypeCodeAsync(browser, page, await server.CodeAsync(user, had + 1));

            Assert.Equal(DeviceStatus.Revoked, await StatusAsync(app.Id));
        }
    }

    /// <summary>
    /// A thief with the app adds one of his own, and keeps its page open while the owner reports the first one lost (D8).
    /// </summary>
    [Fact]
    public async Task What_a_device_agreed_to_ends_with_it_before_it_shows_itself()
    {
        var (user, browser, app) = await WithAppAsync();
        using (browser)
        {
            var asked = await CountersignServer.AskToAddAsync(browser, "totp", "Successor");
            var page = await CountersignServer.TypeCodeAsync(
                browser, await CountersignServer.ChooseAsync(browser, asked, app.Id), server.AppCode(app.Key));
            var key = CountersignServer.KeyOn(page);
            await LoseAsync(user, app);

            var answered = await CountersignServer.TypeCodeAsync(browser, page, server.AppCode(key, steps: -1));

            Assert.NotEqual(HttpStatusCode.OK, answered.Status);
            Assert.Equal(
                DeviceStatus.Expired, (await server.RowsAsync<Device>(d => d.UserId == user.Id && d.Label == "Successor")).Single().Status);
        }
    }

    /// <summary>The same with a number of his own.</summary>
    [Fact]
    public async Task A_number_that_a_device_agreed_to_takes_another_ones_word_once_that_one_is_lost()
    {
        var (user, browser, app) = await WithAppAsync();
        using (browser)
        {
            var mobile = CountersignServer.NewMobile();
            var asked = await browser.SubmitAsync(
                await browser.GetAsync("/settings/numbers"), "tel",
                new Dictionary<string, string> { ["tel"] = mobile, ["country"] = "HK" });
            var page = await CountersignServer.TypeCodeAsync(
                browser, await CountersignServer.ChooseAsync(browser, asked, app.Id), server.AppCode(app.Key));
            await LoseAsync(user, app);

            var answered = await CountersignServer.TypeCodeAsync(browser, page, await server.CodeToAsync(mobile));

            Assert.NotEqual(HttpStatusCode.OK, answered.Status);
            Assert.Null((await server.RowsAsync<PhoneNumber>(n => n.UserId == user.Id && n.E164 == mobile)).Single().VerifiedAt);
        }
    }

    /// <summary>D8, D10: a challenge that the freeze did not see, because it was just being opened, is worth nothing.</summary>
    [Fact]
    [Claim("D10")]
    public async Task A_frozen_user_answers_nothing_and_has_no_session()
    {
        var (user, browser, app) = await WithAppAsync();
        using (browser)
        {
            using var other = server.Browser();
            var page = await CountersignServer.TypePasswordAndChooseAsync(other, user, app.Id);
            await FreezeAsync(user);

            var answer = await CountersignServer.TypeCodeAsync(other, page, server.AppCode(app.Key));

            Assert.Contains("frozen", answer.Text, StringComparison.Ordinal);
            Assert.All(
                await server.RowsAsync<Challenge>(c => c.UserId == user.Id && c.State == ChallengeState.Prompted),
                c => Assert.Equal(0, c.Tries));
            Assert.Equal("/sign-in", (await browser.GetAsync("/settings")).Path);
        }
    }

    [Fact]
    [Race]
    public async Task Two_changes_that_would_leave_nothing_are_not_both_carried_out()
    {
        var (user, browser, app) = await WithAppAsync();
        using (browser)
        {
            var asked = await CountersignServer.ChooseAsync(
                browser, await CountersignServer.AskToAddAsync(browser, "totp", "Tablet"), app.Id);
            var second = await server.ActivateAppAsync(
                browser, user, await CountersignServer.TypeCodeAsync(browser, asked, server.AppCode(app.Key)), "Tablet");
            await WithoutNumberAsync(user);
            await server.ForgetStepsAsync(second);
            var suspend = await CountersignServer.ChooseAsync(browser, await ChangeAsync(browser, app.Id, "suspend"), second.Id);
            var remove = await CountersignServer.ChooseAsync(browser, await ChangeAsync(browser, second.Id, "remove"), second.Id);

            await CountersignServer.TypeCodeAsync(browser, suspend, server.AppCode(second.Key));
            await server.ForgetStepsAsync(second);
            var refused = await CountersignServer.TypeCodeAsync(browser, remove, server.AppCode(second.Key));

            Assert.Equal(HttpStatusCode.Conflict, refused.Status);
            Assert.Equal((DeviceStatus.Suspended, DeviceStatus.Active), (await StatusAsync(app.Id), await StatusAsync(second.Id)));
        }
    }

    [Fact]
    public async Task A_waiting_device_shows_its_key_in_no_other_session()
    {
        var user = await server.UserAsync();
        using var browser = server.Browser();
        await server.SignInAsync(browser, user);
        await server.BeginAddingAsync(browser, user, "totp", "Phone");
        var waiting = (await server.RowsAsync<Device>(d => d.UserId == user.Id && d.Kind == "totp"))[0];
        await server.LetMessagesGoAsync(user);
        using var other = server.Browser();
        await server.SignInAsync(other, user);

        var refused = await CountersignServer.PressAsync(other, await other.GetAsync($"/settings/devices/{waiting.Id}"), "Activate");
        var shown = await CountersignServer.PressAsync(browser, await browser.GetAsync($"/settings/devices/{waiting.Id}"), "Activate");

        Assert.Contains("another session", refused.Text, StringComparison.Ordinal);
        Assert.NotEmpty(CountersignServer.KeyOn(shown));
    }

    /// <summary>A session vouches for its own user alone, and a page changes only challenges of its own purpose.</summary>
    [Fact]
    [Claim("D8")]
    public async Task A_page_of_another_purpose_repeats_chooses_and_ends_nothing()
    {
        var (victim, mine) = (await server.UserAsync(), await server.UserAsync());
        using var browser = server.Browser();
        var home = await server.SignInAsync(browser, mine);
        var page = await browser.PostAsync(
            "/sign-in", CountersignServer.Fields(home, ("username", victim.Name), ("password", victim.Password)));
        var handle = page.Path.Split('/')[^1];
        await server.CodeAsync(victim);
        await server.LetMessagesGoAsync(victim);

        foreach (var handler in (string[])["repeat", "choose", "cancel"])
        {
            using var answer = await browser.SendOnceAsync(
                new HttpRequestMessage(HttpMethod.Post, $"/settings/devices/confirm/{handle}?handler={handler}")
                {
                    Content = new FormUrlEncodedContent(CountersignServer.Fields(home, ("device", Guid.Empty.ToString()))),
                });
            Assert.True((int)answer.StatusCode < 500);
        }

        Assert.Single(server.Codes(victim));
        Assert.Empty(await server.RowsAsync<Ration>(r => r.Owner == victim.Id && EF.Functions.Like(r.Name, "sms/%")));
        Assert.All(await server.RowsAsync<Challenge>(c => c.UserId == victim.Id), c => Assert.NotEqual(ChallengeState.Cancelled, c.State));
    }

    [Fact]
    public async Task A_kind_that_asks_for_nothing_is_not_disturbed_by_what_is_typed()
    {
        var user = await server.UserAsync();
        using var browser = server.Browser();
        await server.SignInAsync(browser, user);
        await server.LetMessagesGoAsync(user);

        var page = await CountersignServer.AskToAddAsync(browser, "totp", "Phone", typed: new string('x', 17_000) + "\uFFFE");

        Assert.Equal(HttpStatusCode.OK, page.Status);
        Assert.StartsWith("/settings/devices/confirm/", page.Path, StringComparison.Ordinal);
    }

    private Task TrustAsync(TestUser user, Guid? only = null) => server.WriteAsync((db, ct) =>
    {
        var past = server.Clock.GetUtcNow() - TimeSpan.FromDays(1);
        return db.Set<Device>().Where(d => d.UserId == user.Id && (only == null || d.Id == only)).ExecuteUpdateAsync(
            set => set.SetProperty(d => d.TrustedAt, past), ct);
    });

    private Task LoseAsync(TestUser user, TestApp app) => server.WriteAsync((db, ct) =>
        server.App.Services.GetRequiredService<DeviceLife>()
            .EndAsync(db, user.Id, app.Id, DeviceStatus.Lost, new Cause(Actor.Client(user.Id, "198.51.100.7")), ct));

    /// <summary>As a unit that commits between another's reading and writing.</summary>
    private Task FreezeAsync(TestUser user) => server.WriteAsync((db, ct) =>
    {
        var now = server.Clock.GetUtcNow();
        return db.Set<User>().Where(u => u.Id == user.Id).ExecuteUpdateAsync(set => set.SetProperty(u => u.FrozenAt, now), ct);
    });

    private Task WithoutNumberAsync(TestUser user) => server.WriteAsync(async (db, ct) =>
    {
        var now = server.Clock.GetUtcNow();
        await db.Set<Device>().Where(d => d.UserId == user.Id && d.Kind == "sms").ExecuteUpdateAsync(
            set => set.SetProperty(d => d.Status, DeviceStatus.Revoked), ct);
        return await db.Set<PhoneNumber>().Where(n => n.UserId == user.Id).ExecuteUpdateAsync(
            set => set.SetProperty(n => n.RemovedAt, now).SetProperty(n => n.Preferred, false), ct);
    });

    private async Task<DeviceStatus> StatusAsync(Guid device) => (await server.RowsAsync<Device>(d => d.Id == device))[0].Status;

    private async Task<(TestUser User, TestBrowser Browser, TestApp App)> WithAppAsync()
    {
        var user = await server.UserAsync();
        var browser = server.Browser();
        await server.SignInAsync(browser, user);
        return (user, browser, await server.AddAppAsync(browser, user));
    }

    private static async Task<TestPage> ChangeAsync(TestBrowser browser, Guid device, string change) =>
        await CountersignServer.PressAsync(browser, await browser.GetAsync($"/settings/devices/{device}"), "Change", ("change", change));
}

public sealed class DeviceAttacksOnSqlite(OnSqlite server) : DeviceAttackTests(server);

public sealed class DeviceAttacksOnPostgres(OnPostgres server) : DeviceAttackTests(server);
