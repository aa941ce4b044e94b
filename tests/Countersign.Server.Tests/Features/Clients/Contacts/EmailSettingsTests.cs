using System.Net;
using Countersign.Server.Features.Clients.Contacts;
using Countersign.Server.Features.Confirming.Devices;
using Countersign.Server.Features.Ground.Audit;
using Countersign.Server.Features.Messaging.Messages;
using Countersign.Server.Features.Messaging.Notices;
using Countersign.Server.Features.Registry.Users;
using Countersign.Server.Tests.Guards;
using Countersign.Server.Tests.Hosting;
using Countersign.Testing;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;

namespace Countersign.Server.Tests.Features.Clients.Contacts;

/// <summary>Settings → E-mail (B25, D4): agreed to with a device, proved by a code that goes there, told to old and new.</summary>
public abstract class EmailSettingsTests(CountersignServer server)
{
    private const string Page = "/settings/email";
    private static int _addresses;

    [Fact]
    [Claim("D4")]
    public async Task An_address_is_changed_with_a_device_and_the_code_that_went_there_and_both_are_told()
    {
        var (user, browser) = await SignedInAsync(server);
        using var _ = browser;
        var wanted = NewAddress();

        var confirm = await AskAsync(browser, wanted);
        Assert.Contains("use the new e-mail address", confirm.Text, StringComparison.Ordinal);
        var verify = await AgreeAsync(server, user, browser, confirm);
        Assert.Equal(user.Email, (await UserAsync(server, user)).Email);
        var done = await CountersignServer.TypeCodeAsync(browser, verify, await server.EmailCodeAsync(wanted));

        Assert.Equal((HttpStatusCode.OK, Page), (done.Status, done.Path));
        Assert.Contains("Your e-mail address is changed", done.Text, StringComparison.Ordinal);
        Assert.Contains(wanted, done.Text, StringComparison.Ordinal);
        var row = await UserAsync(server, user);
        var now = server.Clock.GetUtcNow();
        Assert.Equal((wanted, now, now + TimeSpan.FromHours(24)), (row.Email, row.EmailConfirmedAt, row.EmailTrustedAt));
        var events = (await server.RowsAsync<AuditEvent>(e => e.UserId == user.Id)).Select(e => e.Event).ToList();
        Assert.Contains(AuditEvents.EmailChangeAgreed, events);
        Assert.Single(events, AuditEvents.EmailChanged);
        Assert.Contains("Was this not you?", await server.EmailAsync(user, "was changed to"), StringComparison.Ordinal);
        await server.EmailAsync(user with { Email = wanted }, "was changed to");
        var told = await server.SmsAsync(user, "the e-mail address of");
        Assert.DoesNotContain("mail.example", told, StringComparison.Ordinal);
    }

    [Fact]
    [Claim("D4")]
    public async Task While_the_address_is_new_it_stands_for_nobody_and_notices_go_to_the_old_one_too()
    {
        await using var own = await server.FreshAsync();
        var (user, browser) = await SignedInAsync(own);
        using var _ = browser;
        var wanted = NewAddress();
        await ChangeAsync(own, user, browser, wanted);

        Assert.False((await ViewAsync(own, user)).HasTrustedEmail(own.Clock.GetUtcNow()));
        Assert.Contains("This address is new", (await browser.GetAsync(Page)).Text, StringComparison.Ordinal);
        Assert.Equal([user.Email, wanted], await ToldAsync(own, user));

        own.Clock.Advance(TimeSpan.FromHours(24));
        Assert.True((await ViewAsync(own, user)).HasTrustedEmail(own.Clock.GetUtcNow()));
        Assert.Equal([wanted], await ToldAsync(own, user));
    }

