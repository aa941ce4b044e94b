using Countersign.Server.Features.Messaging.Shield;
using Countersign.Server.Tests.Hosting;
using Countersign.Testing;
using Microsoft.Extensions.DependencyInjection;

namespace Countersign.Server.Tests.Features.Messaging.Shield;

/// <summary>Do-not-call registers and quiet hours: a code is never held back in silence (S3).</summary>
public abstract class CarrierTests(CountersignServer server)
{
    [Fact]
    public async Task A_number_on_a_register_gets_its_code_and_a_warning_where_numbers_are_chosen()
    {
        var user = await server.UserAsync();
        await server.ImportDoNotCallAsync($"# test\n{user.Mobile}\n5111 2222\n");
        using var browser = server.Browser();
        await server.SignInAsync(browser, user);

        Assert.Contains("do-not-call register", (await browser.GetAsync("/settings/numbers")).Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Where_the_policy_refuses_the_page_says_why_and_offers_a_call()
    {
        await using var own = await server.FreshAsync(("Carriers:DoNotCall", "RefuseCodes"));
        var user = await own.UserAsync();
        await own.SettledAsync();
        var had = own.Sms.To(user.Mobile).Count;
        await own.ImportDoNotCallAsync(user.Mobile);
        using var browser = own.Browser();

        var refused = await CountersignServer.TypePasswordAsync(browser, user.Name, user.Password);

        Assert.Contains("do-not-call register", refused.Text, StringComparison.Ordinal);
        Assert.Equal(had, own.Sms.To(user.Mobile).Count);
    }

    [Fact]
    public async Task In_quiet_hours_the_page_says_so_and_the_code_can_be_had_by_a_call()
    {
        // The clock of the tests says 17:00 in Hong Kong.
        await using var own = await server.FreshAsync(("Carriers:QuietHours", "RefuseCodes"), ("Carriers:Quiet:HK", "16:00-09:00"));
        var user = await own.UserAsync();
        using var browser = own.Browser();

        var refused = await CountersignServer.TypePasswordAsync(browser, user.Name, user.Password);

        Assert.Contains("deliver no messages at this hour", refused.Text, StringComparison.Ordinal);
        var called = await CountersignServer.PressAsync(browser, refused, "repeat", ("by", "call"));
        var spoken = (await own.Voice.WaitAsync(user.Mobile, 1, _ => true))[0];
        var code = string.Concat(spoken.Split(':')[1].Where(char.IsAsciiDigit).Take(6));
        TestSecrets.Note(code);
        Assert.Equal("/", (await CountersignServer.TypeCodeAsync(browser, called, code)).Path);
    }

    [Fact]
    public async Task A_register_with_a_bad_line_changes_nothing_and_a_new_one_takes_the_place_of_the_old()
    {
        await using var own = await server.FreshAsync();
        await own.ImportDoNotCallAsync("5111 2222\n5111 3333");
        var bad = await own.ImportDoNotCallAsync("5111 4444\nnot a number");
        Assert.Equal([2], bad.Bad.Select(b => b.Line));
        Assert.Equal(["+85251112222", "+85251113333"], (await own.RowsAsync<DoNotCallNumber>(_ => true)).Select(n => n.E164).Order());
        own.Clock.Advance(TimeSpan.FromSeconds(1));

        var next = await own.ImportDoNotCallAsync("5111 3333\n+852 5111 4444");

        Assert.Equal((2, 1), (next.Numbers, next.Removed));
        Assert.Equal(["+85251113333", "+85251114444"], (await own.RowsAsync<DoNotCallNumber>(_ => true)).Select(n => n.E164).Order());
    }

    [Theory]
    [InlineData("21:00-09:00", "2026-11-24T13:30:00Z", "HK", "2026-11-25T01:00:00Z")]
    [InlineData("21:00-09:00", "2026-11-24T00:30:00Z", "HK", "2026-11-24T01:00:00Z")]
    [InlineData("21:00-09:00", "2026-11-24T02:00:00Z", "HK", null)]
    [InlineData("21:00-09:00", "2026-11-24T16:00:00Z", "IN", null)]
    [InlineData("12:00-14:00", "2026-11-24T12:59:00Z", "GB", null)]
    public async Task Quiet_hours_are_those_of_the_number_s_country(string hours, string now, string region, string? until)
    {
        await using var own = await server.FreshAsync(("Carriers:Quiet:HK", hours));
        var rules = own.App.Services.GetRequiredService<CarrierRules>();

        Assert.Equal(
            until is null ? null : DateTimeOffset.Parse(until, System.Globalization.CultureInfo.InvariantCulture),
            rules.QuietUntil(region, null, DateTimeOffset.Parse(now, System.Globalization.CultureInfo.InvariantCulture)));
    }
}

public sealed class CarriersOnSqlite(OnSqlite server) : CarrierTests(server);

public sealed class CarriersOnPostgres(OnPostgres server) : CarrierTests(server);
