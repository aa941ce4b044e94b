using System.Net;
using Countersign.Server.Features.Confirming.Devices;
using Countersign.Server.Tests.Hosting;
using Countersign.Testing;
using Microsoft.EntityFrameworkCore;

namespace Countersign.Server.Tests.Features.Kinds.CodeCards;

/// <summary>A client who holds a card and types its serial number.</summary>
public abstract class AddCardTests(CountersignServer server)
{
    [Fact]
    public async Task A_card_in_hand_is_added_with_the_consent_of_a_device_and_two_of_its_values()
    {
        var (user, browser) = await SignedInAsync();
        using (browser)
        {
            var card = TestCard.New();
            await server.ImportCardAsync(card);

            var page = await server.BeginAddingAsync(browser, user, "code-card", "My card", Spaced(card.Serial));
            var done = await CountersignServer.TypeCodeAsync(browser, page, card.AnswerTo(page));

            Assert.Equal("/settings/devices", done.Path);
            var device = await server.DeviceAsync(user, "code-card");
            Assert.Equal((card.Serial, "sms"), ((await server.CredentialOfAsync(device.Id)).Serial, device.Reach));
            Assert.Equal((CredentialStatus.Held, 1), ((await server.ThingAsync(card)).Status, (await server.ThingAsync(card)).Position));
            using var other = server.Browser();
            var signIn = await CountersignServer.TypePasswordAndChooseAsync(other, user, device.Id);
            Assert.Equal("/", (await CountersignServer.TypeCodeAsync(other, signIn, card.AnswerTo(signIn))).Path);
        }
    }

    [Fact]
    public async Task One_that_was_shipped_becomes_active_with_its_serial_number_and_two_values()
    {
        var (user, browser) = await SignedInAsync();
        using (browser)
        {
            var card = TestCard.New();
            await server.ImportCardAsync(card, user.Name, "shipped");
            var shipped = Assert.Single(await server.DevicesOfAsync(user, card.Serial));
            var one = await browser.GetAsync($"/settings/devices/{shipped.Id}");
            Assert.Contains("On its way", one.Text, StringComparison.Ordinal);
            Assert.NotNull(one.Document.QuerySelector("a[href='/settings/devices/add/code-card']"));
            using var other = server.Browser();
            Assert.DoesNotContain(
                "Security code card",
                (await CountersignServer.TypePasswordAsync(other, user.Name, user.Password)).Text,
                StringComparison.Ordinal);

            var page = await server.BeginAddingAsync(browser, user, "code-card", "Arrived", card.Serial);
            var done = await CountersignServer.TypeCodeAsync(browser, page, card.AnswerTo(page));

            Assert.Equal("/settings/devices", done.Path);
            var device = Assert.Single(await server.RowsAsync<Device>(d => d.UserId == user.Id && d.Kind == "code-card"));
            Assert.Equal((shipped.Id, DeviceStatus.Active, "Arrived", "sms"), (device.Id, device.Status, device.Label, device.Reach));
            Assert.Equal(
                [DeviceEventKind.Shipped, DeviceEventKind.Waiting, DeviceEventKind.Activated],
                (await server.RowsAsync<DeviceEvent>(e => e.DeviceId == device.Id)).Select(e => e.What).Order());
        }
    }

    [Fact]
    public async Task A_serial_number_that_is_unknown_somebody_elses_or_retired_is_answered_alike_and_nobody_is_asked_to_agree()
    {
        var (user, browser) = await SignedInAsync();
        using (browser)
        {
            var (theirs, retired) = (TestCard.New(), TestCard.New());
            await server.ImportCardAsync(theirs, (await server.UserAsync()).Name, "active");
            await server.ImportCardAsync(retired);
            await server.WriteAsync(
                (db, ct) => db.Set<Credential>().Where(p => p.Serial == retired.Serial).ExecuteUpdateAsync(
                    set => set.SetProperty(p => p.Status, CredentialStatus.Retired), ct));
            var had = server.Codes(user).Count;
            var texts = new List<string>();
            foreach (var typed in new[] { theirs.Serial, retired.Serial, "NOSUCHCARD", "§§", string.Empty })
            {
                var page = await CountersignServer.AskToAddAsync(browser, "code-card", "Card", typed);
                Assert.Equal(HttpStatusCode.UnprocessableEntity, page.Status);
                Assert.Equal(typed, page.Document.QuerySelector("#typed")!.GetAttribute("value") ?? string.Empty);
                texts.Add(page.Document.QuerySelector("#typed-error")!.TextContent);
            }

            Assert.Single(texts.Distinct());
            Assert.Equal(had, server.Codes(user).Count);
        }
    }

