using System.Net;
using Countersign.Server.Features.Confirming.Devices;
using Countersign.Server.Features.Ground.Audit;
using Countersign.Server.Tests.Hosting;
using Countersign.Testing;
using Microsoft.EntityFrameworkCore;

namespace Countersign.Server.Tests.Features.Confirming.DeviceSettings;

/// <summary>
/// Too many wrong responses in a row, and a device answers no more: known browsers and all others apart, until another device lets it
/// (D9; NIST SP 800-63B-4 §3.2.2).
/// </summary>
public abstract class DeviceLockTests(CountersignServer server)
{
    private const int Limit = 10;

    private static readonly (string, string)[] Settings =
    [
        ("Regimes:Default:WrongResponsesInARow", "10"), ("Regimes:Default:WrongResponsesUntilPasswordChange", "100"),
    ];

    [Fact]
    public async Task Strangers_lock_out_strangers_whatever_their_source_and_for_as_long_as_they_wait()
    {
        await using var own = await server.FreshAsync(Settings);
        var (user, known, app) = await WithAppAsync(own);
        using var browser = known;
        for (var i = 0; i < Limit; i++)
        {
            using var thief = own.Browser(CountersignServer.NewSource());
            var page = await CountersignServer.TypePasswordAndChooseAsync(thief, user, app.Id);
            Assert.Equal(
                HttpStatusCode.UnprocessableEntity,
                (await CountersignServer.TypeCodeAsync(thief, page, CountersignServer.WrongCode(own.AppCode(app.Key)))).Status);
        }

        own.Clock.Advance(TimeSpan.FromDays(2));
        using var last = own.Browser(CountersignServer.NewSource());
        var refused = await CountersignServer.TypePasswordAndChooseAsync(last, user, app.Id);
        var home = await CountersignServer.TypeCodeAsync(
            browser, await CountersignServer.TypePasswordAndChooseAsync(browser, user, app.Id), own.AppCode(app.Key));

        Assert.Equal(HttpStatusCode.Forbidden, refused.Status);
        Assert.Contains("too many wrong codes in a row", refused.Text, StringComparison.Ordinal);
        Assert.Equal("/", home.Path);
        await AssertToldOnceAsync(own, user);
    }

    [Fact]
    public async Task A_known_browser_guesses_no_further_either()
    {
        await using var own = await server.FreshAsync(Settings);
        var (user, known, app) = await WithAppAsync(own);
        using var browser = known;

        // Both pages are open before the last guess: what is refused is refused where it is used as well.
        using var second = own.Browser();
        var (name, value) = browser.Cookies.Single(c => c.Key.EndsWith("browser", StringComparison.Ordinal));
        second.SetCookie(name, value);
        var waiting = await CountersignServer.TypePasswordAndChooseAsync(second, user, app.Id);
        var wrong = new List<HttpStatusCode>();
        for (var i = 0; i < Limit / 5; i++)
        {
            var page = await CountersignServer.TypePasswordAndChooseAsync(browser, user, app.Id);
            for (var k = 0; k < 5; k++)
            {
                wrong.Add((await CountersignServer.TypeCodeAsync(
                    browser, page, CountersignServer.WrongCode(own.AppCode(app.Key), k))).Status);
            }
        }

        var right = await CountersignServer.TypeCodeAsync(second, waiting, own.AppCode(app.Key));

        Assert.Equal(Limit, wrong.Count);
        Assert.Equal(HttpStatusCode.Forbidden, right.Status);
        Assert.Equal(Limit, await own.TriesAsync(app.Id));
        await AssertToldOnceAsync(own, user);
    }

    [Fact]
    public async Task Another_device_as_strong_as_any_lets_it_answer_again_and_a_weaker_one_does_not()
    {
        await using var own = await server.FreshAsync(Settings);
        var (user, known, app) = await WithAppAsync(own);
        using var browser = known;
        await CountersignServer.TypeCodeAsync(
            browser, await CountersignServer.TypePasswordAndChooseAsync(browser, user, app.Id), own.AppCode(app.Key));
        own.Clock.Advance(TimeSpan.FromSeconds(30));
        var adding = await CountersignServer.ChooseAsync(
            browser, await CountersignServer.AskToAddAsync(browser, "totp", "Tablet"), app.Id);
        var tablet = await own.ActivateAppAsync(
            browser, user, await CountersignServer.TypeCodeAsync(browser, adding, own.AppCode(app.Key)), "Tablet");
        own.Clock.Advance(TimeSpan.FromSeconds(30));
        await own.WriteAsync((db, ct) => db.Set<Device>().Where(d => d.UserId == user.Id).ExecuteUpdateAsync(
            set => set.SetProperty(d => d.TrustedAt, own.Clock.GetUtcNow() - TimeSpan.FromDays(1)), ct));
        var sms = await own.DeviceAsync(user, "sms");
        var credential = (await own.CredentialOfAsync(app.Id)).Id;
        await own.WriteAsync((db, ct) => db.Set<Credential>().Where(c => c.Id == credential).ExecuteUpdateAsync(
            set => set.SetProperty(c => c.TriesUnknown, Limit), ct));
        using var elsewhere = own.Browser(CountersignServer.NewSource());
        Assert.Equal(HttpStatusCode.Forbidden, (await CountersignServer.TypePasswordAndChooseAsync(elsewhere, user, app.Id)).Status);
        var settings = await browser.GetAsync($"/settings/devices/{app.Id}");
        Assert.Contains("takes no more codes", settings.Text, StringComparison.Ordinal);

        var asked = await CountersignServer.PressAsync(browser, settings, "Change", ("change", "unlock"));
        var weak = await CountersignServer.PressAsync(browser, asked, "choose", ("device", sms.Id.ToString()));
        var itself = await CountersignServer.PressAsync(browser, asked, "choose", ("device", app.Id.ToString()));
        var done = await CountersignServer.TypeCodeAsync(
            browser, await CountersignServer.ChooseAsync(browser, asked, tablet.Id), own.AppCode(tablet.Key));

        Assert.Equal((HttpStatusCode.Forbidden, HttpStatusCode.Forbidden), (weak.Status, itself.Status));
        Assert.Contains("answers again", done.Text, StringComparison.Ordinal);
        Assert.Equal(0, await own.TriesAsync(app.Id));
        using var again = own.Browser(CountersignServer.NewSource());
        var page = await CountersignServer.TypePasswordAndChooseAsync(again, user, app.Id);
        Assert.Equal("/", (await CountersignServer.TypeCodeAsync(again, page, own.AppCode(app.Key))).Path);
    }