    [Fact]
    public async Task A_new_address_is_no_device_and_answers_nothing_but_for_itself()
    {
        var (user, browser) = await SignedInAsync(server);
        using var _ = browser;
        await ChangeAsync(server, user, browser, NewAddress());
        var credential = (await server.RowsAsync<Credential>(c => c.OwnerId == user.Id && c.Kind == "email")).Single();
        await server.LetMessagesGoAsync(user);

        var asked = await AskAsync(browser, NewAddress());
        var refused = await CountersignServer.PressAsync(browser, asked, "choose", ("device", credential.Id.ToString()));

        Assert.NotEqual(HttpStatusCode.OK, refused.Status);
        Assert.DoesNotContain(await server.RowsAsync<Device>(d => d.UserId == user.Id), d => d.Kind == "email");
    }

    [Fact]
    public async Task A_device_that_is_not_the_strongest_changes_no_address()
    {
        var (user, browser) = await SignedInAsync(server);
        using var _ = browser;
        var app = await server.AddAppAsync(browser, user);
        await server.TrustDevicesAsync(user);
        var sms = (await server.DeviceAsync(user, "sms")).Id.ToString();
        await server.ForgetStepsAsync(app);

        var confirm = await AskAsync(browser, NewAddress());
        Assert.True(confirm.Document.QuerySelector($"input[value='{sms}']")!.HasAttribute("disabled"));
        var refused = await CountersignServer.PressAsync(browser, confirm, "choose", ("device", sms));

        Assert.Equal(HttpStatusCode.Forbidden, refused.Status);
        Assert.Empty(await server.RowsAsync<WantedEmail>(e => e.UserId == user.Id));
    }

    /// <summary>A thief who got one code adds an app, and must not take the owner's address away with it (D2).</summary>
    [Fact]
    [Claim("D4")]
    public async Task What_was_added_a_moment_ago_changes_no_address()
    {
        var (user, browser) = await SignedInAsync(server);
        using var _ = browser;
        var app = await server.AddAppAsync(browser, user);
        var past = server.Clock.GetUtcNow() - TimeSpan.FromDays(2);
        await server.WriteAsync((db, ct) => db.Set<Device>().Where(d => d.UserId == user.Id && d.Kind == "sms").ExecuteUpdateAsync(
            set => set.SetProperty(d => d.TrustedAt, past), ct));

        var refused = await CountersignServer.PressAsync(
            browser, await AskAsync(browser, NewAddress()), "choose", ("device", app.Id.ToString()));

        Assert.Equal(HttpStatusCode.Forbidden, refused.Status);
        Assert.Empty(await server.RowsAsync<WantedEmail>(e => e.UserId == user.Id));
    }

    [Theory]
    [InlineData("nobody at home", "Enter an e-mail address such as")]
    [InlineData("", "Enter an e-mail address such as")]
    [InlineData("a\u202Eb@mail.example", "Enter an e-mail address such as")]
    public async Task What_is_no_address_is_given_back_with_one_sentence(string typed, string why)
    {
        var (_, browser) = await SignedInAsync(server);
        using var _1 = browser;

        var refused = await AskAsync(browser, typed);

        Assert.Equal(HttpStatusCode.UnprocessableEntity, refused.Status);
        Assert.Contains(why, refused.Text, StringComparison.Ordinal);
        Assert.Equal(typed, refused.Document.QuerySelector("input[name='email']")!.GetAttribute("value") ?? string.Empty);
    }