    [Fact]
    public async Task Trying_serial_numbers_ends_after_ten()
    {
        var (_, browser) = await SignedInAsync();
        using (browser)
        {
            for (var i = 0; i < 10; i++)
            {
                Assert.Equal(
                    HttpStatusCode.UnprocessableEntity,
                    (await CountersignServer.AskToAddAsync(browser, "code-card", "Card", $"GUESS{i}")).Status);
            }

            Assert.Equal(
                HttpStatusCode.TooManyRequests, (await CountersignServer.AskToAddAsync(browser, "code-card", "Card", "GUESS10")).Status);
        }
    }

    [Fact]
    public async Task The_same_card_is_not_added_twice()
    {
        var (user, browser) = await SignedInAsync();
        using (browser)
        {
            var (card, _) = await server.CardAsync(user);

            var again = await CountersignServer.AskToAddAsync(browser, "code-card", "Card", card.Serial);

            Assert.Contains("among your devices already", again.Text, StringComparison.Ordinal);
        }
    }

    [Fact]
    [Race]
    public async Task Of_two_who_add_the_same_card_one_gets_it()
    {
        var card = TestCard.New();
        await server.ImportCardAsync(card);
        var pages = new List<(TestUser User, TestBrowser Browser, TestPage Page, string Code)>();
        for (var i = 0; i < 4; i++)
        {
            var (user, browser) = await SignedInAsync();
            await server.LetMessagesGoAsync(user);
            var had = server.Codes(user).Count;
            var page = await CountersignServer.AskToAddAsync(browser, "code-card", "Card", card.Serial);
            pages.Add((user, browser, page, await server.CodeAsync(user, had + 1)));
        }

        var answers = await Task.WhenAll(pages.Select(p => CountersignServer.TypeCodeAsync(p.Browser, p.Page, p.Code)));

        Assert.Single(answers, a => a.Path.StartsWith("/settings/devices/activate/", StringComparison.Ordinal));
        Assert.Equal(3, answers.Count(a => a.Status == HttpStatusCode.UnprocessableEntity));
        Assert.Single(await server.DevicesOfAsync(null, card.Serial));
        pages.ForEach(p => p.Browser.Dispose());
    }

    [Fact]
    public async Task A_wrong_value_activates_nothing_and_the_same_cells_are_asked_again()
    {
        var (user, browser) = await SignedInAsync();
        using (browser)
        {
            var card = TestCard.New();
            await server.ImportCardAsync(card);
            var page = await server.BeginAddingAsync(browser, user, "code-card", "My card", card.Serial);

            var wrong = await CountersignServer.TypeCodeAsync(browser, page, card.WrongAnswerTo(page));

            Assert.Equal(TestCard.AskedOn(page), TestCard.AskedOn(wrong));
            Assert.Equal(
                DeviceStatus.Waiting,
                Assert.Single(await server.RowsAsync<Device>(d => d.UserId == user.Id && d.Kind == "code-card")).Status);
        }
    }

    private async Task<(TestUser User, TestBrowser Browser)> SignedInAsync()
    {
        var user = await server.UserAsync();
        var browser = server.Browser();
        await server.SignInAsync(browser, user);
        return (user, browser);
    }

    private static string Spaced(string serial) => $" {serial[..4]}-{serial[4..].ToLowerInvariant()} ";
}

public sealed class AddCardsOnSqlite(OnSqlite server) : AddCardTests(server);

public sealed class AddCardsOnPostgres(OnPostgres server) : AddCardTests(server);
