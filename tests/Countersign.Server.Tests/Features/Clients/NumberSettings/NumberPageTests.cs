using System.Net;
using Countersign.Server.Features.Confirming.Devices;
using Countersign.Server.Features.Ground.Audit;
using Countersign.Server.Features.Messaging.Messages;
using Countersign.Server.Features.Registry.PhoneNumbers;
using Countersign.Server.Tests.Guards;
using Countersign.Server.Tests.Hosting;
using Countersign.Testing;
using Microsoft.EntityFrameworkCore;

namespace Countersign.Server.Tests.Features.Clients.NumberSettings;

/// <summary>
/// Settings → User settings → gear at Mobile Number (S1): several numbers, verified, preferred, replaced, removed, each agreed to
/// with a device (D1).
/// </summary>
public abstract class NumberPageTests(CountersignServer server)
{
    private const string Page = "/settings/numbers";

    [Fact]
    public async Task A_number_is_added_with_the_old_phone_and_verified_with_the_new_one()
    {
        var (user, browser) = await SignedInAsync();
        using var _ = browser;
        var mobile = CountersignServer.NewMobile();

        var confirm = await AddAsync(browser, Local(mobile));
        Assert.Contains("add the mobile number +852 " + mobile[4..8], CountersignServer.Words(confirm.Text), StringComparison.Ordinal);
        Assert.Single(await NumbersAsync(user));
        var verify = await CountersignServer.TypeCodeAsync(browser, confirm, await server.CodeAsync(user, 2));
        Assert.Contains("Confirmation number", verify.Text, StringComparison.Ordinal);
        var done = await CountersignServer.TypeCodeAsync(browser, verify, await server.CodeToAsync(mobile));

        Assert.Equal(Page, done.Path);
        Assert.Contains("Your number is verified", done.Text, StringComparison.Ordinal);
        var numbers = await NumbersAsync(user);
        Assert.Equal(
            [(user.Mobile, true, true), (mobile, true, false)], numbers.Select(n => (n.E164, n.VerifiedAt is not null, n.Preferred)));
        Assert.Contains(await server.RowsAsync<AuditEvent>(e => e.UserId == user.Id), e => e.Event == AuditEvents.NumberVerified);
        await server.EmailAsync(user, "was confirmed");
        await server.SmsAsync(user, "was confirmed");
    }

    [Fact]
    [Claim("D1")]
    public async Task The_password_alone_changes_nothing_and_neither_does_a_wrong_code()
    {
        var (user, browser) = await SignedInAsync();
        using var _ = browser;
        var confirm = await AddAsync(browser, Local(CountersignServer.NewMobile()));
        var code = await server.CodeAsync(user, 2);

        for (var i = 0; i < 5; i++)
        {
            confirm = await CountersignServer.TypeCodeAsync(browser, confirm, CountersignServer.WrongCode(code, i));
        }

        Assert.Single(await NumbersAsync(user));
        Assert.Contains("ended", confirm.Text, StringComparison.OrdinalIgnoreCase);
    }

    [Fact]
    [Claim("D4")]
    public async Task A_replaced_number_stays_until_the_new_one_is_verified_and_both_are_told()
    {
        var (user, browser) = await SignedInAsync();
        using var _ = browser;
        var mobile = CountersignServer.NewMobile();
        var old = (await NumbersAsync(user))[0];
        var page = await browser.GetAsync($"{Page}?replace={old.Id}");

        var confirm = await browser.SubmitAsync(page, "tel", new Dictionary<string, string> { ["tel"] = mobile });
        var verify = await CountersignServer.TypeCodeAsync(browser, confirm, await server.CodeAsync(user, 2));
        Assert.Null((await NumbersAsync(user)).Single(n => n.Id == old.Id).RemovedAt);
        var done = await CountersignServer.TypeCodeAsync(browser, verify, await server.CodeToAsync(mobile));

        Assert.Contains("Your number is verified", done.Text, StringComparison.Ordinal);
        var numbers = await NumbersAsync(user);
        Assert.Equal(old.Id, numbers.Single(n => n.E164 == mobile).ReplacesId);
        Assert.NotNull(numbers.Single(n => n.Id == old.Id).RemovedAt);
        Assert.True(numbers.Single(n => n.E164 == mobile).Preferred);
        var active = Assert.Single(await server.RowsAsync<Device>(d => d.UserId == user.Id && d.Status == DeviceStatus.Active));
        Assert.Equal("···" + mobile[^2..], active.Label);
        await server.SmsAsync(user, "was changed from");
        await server.SmsToAsync(mobile, "was changed from");
        await server.EmailAsync(user, "was changed");
        await server.SignOutAndInAsync(browser, user with { Mobile = mobile });
    }

