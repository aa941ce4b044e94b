using System.Text.Json;
using Countersign.Server.Features.Ground.Audit;
using Countersign.Server.Features.Messaging.Messages;
using Countersign.Server.Features.Messaging.Notices;
using Countersign.Server.Features.Messaging.Shield;
using Countersign.Server.Features.Registry.PhoneNumbers;
using Countersign.Server.Features.Registry.Users;
using Countersign.Server.Tests.Guards;
using Countersign.Server.Tests.Hosting;
using Countersign.Testing;
using Microsoft.Extensions.DependencyInjection;

namespace Countersign.Server.Tests.Features.Messaging.Shield;

/// <summary>Money stops what counts do not: an expensive number pumps no more than a day's budget (B3).</summary>
public abstract class BudgetTests(CountersignServer server)
{
    private static readonly (string, string)[] Settings =
    [
        ("Shield:Prices:+8526", "2"), ("Shield:Price", "0.01"), ("Shield:BudgetPerRangeDaily", "9"),
        ("Shield:BudgetPerCountryDaily", "12"), ("Shield:Budgets:GB", "100000"),
    ];

    [Fact]
    [Claim("D34")]
    public async Task A_dear_block_stops_at_its_budget_and_a_dear_country_at_its_own_while_another_goes_on()
    {
        await using var own = await server.FreshAsync(Settings);
        var dear = await own.UserAsync(mobile: "+85269990001");
        var beside = await own.UserAsync(mobile: "+85268880001");
        var british = await own.UserAsync(mobile: "+447400123456");
        await own.SettledAsync();

        // A stranger has as many sent as kinds and ceilings allow.
        var (dearSent, besideSent, britishSent) = (
            await PumpAsync(own, dear), await PumpAsync(own, beside), await PumpAsync(own, british));

        // Enrolment told each of them already. A message more would have had one or two parts.
        var spent = (await own.RowsAsync<Message>(m => m.Region == "HK" && m.Channel == MessageChannel.Sms && m.Template != "code"))
            .ToLookup(m => m.Range!, m => m.Parts * 2m);
        Assert.InRange(spent["+8526999"].Sum(), 5m, 9m);
        Assert.InRange(spent.Sum(s => s.Sum()), 8m, 12m);
        Assert.InRange(dearSent, 1, 4);
        Assert.InRange(besideSent, 0, 4);
        Assert.Equal(6, britishSent);
        Assert.Equal(
            ["+8526999", "HK"],
            (await own.RowsAsync<AuditEvent>(e => e.Event == AuditEvents.BudgetReached)).Select(OfWhich).Order(StringComparer.Ordinal));
        using var operators = own.Browser();
        var page = await EnterAsync(own, operators);
        Assert.Contains(
            "Reached", page.Document.QuerySelector("section[aria-labelledby='budgets']")!.TextContent, StringComparison.Ordinal);

        // What a stranger spends keeps no owner out.
        using var browser = own.Browser();
        Assert.Equal("/", (await own.SignInAsync(browser, dear)).Path);
    }

    [Fact]
    public async Task A_new_number_gets_no_code_once_the_budget_is_spent_and_the_next_day_it_does()
    {
        await using var own = await server.FreshAsync(("Shield:Price", "4"), ("Shield:BudgetPerCountryDaily", "4"));
        using var first = own.Applicant();
        await first.BeginAndConfirmEmailAsync();
        await first.SendNumberAsync();
        await own.CodeToAsync(first.Mobile);
        using var second = own.Applicant();
        await second.BeginAndConfirmEmailAsync();

        var refused = await second.SendNumberAsync();

        Assert.Contains("Too many messages", refused.Text, StringComparison.OrdinalIgnoreCase);
        Assert.Empty(own.Sms.To(second.Mobile));
        own.Clock.Advance(TimeSpan.FromHours(25));
        using var third = own.Applicant();
        await third.BeginAndConfirmEmailAsync();
        await third.SendNumberAsync();
        await own.CodeToAsync(third.Mobile);
    }

    [Fact]
    public async Task Each_budget_that_is_reached_is_told_though_the_one_before_was_reached_hours_ago()
    {
        await using var own = await server.FreshAsync(("Shield:Price", "4"), ("Shield:BudgetPerRangeDaily", "4"));
        var (budget, place) = (own.App.Services.GetRequiredService<MessageBudget>(), NumberRange.Of("+85269990001"));
        Task<bool> TakeAsync() => own.WriteAsync((db, ct) => budget.TakeAsync(db, "+85269990001", place, parts: 1, ct));

        Assert.True(await TakeAsync());
        own.Clock.Advance(TimeSpan.FromHours(23));
        Assert.False(await TakeAsync());
        own.Clock.Advance(TimeSpan.FromHours(2));
        Assert.True(await TakeAsync());
        Assert.False(await TakeAsync());
        Assert.False(await TakeAsync());

        Assert.Equal(2, (await own.RowsAsync<AuditEvent>(e => e.Event == AuditEvents.BudgetReached)).Count);
    }

    [Fact]
    [Race]
    public async Task Of_many_at_once_only_as_many_go_as_the_budget_pays()
    {
        await using var own = await server.FreshAsync(("Shield:Price", "1"), ("Shield:BudgetPerRangeDaily", "5"));
        var budget = own.App.Services.GetRequiredService<MessageBudget>();

        var place = NumberRange.Of("+85269990001");

        var taken = await Task.WhenAll(Enumerable.Range(0, 16).Select(_ => own.WriteAsync(
            (db, ct) => budget.TakeAsync(db, "+85269990001", place, parts: 1, ct))));

        Assert.Equal(5, taken.Count(t => t));
    }

    /// <summary>Six notices of six kinds; yields how many SMS went.</summary>
    private static async Task<int> PumpAsync(CountersignServer own, TestUser user)
    {
        Notice[] kinds =
        [
            Notice.DeviceAdded, Notice.DeviceRemoved, Notice.DeviceSuspended, Notice.DeviceResumed, Notice.DeviceLost, Notice.DeviceLocked,
        ];
        foreach (var kind in kinds)
        {
            await own.WriteAsync(async (db, ct) =>
            {
                var view = (await own.App.Services.GetRequiredService<UserViews>().FindAsync(db, user.Id, ct))!;
                await own.App.Services.GetRequiredService<NoticeBoard>().TellAsync(db, view, kind, except: null, ct, "app", "phone");
                return true;
            });
        }

        await own.SettledAsync();
        return own.Sms.To(user.Mobile).Count(
            m => m.Template.StartsWith("notice-device-", StringComparison.Ordinal) && m.Template != "notice-device-enrolled");
    }

    private static string OfWhich(AuditEvent row) => JsonDocument.Parse(row.Details).RootElement.GetProperty("of").GetString()!;

    private static async Task<TestPage> EnterAsync(CountersignServer own, TestBrowser browser) => await browser.SubmitAsync(
        await browser.GetAsync("/operations/messages"),
        "operator-code",
        new Dictionary<string, string> { ["operator-code"] = own.OperatorCode("ada") });
}

public sealed class BudgetsOnSqlite(OnSqlite server) : BudgetTests(server);

public sealed class BudgetsOnPostgres(OnPostgres server) : BudgetTests(server);
