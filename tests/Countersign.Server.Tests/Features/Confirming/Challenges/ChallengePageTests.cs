using System.Net;
using Countersign.Server.Features.Confirming.Devices;
using Countersign.Server.Tests.Hosting;
using Countersign.Testing;
using Microsoft.EntityFrameworkCore;

namespace Countersign.Server.Tests.Features.Confirming.Challenges;

/// <summary>What the page of a challenge shows when things change under it.</summary>
public abstract class ChallengePageTests(CountersignServer server)
{
    [Fact]
    public async Task Only_the_field_of_a_text_message_takes_its_code_from_one()
    {
        var (user, browser, app) = await WithAppAsync();
        using var _ = browser;
        var (_, card) = await server.CardAsync(user);
        using var other = server.Browser();

        var shown = await CountersignServer.TypePasswordAndChooseAsync(other, user, app.Id);
        var printed = await CountersignServer.ChooseAsync(other, shown, card);
        await server.LetMessagesGoAsync(user);
        var sent = await CountersignServer.ChooseAsync(other, printed, (await server.DeviceAsync(user, "sms")).Id);

        Assert.Equal([false, false, true], new[] { shown, printed, sent }.Select(page => Field(page).HasAttribute("data-code-message")));
        Assert.Equal(
            ["one-time-code", "off", "one-time-code"],
            new[] { shown, printed, sent }.Select(page => Field(page).GetAttribute("autocomplete")));
    }

    [Fact]
    public async Task Only_the_page_of_what_is_sent_says_whether_it_arrived()
    {
        var (user, browser, _) = await WithAppAsync();
        using var _1 = browser;
        var (_, card) = await server.CardAsync(user);
        using var other = server.Browser();
        await server.LetMessagesGoAsync(user);

        var sent = await CountersignServer.TypePasswordAndChooseAsync(other, user, (await server.DeviceAsync(user, "sms")).Id);
        var printed = await CountersignServer.ChooseAsync(other, sent, card);

        Assert.NotNull(sent.Document.QuerySelector("[data-delivery-text]"));
        Assert.Null(printed.Document.QuerySelector("[data-delivery-text]"));
    }

    [Fact]
    public async Task A_device_that_cannot_answer_any_more_is_not_chosen_already()
    {
        var user = await server.UserAsync();
        var (card, device) = await server.CardAsync(user, cells: 10);
        using var browser = server.Browser();
        var page = await CountersignServer.TypePasswordAndChooseAsync(browser, user, device);
        await server.WriteAsync(
            (db, ct) => db.Set<Credential>().Where(p => p.Serial == card.Serial).ExecuteUpdateAsync(
                set => set.SetProperty(p => p.Position, 45), ct));

        var picker = await browser.GetAsync(page.Path + "?choose=true");

        var chosen = Assert.Single(picker.Document.QuerySelectorAll("input[name='device']"), d => d.HasAttribute("checked"));
        Assert.Equal((await server.DeviceAsync(user, "sms")).Id.ToString(), chosen.GetAttribute("value"));
        Assert.False(chosen.HasAttribute("disabled"));
    }

    [Fact]
    public async Task When_the_device_ended_elsewhere_the_one_that_remains_can_be_chosen()
    {
        var (user, browser, app) = await WithAppAsync();
        using var _ = browser;
        using var other = server.Browser();
        var page = await CountersignServer.TypePasswordAndChooseAsync(other, user, app.Id);
        await server.WriteAsync(
            (db, ct) => db.Set<Device>().Where(d => d.Id == app.Id).ExecuteUpdateAsync(
                set => set.SetProperty(d => d.Status, DeviceStatus.Revoked), ct));
        await server.LetMessagesGoAsync(user);
        var had = server.Codes(user).Count;

        var refused = await CountersignServer.TypeCodeAsync(other, page, server.AppCode(app.Key));
        Assert.Equal(HttpStatusCode.Conflict, refused.Status);
        var link = Assert.Single(refused.Document.QuerySelectorAll("a[href*='choose=true']")).GetAttribute("href")!;
        var picker = await other.GetAsync(link);
        var chosen = Assert.Single(picker.Document.QuerySelectorAll("input[name='device'][checked]")).GetAttribute("value")!;
        var prompted = await CountersignServer.PressAsync(other, picker, "choose", ("device", chosen));

        Assert.Equal("/", (await CountersignServer.TypeCodeAsync(other, prompted, await server.CodeAsync(user, had + 1))).Path);
    }

    [Fact]
    public async Task Why_nothing_came_of_a_right_answer_is_still_there_when_the_page_is_opened_again()
    {
        using var person = server.Applicant();
        await person.BeginAndConfirmEmailAsync();
        var page = await person.SendNumberAsync();
        var code = await server.CodeToAsync(person.Mobile);
        await person.SendNumberAsync(typed: CountersignServer.NewMobile());

        var refused = await CountersignServer.TypeCodeAsync(person.Browser, page, code);
        var again = await person.Browser.GetAsync(refused.Path);

        Assert.Equal(HttpStatusCode.NotFound, refused.Status);
        Assert.Equal(Summary(refused), Summary(again));
    }

    private static AngleSharp.Dom.IElement Field(TestPage page) => page.Document.QuerySelector("#code")!;

    private static string Summary(TestPage page) => CountersignServer.Words(page.Document.QuerySelector(".error-summary")!.TextContent);

    private async Task<(TestUser User, TestBrowser Browser, TestApp App)> WithAppAsync()
    {
        var user = await server.UserAsync();
        var browser = server.Browser();
        await server.SignInAsync(browser, user);
        var app = await server.AddAppAsync(browser, user);
        await server.ForgetStepsAsync(app);
        return (user, browser, app);
    }
}

public sealed class ChallengePageOnSqlite(OnSqlite server) : ChallengePageTests(server);

public sealed class ChallengePageOnPostgres(OnPostgres server) : ChallengePageTests(server);