    [Fact]
    public async Task Codes_go_to_the_number_that_is_made_preferred()
    {
        var (user, browser) = await SignedInAsync();
        using var _ = browser;
        var mobile = CountersignServer.NewMobile();
        await server.AddVerifiedNumberAsync(user, mobile);
        var page = await browser.GetAsync(Page);

        var confirm = await CountersignServer.PressAsync(
            browser, page, "Prefer", ("number", (await NumbersAsync(user)).Single(n => n.E164 == mobile).Id.ToString()));
        var done = await CountersignServer.TypeCodeAsync(browser, confirm, await server.CodeAsync(user, 2));

        Assert.Contains("Codes now go to the number you chose", done.Text, StringComparison.Ordinal);
        await server.SignOutAndInAsync(browser, user with { Mobile = mobile });
    }

    [Fact]
    public async Task A_number_is_removed_and_gets_nothing_any_more_but_the_last_one_cannot_go()
    {
        var (user, browser) = await SignedInAsync();
        using var _ = browser;
        var mobile = CountersignServer.NewMobile();
        await server.AddVerifiedNumberAsync(user, mobile);
        var first = (await NumbersAsync(user)).Single(n => n.E164 == user.Mobile).Id.ToString();

        var confirm = await CountersignServer.PressAsync(browser, await browser.GetAsync(Page), "Remove", ("number", first));
        var done = await CountersignServer.TypeCodeAsync(browser, confirm, await server.CodeAsync(user, 2));
        Assert.Contains("The number is removed", done.Text, StringComparison.Ordinal);
        await server.SmsAsync(user, "was removed");

        var refused = await CountersignServer.PressAsync(browser, await browser.GetAsync(
            Page), "Remove", ("number", (await NumbersAsync(user)).Single(n => n.RemovedAt is null).Id.ToString()));
        Assert.Equal(HttpStatusCode.Conflict, refused.Status);
        Assert.Contains("only verified number", refused.Text, StringComparison.Ordinal);
        await server.SignOutAndInAsync(browser, user with { Mobile = mobile });
    }

    [Fact]
    public async Task A_number_that_somebody_else_verified_is_taken_alike_and_only_the_other_is_told_by_e_mail()
    {
        var (user, browser) = await SignedInAsync();
        using var _ = browser;
        var other = await server.UserAsync();

        var confirm = await AddAsync(browser, other.Mobile);
        Assert.Equal(HttpStatusCode.OK, confirm.Status);
        var verify = await CountersignServer.TypeCodeAsync(browser, confirm, await server.CodeAsync(user, 2));
        var done = await CountersignServer.TypeCodeAsync(browser, verify, await server.CodeToAsync(other.Mobile));

        Assert.Contains("Your number is verified", done.Text, StringComparison.Ordinal);
        var mail = await server.EmailAsync(other, "somebody else confirmed");
        Assert.DoesNotContain(user.Name, mail, StringComparison.Ordinal);
        Assert.DoesNotContain(
            await server.RowsAsync<Message>(m => m.UserId == other.Id && m.Template == "notice-number-elsewhere"),
            m => m.Channel == MessageChannel.Sms);
    }

    [Fact]
    [Claim("D1")]
    public async Task A_funded_user_s_number_has_to_settle_before_it_may_change_numbers()
    {
        await using var own = await server.FreshAsync();
        var user = await own.UserAsync();
        using var browser = own.Browser();
        await own.SignInAsync(browser, user);
        await own.FundAsync(user);

        var refused = await AddAsync(browser, CountersignServer.NewMobile());
        Assert.Equal(HttpStatusCode.Forbidden, refused.Status);
        Assert.Contains("less than 72 hours ago", refused.Text, StringComparison.Ordinal);
    }

