using System.Net;
using System.Text;
using Countersign.Server.Features.Ground.Audit;
using Countersign.Server.Features.Messaging.Messages;
using Countersign.Server.Features.Registry.People;
using Countersign.Server.Features.Registry.Users;
using Countersign.Server.Tests.Guards;
using Countersign.Server.Tests.Hosting;
using Countersign.Testing;
using Microsoft.EntityFrameworkCore;

namespace Countersign.Server.Tests.Features.Clients.Contacts;

/// <summary>Settings → Postal address (B25, D4): agreed to with a device, told to everybody, stored sealed.</summary>
public abstract class AddressSettingsTests(CountersignServer server)
{
    private const string Page = "/settings/address";
    private static readonly Dictionary<string, string> Harbour = new()
    {
        ["street"] = "1 Harbour Road",
        ["more"] = "Flat 12B",
        ["city"] = "Wan Chai",
        ["postcode"] = "",
        ["country"] = "HK",
    };

    [Fact]
    [Claim("D4")]
    public async Task Who_has_no_address_adds_one_with_a_device_and_is_told()
    {
        var (user, browser) = await SignedInAsync();
        using var _ = browser;
        var empty = await browser.GetAsync(Page);
        Assert.Contains("No address on record", empty.Text, StringComparison.Ordinal);

        var confirm = await browser.SubmitAsync(empty, "street", Harbour);
        Assert.Contains("change your postal address to one in Hong Kong", confirm.Text, StringComparison.Ordinal);
        Assert.DoesNotContain("Harbour", confirm.Text, StringComparison.Ordinal);
        Assert.Null((await AddressAsync(user)).Home);
        var done = await CountersignServer.TypeCodeAsync(browser, confirm, await server.CodeAsync(user, 2));

        Assert.Equal((HttpStatusCode.OK, Page), (done.Status, done.Path));
        Assert.Contains("Your postal address is changed", done.Text, StringComparison.Ordinal);
        Assert.Contains("1 Harbour Road", done.Text, StringComparison.Ordinal);
        Assert.Contains("This address is new", done.Text, StringComparison.Ordinal);
        var (person, home) = await AddressAsync(user);
        Assert.Equal(new HolderAddress("1 Harbour Road", null, null, "Wan Chai", "Flat 12B", "HK"), home);
        Assert.Equal(server.Clock.GetUtcNow() + TimeSpan.FromHours(24), person.AddressTrustedAt);
        Assert.Equal(-1, person.Details.AsSpan().IndexOf(Encoding.UTF8.GetBytes("Harbour")));
        Assert.Single(await server.RowsAsync<AuditEvent>(e => e.UserId == user.Id && e.Event == AuditEvents.AddressChanged));
        Assert.Contains("Was this not you?", await server.EmailAsync(user, "postal address"), StringComparison.Ordinal);
        await server.SmsAsync(user, "postal address");
        Assert.Contains("Wan Chai, Hong Kong", (await browser.GetAsync("/settings")).Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Every_user_of_the_person_is_told()
    {
        var (user, browser) = await SignedInAsync();
        using var _ = browser;
        var other = await server.UserAsync();
        var person = (await server.RowsAsync<User>(u => u.Id == user.Id)).Single().PersonId;
        await server.WriteAsync((db, ct) => db.Set<User>().Where(u => u.Id == other.Id).ExecuteUpdateAsync(
            set => set.SetProperty(u => u.PersonId, person), ct));

        await ChangeAsync(user, browser, Harbour);

        Assert.Single(await server.RowsAsync<AuditEvent>(e => e.UserId == other.Id && e.Event == AuditEvents.AddressChanged));
        await server.EmailAsync(other, "postal address");
        await server.SmsAsync(other, "postal address");
    }

    [Fact]
    public async Task A_device_that_is_not_the_strongest_changes_no_address()
    {
        var (user, browser) = await SignedInAsync();
        using var _ = browser;
        await server.AddAppAsync(browser, user);
        await server.TrustDevicesAsync(user);
        var sms = (await server.DeviceAsync(user, "sms")).Id.ToString();

        var confirm = await browser.SubmitAsync(await browser.GetAsync(Page), "street", Harbour);
        var refused = await CountersignServer.PressAsync(browser, confirm, "choose", ("device", sms));

        Assert.Equal(HttpStatusCode.Forbidden, refused.Status);
        Assert.Null((await AddressAsync(user)).Home);
    }

    [Theory]
    [InlineData("street", "x", "Enter street and number")]
    [InlineData("street", "1 Harbour\u0007Road", "Enter street and number")]
    [InlineData("street", "1 Harbour \u202Eroad", "Enter street and number")]
    [InlineData("more", "Flat\tB", "flat, floor and building")]
    [InlineData("city", "", "Enter the city")]
    [InlineData("country", "XX", "Choose the country")]
    [InlineData("country", "", "Choose the country")]
    public async Task What_cannot_be_printed_is_given_back_with_all_that_was_typed(string field, string typed, string why)
    {
        var (_, browser) = await SignedInAsync();
        using var _1 = browser;
        var fields = new Dictionary<string, string>(Harbour) { [field] = typed };

        var refused = await browser.SubmitAsync(await browser.GetAsync(Page), "street", fields);

        Assert.Equal(HttpStatusCode.UnprocessableEntity, refused.Status);
        Assert.Contains(why, refused.Document.QuerySelector(".error-summary")!.TextContent, StringComparison.Ordinal);
        foreach (var (name, value) in fields.Where(f => f.Key != "country"))
        {
            Assert.Equal(value, refused.Document.QuerySelector($"input[name='{name}']")!.GetAttribute("value") ?? string.Empty);
        }
    }

    [Fact]
    public async Task Of_two_windows_that_ask_for_the_same_address_one_changes_it()
    {
        var (user, browser) = await SignedInAsync();
        using var _ = browser;
        using var second = server.Browser();
        await server.LetMessagesGoAsync(user);
        await server.SignInAsync(second, user);
        await server.LetMessagesGoAsync(user);
        var had = server.Codes(user).Count;
        var one = await browser.SubmitAsync(await browser.GetAsync(Page), "street", Harbour);
        var first = await server.CodeAsync(user, had + 1);
        await server.LetMessagesGoAsync(user);
        var other = await second.SubmitAsync(await second.GetAsync(Page), "street", Harbour);
        var code = await server.CodeAsync(user, had + 2);

        await CountersignServer.TypeCodeAsync(browser, one, first);
        var late = await CountersignServer.TypeCodeAsync(second, other, code);

        Assert.Equal(HttpStatusCode.Conflict, late.Status);
        Assert.Contains("your postal address already", late.Text, StringComparison.Ordinal);
        await AssertToldOnceAsync(user);
    }

    [Fact]
    [Race]
    public async Task Of_fifty_right_codes_at_once_one_changes_and_tells_once()
    {
        var (user, browser) = await SignedInAsync();
        using var _ = browser;
        var confirm = await browser.SubmitAsync(await browser.GetAsync(Page), "street", Harbour);

        await CountersignServer.TypeCodeManyAsync(browser, confirm, Enumerable.Repeat(await server.CodeAsync(user, 2), 50));

        await AssertToldOnceAsync(user);
    }

    [Fact]
    public async Task What_does_not_open_is_not_written_over()
    {
        var (user, browser) = await SignedInAsync();
        using var _ = browser;
        var confirm = await browser.SubmitAsync(await browser.GetAsync(Page), "street", Harbour);
        await server.WriteAsync((db, ct) => db.Set<Person>().Where(p => p.Number == user.Name).ExecuteUpdateAsync(
            set => set.SetProperty(p => p.Details, new byte[40]), ct));

        var refused = await CountersignServer.TypeCodeAsync(browser, confirm, await server.CodeAsync(user, 2));

        Assert.Equal(HttpStatusCode.Conflict, refused.Status);
        Assert.Equal(new byte[40], (await server.RowsAsync<Person>(p => p.Number == user.Name)).Single().Details);
    }

    private async Task AssertToldOnceAsync(TestUser user)
    {
        Assert.Single(await server.RowsAsync<AuditEvent>(e => e.UserId == user.Id && e.Event == AuditEvents.AddressChanged));
        Assert.Equal(2, (await server.RowsAsync<Message>(m => m.UserId == user.Id && m.Template == "notice-address-changed")).Count);
    }

    private async Task<(TestUser User, TestBrowser Browser)> SignedInAsync()
    {
        var user = await server.UserAsync();
        var browser = server.Browser();
        await server.SignInAsync(browser, user);
        await server.LetMessagesGoAsync(user);
        return (user, browser);
    }

    private async Task ChangeAsync(TestUser user, TestBrowser browser, Dictionary<string, string> fields) =>
        await CountersignServer.TypeCodeAsync(
            browser, await browser.SubmitAsync(await browser.GetAsync(Page), "street", fields), await server.CodeAsync(user, 2));

    private async Task<(Person Person, HolderAddress? Home)> AddressAsync(TestUser user)
    {
        var person = (await server.RowsAsync<Person>(p => p.Number == user.Name)).Single();
        return (person, server.Protection.Open(
            HolderDetails.Column, person.Id, person.Id, person.Details, PeopleJson.Default.HolderDetails)!.Home);
    }
}

public sealed class AddressSettingsOnSqlite(OnSqlite server) : AddressSettingsTests(server);

public sealed class AddressSettingsOnPostgres(OnPostgres server) : AddressSettingsTests(server);