    /// <summary>What is shared is guessed at once, by whichever user name (D11).</summary>
    [Fact]
    public async Task They_are_counted_together_where_two_users_answer_with_one_card()
    {
        await using var own = await server.FreshAsync(Settings);
        var (user, twin) = (await own.UserAsync(), await own.UserAsync());
        await own.OfOnePersonAsync(user, twin);
        var card = TestCard.New();
        await own.ImportCardAsync(card, user.Name, "active");
        await own.ImportCardAsync(card, twin.Name, "active");

        var answers = new List<HttpStatusCode>();
        foreach (var one in Enumerable.Repeat<TestUser[]>([user, twin], Limit / 2).SelectMany(both => both))
        {
            using var thief = own.Browser(CountersignServer.NewSource());
            var page = await CountersignServer.TypePasswordAndChooseAsync(thief, one, (await own.DeviceAsync(one, "code-card")).Id);
            answers.Add((await CountersignServer.TypeCodeAsync(thief, page, card.WrongAnswerTo(page))).Status);
        }

        using var last = own.Browser(CountersignServer.NewSource());
        var refused = await CountersignServer.TypePasswordAndChooseAsync(last, user, (await own.DeviceAsync(user, "code-card")).Id);

        Assert.Equal(Enumerable.Repeat(HttpStatusCode.UnprocessableEntity, Limit), answers);
        Assert.Equal(HttpStatusCode.Forbidden, refused.Status);
        await AssertToldOnceAsync(own, user);
        await AssertToldOnceAsync(own, twin);
    }

    [Fact]
    public async Task A_right_answer_begins_the_count_of_its_own_sort_anew()
    {
        var (user, known, app) = await WithAppAsync(server);
        using var browser = known;
        using var other = server.Browser();
        foreach (var one in (TestBrowser[])[browser, other])
        {
            var page = await CountersignServer.TypePasswordAndChooseAsync(one, user, app.Id);
            await CountersignServer.TypeCodeAsync(one, page, CountersignServer.WrongCode(server.AppCode(app.Key)));
            if (one == other)
            {
                await CountersignServer.TypeCodeAsync(one, page, server.AppCode(app.Key));
            }
        }

        var credential = await server.CredentialOfAsync(app.Id);
        Assert.Equal((1, 0), (credential.TriesKnown, credential.TriesUnknown));
    }

    private static async Task AssertToldOnceAsync(CountersignServer own, TestUser user)
    {
        Assert.Single(await own.RowsAsync<AuditEvent>(e => e.UserId == user.Id && e.Event == AuditEvents.DeviceLocked));
        Assert.Single(await own.RowsAsync<DeviceEvent>(e => e.UserId == user.Id && e.What == DeviceEventKind.Locked));
        await own.SettledAsync();
        Assert.Single(own.Sms.To(user.Mobile), m => m.Template == "notice-device-locked");
        Assert.Single(own.Email.To(user.Email), m => m.Template == "notice-device-locked");
    }

    /// <summary>Signed out again, so that the browser is known and in no session.</summary>
    private static async Task<(TestUser User, TestBrowser Known, TestApp App)> WithAppAsync(CountersignServer own)
    {
        var user = await own.UserAsync();
        var browser = own.Browser();
        await own.SignInAsync(browser, user);
        var app = await own.AddAppAsync(browser, user);
        await CountersignServer.SignOutAsync(browser, await browser.GetAsync("/"));
        return (user, browser, app);
    }
}

public sealed class DeviceLocksOnSqlite(OnSqlite server) : DeviceLockTests(server);

public sealed class DeviceLocksOnPostgres(OnPostgres server) : DeviceLockTests(server);
