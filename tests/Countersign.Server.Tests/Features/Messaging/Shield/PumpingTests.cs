using System.Net;
using Countersign.Server.Features.Ground.Audit;
using Countersign.Server.Features.Messaging.Shield;
using Countersign.Server.Tests.Hosting;
using Countersign.Testing;

namespace Countersign.Server.Tests.Features.Messaging.Shield;

/// <summary>
/// Whoever has messages sent to earn by them is stopped; the owner of a number beside theirs signs in all the while (B3).
/// </summary>
public abstract class PumpingTests(CountersignServer server)
{
    [Fact]
    public async Task One_source_and_many_numbers_of_one_prefix_is_stopped_by_the_source()
    {
        await using var own = await server.FreshAsync(("Shield:PerSourceDaily", "9"));
        var owner = await own.UserAsync(mobile: CountersignServer.NewMobile());
        var source = CountersignServer.NewSource();

        var sent = await PumpAsync(own, 8, _ => source);

        // Each applicant costs the source two: one to the address, one to the phone.
        Assert.Equal(4, sent);
        await SignsInAsync(own, owner);
    }

    [Fact]
    public async Task Many_sources_and_one_block_of_numbers_is_stopped_by_the_block()
    {
        await using var own = await server.FreshAsync(("Shield:PerRangeHourly", "4"));
        var owner = await own.UserAsync(mobile: CountersignServer.NewMobile());

        var sent = await PumpAsync(own, 8, _ => CountersignServer.NewSource());

        Assert.Equal(4, sent);
        await SignsInAsync(own, owner);
    }

    /// <summary>Mail knows no case of a host, and nobody's mailbox one of a name: a stranger's inbox is filled by any of them.</summary>
    [Fact]
    public async Task One_address_in_many_spellings_is_one_recipient()
    {
        await using var own = await server.FreshAsync(("Shield:PerRecipientDaily", "2"));
        string[] spellings =
            ["victim@mail.example", "VICTIM@mail.example", "Victim@Mail.Example", "\"victim\"@mail.example", "victim@mail.example."];

        foreach (var spelling in spellings)
        {
            using var browser = own.Browser(CountersignServer.NewSource());
            await browser.SubmitAsync(await browser.GetAsync("/apply"), "email", new Dictionary<string, string>
            {
                ["email"] = spelling,
                ["username"] = "lampe",
                ["new-password"] = "a lamp beside the open window",
            });
        }

        await own.SettledAsync();
        Assert.Equal(2, spellings.Sum(s => own.Email.To(s).Count));
    }