    /// <summary>Nobody gave it for the sake of the money (D1).</summary>
    [Theory]
    [InlineData(-1, false)]
    [InlineData(1, true)]
    public async Task A_number_from_before_there_was_money_counts_at_once(int minutes, bool counts)
    {
        await using var own = await server.FreshAsync();
        var user = await own.UserAsync();
        using var browser = own.Browser();
        await own.SignInAsync(browser, user);
        await own.FundAsync(user, own.Clock.GetUtcNow() + TimeSpan.FromMinutes(minutes));
        await own.LetMessagesGoAsync(user);

        var answer = await AddAsync(browser, CountersignServer.NewMobile());

        Assert.Equal(counts ? HttpStatusCode.OK : HttpStatusCode.Forbidden, answer.Status);
    }

    [Fact]
    public async Task A_wrong_number_is_given_back_with_its_reason()
    {
        var (_, browser) = await SignedInAsync();
        using var _ = browser;

        var refused = await AddAsync(browser, "2123 4567");

        Assert.Equal(HttpStatusCode.UnprocessableEntity, refused.Status);
        Assert.Contains("cannot receive text messages", refused.Text, StringComparison.Ordinal);
        Assert.Equal("2123 4567", refused.Document.QuerySelector("input[name='tel']")!.GetAttribute("value"));
    }

    [Fact]
    public async Task An_imported_number_that_is_not_verified_needs_a_device_before_it_gets_a_code()
    {
        var (user, browser) = await SignedInAsync();
        using var _ = browser;
        var mobile = CountersignServer.NewMobile();
        await server.AddNumberAsync(user, mobile);

        var confirm = await CountersignServer.PressAsync(browser, await browser.GetAsync(
            Page), "Verify", ("number", (await NumbersAsync(user)).Single(n => n.E164 == mobile).Id.ToString()));
        Assert.Empty(server.Sms.To(mobile));
        var verify = await CountersignServer.TypeCodeAsync(browser, confirm, await server.CodeAsync(user, 2));
        await CountersignServer.TypeCodeAsync(browser, verify, await server.CodeToAsync(mobile));

        Assert.NotNull((await NumbersAsync(user)).Single(n => n.E164 == mobile).VerifiedAt);
    }

    [Fact]
    [Race]
    public async Task Of_fifty_right_codes_at_once_one_verifies_and_tells_once()
    {
        var (user, browser) = await SignedInAsync();
        using var _ = browser;
        var mobile = CountersignServer.NewMobile();
        var confirm = await AddAsync(browser, mobile);
        var verify = await CountersignServer.TypeCodeAsync(browser, confirm, await server.CodeAsync(user, 2));
        var code = await server.CodeToAsync(mobile);

        await CountersignServer.TypeCodeManyAsync(browser, verify, Enumerable.Repeat(code, 50));

        Assert.Single(await server.RowsAsync<AuditEvent>(e => e.UserId == user.Id && e.Event == AuditEvents.NumberVerified));
        Assert.Single(await server.RowsAsync<Message>(
            m => m.UserId == user.Id && m.Template == "notice-number-verified" && m.Channel == MessageChannel.Email));
    }

    private async Task<(TestUser User, TestBrowser Browser)> SignedInAsync()
    {
        var user = await server.UserAsync();
        var browser = server.Browser();
        await server.SignInAsync(browser, user);
        return (user, browser);
    }

    private static async Task<TestPage> AddAsync(TestBrowser browser, string typed)
    {
        TestSecrets.Note(typed);
        return await browser.SubmitAsync(
            await browser.GetAsync(Page), "tel", new Dictionary<string, string> { ["tel"] = typed, ["country"] = "HK" });
    }

    private static string Local(string mobile) => $"{mobile[4..8]} {mobile[8..]}";

    private async Task<IReadOnlyList<PhoneNumber>> NumbersAsync(TestUser user) =>
        [.. (await server.RowsAsync<PhoneNumber>(n => n.UserId == user.Id)).OrderBy(n => n.E164, StringComparer.Ordinal)];
}

public sealed class NumberPageOnSqlite(OnSqlite server) : NumberPageTests(server);

public sealed class NumberPageOnPostgres(OnPostgres server) : NumberPageTests(server);