    [Fact]
    public async Task The_address_there_is_takes_no_device()
    {
        var (user, browser) = await SignedInAsync(server);
        using var _ = browser;

        var refused = await AskAsync(browser, user.Email.ToUpperInvariant());

        Assert.Equal(HttpStatusCode.UnprocessableEntity, refused.Status);
        Assert.Contains("your e-mail address already", refused.Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_change_waits_for_its_code_in_every_window_and_is_given_up_in_any()
    {
        var (user, browser) = await SignedInAsync(server);
        using var _ = browser;
        var wanted = NewAddress();
        var verify = await AgreeAsync(server, user, browser, await AskAsync(browser, wanted));
        var code = await server.EmailCodeAsync(wanted);

        var second = await browser.GetAsync(Page);
        Assert.Contains("Waiting for its code", second.Text, StringComparison.Ordinal);
        Assert.Contains(wanted, second.Text, StringComparison.Ordinal);
        var again = await CountersignServer.PressAsync(browser, second, "Prove");
        Assert.Equal(verify.Path, again.Path);
        var given = await CountersignServer.PressAsync(browser, second, "GiveUp");
        var late = await CountersignServer.TypeCodeAsync(browser, verify, code);

        Assert.Contains("given up", given.Text, StringComparison.Ordinal);
        Assert.DoesNotContain("Waiting for its code", given.Text, StringComparison.Ordinal);
        Assert.Equal(HttpStatusCode.NotFound, late.Status);
        Assert.Contains("not waiting any more", late.Text, StringComparison.Ordinal);
        Assert.Equal(user.Email, (await UserAsync(server, user)).Email);
        Assert.Single(await server.RowsAsync<AuditEvent>(e => e.UserId == user.Id && e.Event == AuditEvents.EmailChangeGivenUp));
    }

    [Fact]
    public async Task Another_address_that_is_wanted_makes_the_code_of_the_first_one_worthless()
    {
        var (user, browser) = await SignedInAsync(server);
        using var _ = browser;
        var (first, second) = (NewAddress(), NewAddress());
        var verify = await AgreeAsync(server, user, browser, await AskAsync(browser, first));
        var code = await server.EmailCodeAsync(first);
        await AgreeAsync(server, user, browser, await AskAsync(browser, second));

        var late = await CountersignServer.TypeCodeAsync(browser, verify, code);

        Assert.Equal(HttpStatusCode.NotFound, late.Status);
        Assert.Equal(user.Email, (await UserAsync(server, user)).Email);
        Assert.Equal(second, (await server.RowsAsync<WantedEmail>(e => e.UserId == user.Id)).Single().Address);
    }

    [Fact]
    public async Task What_a_device_agreed_to_is_worth_a_day()
    {
        await using var own = await server.FreshAsync();
        var (user, browser) = await SignedInAsync(own);
        using var _ = browser;
        await AgreeAsync(own, user, browser, await AskAsync(browser, NewAddress()));

        own.Clock.Advance(TimeSpan.FromHours(24));
        using var fresh = own.Browser();
        await own.LetMessagesGoAsync(user);
        await own.SignInAsync(fresh, user);

        Assert.DoesNotContain("Waiting for its code", (await fresh.GetAsync(Page)).Text, StringComparison.Ordinal);
    }

    /// <summary>Whoever had the device may have asked for it (D8).</summary>
    [Fact]
    [Claim("D8")]
    public async Task What_a_device_agreed_to_ends_with_it()
    {
        var (user, browser) = await SignedInAsync(server);
        using var _ = browser;
        var sms = (await server.DeviceAsync(user, "sms")).Id;
        await AgreeAsync(server, user, browser, await AskAsync(browser, NewAddress()));
        Assert.Single(await server.RowsAsync<WantedEmail>(e => e.UserId == user.Id));

        await server.WriteAsync((db, ct) => server.App.Services.GetRequiredService<DeviceLife>().EndAsync(
            db, user.Id, sms, DeviceStatus.Lost, new Cause(Actor.Client(user.Id, "198.51.100.7")), ct));

        Assert.Empty(await server.RowsAsync<WantedEmail>(e => e.UserId == user.Id));
    }

    [Fact]
    public async Task Whoever_freezes_forgets_the_address_that_a_thief_wanted()
    {
        var (user, browser) = await SignedInAsync(server);
        using var _ = browser;
        await ChangeAsync(server, user, browser, NewAddress());
        await AgreeAsync(server, user, browser, await AskAsync(browser, NewAddress()));
        var notice = await server.EmailAsync(user, "was changed to");
        var path = new Uri(notice[notice.IndexOf("https://", StringComparison.Ordinal)..].Split('\n', ' ')[0]).AbsolutePath;

        using var owner = server.Browser();
        await owner.SubmitAsync(await owner.GetAsync(path), "token", new Dictionary<string, string>());

        Assert.NotNull((await UserAsync(server, user)).FrozenAt);
        Assert.Empty(await server.RowsAsync<WantedEmail>(e => e.UserId == user.Id));
    }

    [Fact]
    [Race]
    public async Task Of_fifty_right_codes_at_once_one_changes_and_tells_once()
    {
        var (user, browser) = await SignedInAsync(server);
        using var _ = browser;
        var wanted = NewAddress();
        var verify = await AgreeAsync(server, user, browser, await AskAsync(browser, wanted));
        var code = await server.EmailCodeAsync(wanted);

        await CountersignServer.TypeCodeManyAsync(browser, verify, Enumerable.Repeat(code, 50));

        Assert.Equal(wanted, (await UserAsync(server, user)).Email);
        Assert.Single(await server.RowsAsync<AuditEvent>(e => e.UserId == user.Id && e.Event == AuditEvents.EmailChanged));
        Assert.Equal(3, (await server.RowsAsync<Message>(m => m.UserId == user.Id && m.Template == "notice-email-changed")).Count);
    }

    private static string NewAddress() => $"wanted{Interlocked.Increment(ref _addresses)}@mail.example";

    private static async Task<(TestUser User, TestBrowser Browser)> SignedInAsync(CountersignServer server)
    {
        var user = await server.UserAsync();
        var browser = server.Browser();
        await server.SignInAsync(browser, user);
        await server.LetMessagesGoAsync(user);
        return (user, browser);
    }

    private static async Task<TestPage> AskAsync(TestBrowser browser, string typed) =>
        await browser.SubmitAsync(await browser.GetAsync(Page), "email", new Dictionary<string, string> { ["email"] = typed });

    /// <summary>Types the code that came to the user's phone; yields the page that asks for the code of the new address.</summary>
    private static async Task<TestPage> AgreeAsync(CountersignServer server, TestUser user, TestBrowser browser, TestPage confirm)
    {
        var sent = await server.RowsAsync<Message>(
            m => m.UserId == user.Id && m.Channel == MessageChannel.Sms && m.Class == MessageClass.Code);
        var page = await CountersignServer.TypeCodeAsync(browser, confirm, await server.CodeAsync(user, sent.Count));
        await server.LetMessagesGoAsync(user);
        return page;
    }

    private static async Task ChangeAsync(CountersignServer server, TestUser user, TestBrowser browser, string wanted) =>
        await CountersignServer.TypeCodeAsync(
            browser, await AgreeAsync(server, user, browser, await AskAsync(browser, wanted)), await server.EmailCodeAsync(wanted));

    /// <summary>The addresses that hear of what happens to the user now.</summary>
    private static async Task<IReadOnlyList<string>> ToldAsync(CountersignServer server, TestUser user)
    {
        var before = (await server.RowsAsync<Message>(m => m.UserId == user.Id)).Select(m => m.Id).ToHashSet();
        var view = await ViewAsync(server, user);
        await server.WriteAsync(async (db, ct) =>
        {
            await server.App.Services.GetRequiredService<NoticeBoard>().TellAsync(
                db, view, Notice.PasswordChanged, except: MessageChannel.Sms, ct);
            return true;
        });
        return [.. (await server.RowsAsync<Message>(m => m.UserId == user.Id)).Where(m => !before.Contains(m.Id))
            .Select(m => m.Recipient).Order(StringComparer.Ordinal)];
    }

    private static async Task<UserView> ViewAsync(CountersignServer server, TestUser user)
    {
        await using var db = server.Reader();
        return (await server.App.Services.GetRequiredService<UserViews>().FindAsync(db, user.Id, CancellationToken.None))!;
    }

    private static async Task<User> UserAsync(CountersignServer server, TestUser user) =>
        (await server.RowsAsync<User>(u => u.Id == user.Id)).Single();
}

public sealed class EmailSettingsOnSqlite(OnSqlite server) : EmailSettingsTests(server);

public sealed class EmailSettingsOnPostgres(OnPostgres server) : EmailSettingsTests(server);