    [Fact]
    public async Task A_block_whose_codes_do_not_come_back_raises_an_alarm_and_is_stopped_until_somebody_lifts_it()
    {
        await using var own = await server.FreshAsync(("Shield:AlarmAtLeast", "4"), ("Shield:AlarmRatio", "3"));
        var owner = await own.UserAsync(mobile: CountersignServer.NewMobile());
        Assert.Equal(4, await PumpAsync(own, 4, _ => CountersignServer.NewSource()));

        Assert.Equal(1, (await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => own.WatchAsync()))).Sum());
        var stop = Assert.Single(await own.RowsAsync<PrefixStop>(_ => true));
        Assert.Equal((owner.Mobile[..^4], StopScope.Unproven, 4, 0), (stop.Prefix, stop.Scope, stop.Sent!.Value, stop.Verified!.Value));
        using var person = own.Applicant();
        await person.BeginAndConfirmEmailAsync();
        var refused = await person.SendNumberAsync();
        Assert.Contains("stopped at the moment", refused.Text, StringComparison.Ordinal);
        Assert.Empty(own.Sms.To(person.Mobile));
        await SignsInAsync(own, owner);

        using var operators = own.Browser();
        var page = await EnterAsync(own, operators);
        Assert.Contains(stop.Prefix, page.Text, StringComparison.Ordinal);
        page = await CountersignServer.PressAsync(operators, page, "Lift", ("prefix", stop.Prefix));
        Assert.Empty(await own.RowsAsync<PrefixStop>(_ => true));
        Assert.Contains(await own.RowsAsync<AuditEvent>(e => e.Event == AuditEvents.PrefixLifted), e => e.ActorId == "ada");
        using var later = own.Applicant();
        await later.BeginAndConfirmEmailAsync();
        await later.ConfirmNumberAsync();
    }

    [Fact]
    public async Task Codes_that_come_back_raise_no_alarm()
    {
        await using var own = await server.FreshAsync(("Shield:AlarmAtLeast", "4"), ("Shield:AlarmRatio", "3"));
        for (var i = 0; i < 4; i++)
        {
            using var person = own.Applicant();
            await person.BeginAndConfirmEmailAsync();
            await person.ConfirmNumberAsync();
        }

        Assert.Equal(0, await own.WatchAsync());
    }

    [Fact]
    public async Task What_goes_to_a_number_that_is_its_owner_s_is_not_counted_and_raises_no_alarm()
    {
        await using var own = await server.FreshAsync(("Shield:AlarmAtLeast", "2"), ("Shield:AlarmRatio", "1"));
        for (var i = 0; i < 3; i++)
        {
            using var browser = own.Browser();
            var user = await own.UserAsync(mobile: CountersignServer.NewMobile());
            await CountersignServer.TypePasswordAsync(browser, user.Name, user.Password);
            await own.SettledAsync();
            Assert.NotEmpty(own.Sms.To(user.Mobile));
        }

        Assert.Equal(0, await own.WatchAsync());
        Assert.Empty(await own.RowsAsync<AdmittedCode>(_ => true));
    }

    [Fact]
    public async Task A_stop_of_everything_says_so_to_the_owner_and_sends_nothing()
    {
        await using var own = await server.FreshAsync();
        var owner = await own.UserAsync();
        using var operators = own.Browser();
        var page = await EnterAsync(own, operators);
        var done = await CountersignServer.PressAsync(operators, page, "Stop", ("prefix", "+852 5"), ("all", "yes"));
        Assert.Contains("The prefix is stopped", done.Text, StringComparison.Ordinal);
        await own.SettledAsync();
        var had = own.Sms.To(owner.Mobile).Count;

        using var browser = own.Browser();
        var refused = await CountersignServer.TypePasswordAsync(browser, owner.Name, owner.Password);

        Assert.Contains("stopped at the moment", refused.Text, StringComparison.Ordinal);
        Assert.Equal(had, own.Sms.To(owner.Mobile).Count);
    }

    /// <summary>Applicants who confirm an address and never a number; yields how many messages reached a phone.</summary>
    private static async Task<int> PumpAsync(CountersignServer own, int count, Func<int, string> source)
    {
        var sent = 0;
        for (var i = 0; i < count; i++)
        {
            using var person = own.Applicant(source(i));
            var page = await person.BeginAsync();
            if (page.Document.QuerySelector("input[name='code']") is null)
            {
                continue;
            }

            await CountersignServer.TypeCodeAsync(person.Browser, page, await own.EmailCodeAsync(person.Email));
            var answer = await person.SendNumberAsync();
            sent += answer.Document.QuerySelector("input[name='code']") is null ? 0 : 1;
            Assert.NotEqual(HttpStatusCode.InternalServerError, answer.Status);
        }

        await own.SettledAsync();
        return sent;
    }

    private static async Task SignsInAsync(CountersignServer own, TestUser owner)
    {
        using var browser = own.Browser();
        Assert.Equal("/", (await own.SignInAsync(browser, owner)).Path);
    }

    private static async Task<TestPage> EnterAsync(CountersignServer own, TestBrowser browser) => await browser.SubmitAsync(
        await browser.GetAsync("/operations/messages"),
        "operator-code",
        new Dictionary<string, string> { ["operator-code"] = own.OperatorCode("ada") });
}

public sealed class PumpingOnSqlite(OnSqlite server) : PumpingTests(server);

public sealed class PumpingOnPostgres(OnPostgres server) : PumpingTests(server);
