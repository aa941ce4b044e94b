using System.Net;
using Countersign.Server.Features.Access.Sessions;
using Countersign.Server.Features.Confirming.Challenges;
using Countersign.Server.Features.Confirming.Devices;
using Countersign.Server.Tests.Hosting;
using Countersign.Testing;
using Microsoft.EntityFrameworkCore;

namespace Countersign.Server.Tests.Features.Kinds.CodeCards;

public abstract class CodeCardTests(CountersignServer server)
{
    private const int AtOnce = 50;

    [Fact]
    public async Task A_card_is_chosen_in_the_picker_and_signs_in()
    {
        var user = await server.UserAsync();
        var (card, device) = await server.CardAsync(user);
        using var browser = server.Browser();

        var picker = await CountersignServer.TypePasswordAsync(browser, user.Name, user.Password);
        var page = await CountersignServer.ChooseAsync(browser, picker, device);
        var home = await CountersignServer.TypeCodeAsync(browser, page, card.AnswerTo(page));

        Assert.Contains("Security code card", picker.Text, StringComparison.Ordinal);
        Assert.Equal("/", home.Path);
        Assert.Empty(server.Codes(user));
        Assert.Single(await server.RowsAsync<Session>(s => s.UserId == user.Id), s => s.DeviceKind == "code-card");
        Assert.Equal(1, (await server.ThingAsync(card)).Position);
    }

    [Fact]
    public async Task The_same_two_cells_are_asked_until_they_are_answered_and_others_afterwards()
    {
        var (user, card) = await server.CardUserAsync();
        using var first = server.Browser();
        using var second = server.Browser();
        var page = await CountersignServer.TypePasswordAsync(first, user.Name, user.Password);
        var asked = TestCard.AskedOn(page);

        var wrong = await CountersignServer.TypeCodeAsync(first, page, card.WrongAnswerTo(page));
        Assert.Equal(HttpStatusCode.UnprocessableEntity, wrong.Status);
        Assert.Equal(asked, TestCard.AskedOn(wrong));
        await CountersignServer.PressAsync(first, wrong, "cancel");
        var again = await CountersignServer.TypePasswordAsync(first, user.Name, user.Password);
        Assert.Equal(asked, TestCard.AskedOn(again));
        var elsewhere = await CountersignServer.TypePasswordAsync(second, user.Name, user.Password);
        Assert.Equal(asked, TestCard.AskedOn(elsewhere));
        Assert.Equal(asked, TestCard.AskedOn(await second.GetAsync(elsewhere.Path)));

        Assert.Equal("/", (await CountersignServer.TypeCodeAsync(second, elsewhere, card.AnswerTo(elsewhere))).Path);
        using var third = server.Browser();
        var next = TestCard.AskedOn(await CountersignServer.TypePasswordAsync(third, user.Name, user.Password));
        Assert.Empty(new[] { asked.First, asked.Second }.Intersect([next.First, next.Second]));
    }

    [Fact]
    public async Task An_answer_to_an_earlier_prompt_is_wrong_once_the_card_has_moved_on()
    {
        var (user, card) = await server.CardUserAsync();
        using var first = server.Browser();
        using var second = server.Browser();
        var early = await CountersignServer.TypePasswordAsync(first, user.Name, user.Password);
        var answer = card.AnswerTo(early);
        var page = await CountersignServer.TypePasswordAsync(second, user.Name, user.Password);
        await CountersignServer.TypeCodeAsync(second, page, answer);

        var late = await CountersignServer.TypeCodeAsync(first, early, answer);

        Assert.Single(await server.RowsAsync<Session>(s => s.UserId == user.Id));
        Assert.Contains("was used elsewhere", late.Text, StringComparison.Ordinal);
        Assert.Equal(1, await server.TriesAsync(user));
        var next = await CountersignServer.PressAsync(first, late, "repeat");
        Assert.Equal("/", (await CountersignServer.TypeCodeAsync(first, next, card.AnswerTo(next))).Path);
    }

    [Fact]
    public async Task Asking_again_shows_no_other_cells()
    {
        var (user, _) = await server.CardUserAsync();
        using var browser = server.Browser();
        var page = await CountersignServer.TypePasswordAsync(browser, user.Name, user.Password);

        var again = await CountersignServer.PressAsync(browser, page, "repeat");

        Assert.Equal(HttpStatusCode.Conflict, again.Status);
        Assert.Equal(TestCard.AskedOn(page), TestCard.AskedOn(again));
    }

    [Fact]
    public async Task What_cannot_be_two_values_is_told_and_costs_no_try()
    {
        var (user, card) = await server.CardUserAsync();
        using var browser = server.Browser();
        var page = await CountersignServer.TypePasswordAsync(browser, user.Name, user.Password);

        var told = await CountersignServer.TypeCodeAsync(browser, page, "A7 K");

        Assert.Equal(HttpStatusCode.UnprocessableEntity, told.Status);
        Assert.Equal("A7 K", told.Document.QuerySelector("#code")!.GetAttribute("value"));
        Assert.Contains("six characters", told.Text, StringComparison.Ordinal);
        Assert.All(await server.RowsAsync<Challenge>(c => c.UserId == user.Id), c => Assert.Equal(0, c.Tries));
        var typed = card.AnswerTo(told).ToLowerInvariant();
        Assert.Equal("/", (await CountersignServer.TypeCodeAsync(browser, told, $" {typed[..3]} - {typed[3..]} ")).Path);
    }

    [Fact]
    public async Task One_right_value_is_not_enough_and_neither_is_the_other_way_round()
    {
        var (user, card) = await server.CardUserAsync();
        using var browser = server.Browser();
        var page = await CountersignServer.TypePasswordAsync(browser, user.Name, user.Password);
        var right = card.AnswerTo(page);

        foreach (var typed in new[] { right[..3] + "0ZZ", "0ZZ" + right[3..], right[3..] + right[..3] })
        {
            Assert.Equal(HttpStatusCode.UnprocessableEntity, (await CountersignServer.TypeCodeAsync(browser, page, typed)).Status);
        }

        Assert.Equal(0, (await server.ThingAsync(card)).Position);
    }

    [Fact]
    public async Task Ten_thousand_openings_show_one_pair_of_cells()
    {
        await using var own = await server.FreshAsync(("Regimes:Default:ChallengesPerHour", "1000"));
        var (user, card) = await own.CardUserAsync();
        using var browser = own.Browser();
        var asked = TestCard.AskedOn(await CountersignServer.TypePasswordAsync(browser, user.Name, user.Password));

        var opened = await Task.WhenAll(
            Enumerable.Range(0, 10).Select(_ => own.OpenAndCancelAsync(user, CountersignServer.NewSource(), 1000)));

        Assert.Equal(10_000, opened.Sum());
        var prompts = (await own.RowsAsync<Challenge>(c => c.UserId == user.Id))
            .Select(c => own.Protection.Unprotect(
                Challenge.PromptsColumn, c.UserId, c.Id, c.Prompts!, ChallengesJson.Default.DictionaryGuidByteArray))
                .SelectMany(p => p.Values).Select(System.Text.Encoding.UTF8.GetString).Distinct();
        Assert.Single(prompts);
        Assert.Equal(0, (await own.ThingAsync(card)).Position);
        using var other = own.Browser();
        Assert.Equal(asked, TestCard.AskedOn(await CountersignServer.TypePasswordAsync(other, user.Name, user.Password)));
    }

    [Fact]
    [Race]
    public async Task Of_fifty_at_once_one_signs_in()
    {
        var (user, card) = await server.CardUserAsync();
        using var browser = server.Browser();
        var page = await CountersignServer.TypePasswordAsync(browser, user.Name, user.Password);

        var answers = await CountersignServer.TypeCodeManyAsync(browser, page, Enumerable.Repeat(card.AnswerTo(page), AtOnce));

        Assert.Equal(CountersignServer.Answered, answers.Count(a => a == HttpStatusCode.Redirect));
        Assert.Single(await server.SessionIdsAsync(user));
        Assert.Equal(1, (await server.ThingAsync(card)).Position);
    }

    [Fact]
    [Race]
    public async Task One_answer_in_many_browsers_at_once_signs_in_one()
    {
        var (user, card) = await server.CardUserAsync();
        var browsers = Enumerable.Range(0, 8).Select(_ => server.Browser()).ToList();
        var pages = new List<TestPage>();
        foreach (var browser in browsers)
        {
            pages.Add(await CountersignServer.TypePasswordAsync(browser, user.Name, user.Password));
        }

        await Task.WhenAll(browsers.Zip(pages, (browser, page) => CountersignServer.TypeCodeAsync(browser, page, card.AnswerTo(page))));

        Assert.Single(await server.SessionIdsAsync(user));
        Assert.Equal(1, (await server.ThingAsync(card)).Position);
        browsers.ForEach(b => b.Dispose());
    }

    [Fact]
    public async Task A_card_that_two_users_of_a_person_share_moves_on_for_both()
    {
        var user = await server.UserAsync();
        var (card, device) = await server.CardAsync(user);
        var (twin, twinDevice) = await TwinAsync(user, card);
        using var one = server.Browser();
        using var other = server.Browser();
        var page = await CountersignServer.TypePasswordAndChooseAsync(one, user, device);
        var answer = card.AnswerTo(page);
        Assert.Equal("/", (await CountersignServer.TypeCodeAsync(one, page, answer)).Path);

        var there = await CountersignServer.TypePasswordAsync(other, twin.Name, twin.Password);

        Assert.Equal(HttpStatusCode.UnprocessableEntity, (await CountersignServer.TypeCodeAsync(other, there, answer)).Status);
        Assert.Equal("/", (await CountersignServer.TypeCodeAsync(other, there, card.AnswerTo(there))).Path);
        Assert.Equal(2, (await server.ThingAsync(card)).Position);
        Assert.NotEqual(device, twinDevice);
    }

    [Fact]
    public async Task A_card_ends_at_its_limit_warns_before_and_says_what_to_do()
    {
        await using var own = await server.FreshAsync(("CodeCards:MostUses", "21"));
        var (user, card) = await own.CardUserAsync();
        await UseAsync(own, user, card, uses: 1, warns: false);
        await MoveAsync(own, card, to: 20);
        await UseAsync(own, user, card, uses: 1, warns: true);
        await own.FundAsync(user);
        using var browser = own.Browser();

        var refused = await CountersignServer.TypePasswordAsync(browser, user.Name, user.Password);

        Assert.Contains("client services", refused.Text, StringComparison.Ordinal);
        Assert.Equal("/sign-in", refused.Path);
        Assert.Equal(21, (await own.ThingAsync(card)).Position);
    }

    /// <summary>S11, S6: the last answer counts, then the card is nobody's device any more, and text messages are back.</summary>
    [Fact]
    public async Task The_last_answer_retires_the_card_for_all_who_share_it_and_tells_them()
    {
        var user = await server.UserAsync();
        var (card, device) = await server.CardAsync(user, cells: 10);
        var (_, twinDevice) = await TwinAsync(user, card);
        await server.WriteAsync(
            (db, ct) => db.Set<Device>().Where(d => d.UserId == user.Id && d.Kind == "sms").ExecuteUpdateAsync(
                set => set.SetProperty(d => d.Status, DeviceStatus.Revoked), ct));
        await MoveAsync(server, card, to: 44);
        using var browser = server.Browser();

        var page = await CountersignServer.TypePasswordAsync(browser, user.Name, user.Password);
        var home = await CountersignServer.TypeCodeAsync(browser, page, card.AnswerTo(page));
        await server.EnrolAsync();

        Assert.Equal("/", home.Path);
        Assert.Equal(CredentialStatus.Retired, (await server.ThingAsync(card)).Status);
        Assert.All(
            await server.RowsAsync<Device>(d => d.Id == device || d.Id == twinDevice), d => Assert.Equal(DeviceStatus.Expired, d.Status));
        await server.EmailAsync(user, "reached the end of its use");
        Assert.Equal("sms", (await server.DeviceAsync(user, "sms")).Kind);
    }

    [Fact]
    public async Task Who_reports_a_shared_card_as_lost_reports_it_for_all_who_share_it()
    {
        var user = await server.UserAsync();
        var (card, device) = await server.CardAsync(user);
        var (_, twinDevice) = await TwinAsync(user, card);
        await TrustSmsAsync(user);
        using var browser = server.Browser();
        var home = await CountersignServer.TypePasswordAndChooseAsync(browser, user, device);
        await CountersignServer.TypeCodeAsync(browser, home, card.AnswerTo(home));
        await server.LetMessagesGoAsync(user);
        var had = server.Codes(user).Count;

        var page = await CountersignServer.PressAsync(
            browser, await browser.GetAsync($"/settings/devices/{device}"), "Change", ("change", "lost"));
        page = await CountersignServer.ChooseAsync(browser, page, (await server.DeviceAsync(user, "sms")).Id);
        await CountersignServer.TypeCodeAsync(browser, page, await server.CodeAsync(user, had + 1));

        Assert.Equal(CredentialStatus.Retired, (await server.ThingAsync(card)).Status);
        Assert.Equal(DeviceStatus.Lost, (await server.RowsAsync<Device>(d => d.Id == twinDevice))[0].Status);
    }

    /// <summary>D28: a row of mine that was pointed to another's card, or to none, is no device.</summary>
    [Fact]
    public async Task A_row_that_was_pointed_to_another_card_answers_nothing_and_breaks_nothing()
    {
        var (user, attacker) = (await server.UserAsync(), await server.UserAsync());
        var ((card, device), (known, _)) = (await server.CardAsync(user), await server.CardAsync(attacker));
        var (own, other) = (await server.ThingAsync(card), await server.ThingAsync(known));
        var nothing = Guid.CreateVersion7(server.Clock.GetUtcNow());
        (Guid Owner, Guid Id)[] targets =
            [(other.OwnerId, other.Id), (own.OwnerId, other.Id), (Guid.Empty, Guid.Empty), (own.OwnerId, nothing)];
        foreach (var (owner, id) in targets)
        {
            using var browser = server.Browser();
            await server.WriteAsync(
                (db, ct) => db.Database.ExecuteSqlAsync(
                    $"UPDATE devices SET credential_owner = {owner}, credential_id = {id} WHERE id = {device}", ct));
            await server.LetMessagesGoAsync(user);

            var page = await CountersignServer.TypePasswordAsync(browser, user.Name, user.Password);

            Assert.Equal(HttpStatusCode.OK, page.Status);
            Assert.Empty(page.Document.QuerySelectorAll("input[name='device']"));
        }

        Assert.Equal(0, (await server.ThingAsync(card)).Position);
    }

    private Task TrustSmsAsync(TestUser user) => server.WriteAsync((db, ct) =>
    {
        var past = server.Clock.GetUtcNow() - TimeSpan.FromDays(1);
        return db.Set<Device>().Where(d => d.UserId == user.Id && d.Kind == "sms").ExecuteUpdateAsync(
            set => set.SetProperty(d => d.TrustedAt, past), ct);
    });

    [Fact]
    public async Task A_small_card_ends_when_all_its_pairs_were_asked()
    {
        var user = await server.UserAsync();
        var (card, _) = await server.CardAsync(user, cells: 10);
        await MoveAsync(server, card, to: 45);
        using var browser = server.Browser();

        var picker = await CountersignServer.TypePasswordAsync(browser, user.Name, user.Password);

        Assert.True(picker.Document.QuerySelectorAll("input[name='device']")
            .Single(d => d.ParentElement!.TextContent.Contains("Security code card", StringComparison.Ordinal))
            .HasAttribute("disabled"));
    }

    [Fact]
    public async Task A_prompt_that_is_open_when_the_limit_is_reached_is_told_and_not_charged()
    {
        var user = await server.UserAsync();
        var (card, device) = await server.CardAsync(user, cells: 10);
        using var browser = server.Browser();
        var page = await CountersignServer.TypePasswordAndChooseAsync(browser, user, device);
        await MoveAsync(server, card, to: 45);

        var told = await CountersignServer.TypeCodeAsync(browser, page, card.AnswerTo(page));

        Assert.Contains("reached its limit", told.Text, StringComparison.Ordinal);
        Assert.All(await server.RowsAsync<Challenge>(c => c.UserId == user.Id), c => Assert.Equal(0, c.Tries));
    }

    [Fact]
    public async Task Cards_whose_cells_were_swapped_in_the_database_answer_nothing_and_break_nothing()
    {
        var (user, attacker) = (await server.UserAsync(), await server.UserAsync());
        var ((card, device), (known, _)) = (await server.CardAsync(user), await server.CardAsync(attacker));
        using var browser = server.Browser();
        var page = await CountersignServer.TypePasswordAndChooseAsync(browser, user, device);
        var (theirs, own) = ((await server.ThingAsync(card)).State, (await server.ThingAsync(known)).State);
        await PutAsync(card, own);
        await PutAsync(known, theirs);

        var answer = await CountersignServer.TypeCodeAsync(browser, page, known.AnswerTo(page));

        Assert.Equal(HttpStatusCode.Conflict, answer.Status);
        Assert.Equal(0, (await server.ThingAsync(card)).Position);
        Assert.Empty(await server.SessionIdsAsync(user));
        using var other = server.Browser();
        var signIn = await CountersignServer.TypePasswordAsync(other, user.Name, user.Password);
        Assert.Equal(HttpStatusCode.OK, signIn.Status);
        Assert.DoesNotContain("Security code card", signIn.Text, StringComparison.Ordinal);
        Assert.Equal(
            "serial",
            Assert.Single((await server.CheckCardsAsync($"serial,cells\n{card.Serial},{string.Join(' ', card.Cells)}\n")).Bad).Column);
    }

    private Task<int> PutAsync(TestCard card, byte[] state) =>
        server.WriteAsync(
            (db, ct) => db.Set<Credential>().Where(p => p.Serial == card.Serial).ExecuteUpdateAsync(
                set => set.SetProperty(p => p.State, state), ct));

    private static Task MoveAsync(CountersignServer host, TestCard card, long to) =>
        host.WriteAsync(
            (db, ct) => db.Set<Credential>().Where(p => p.Serial == card.Serial).ExecuteUpdateAsync(
                set => set.SetProperty(p => p.Position, to), ct));

    private static async Task UseAsync(CountersignServer host, TestUser user, TestCard card, int uses, bool warns)
    {
        for (var i = 0; i < uses; i++)
        {
            using var browser = host.Browser();
            var page = await CountersignServer.TypePasswordAsync(browser, user.Name, user.Password);
            Assert.Equal(warns, page.Text.Contains("nearly used up", StringComparison.Ordinal));
            Assert.Equal("/", (await CountersignServer.TypeCodeAsync(browser, page, card.AnswerTo(page))).Path);
        }
    }

    /// <summary>Another user of the same person, with the same card.</summary>
    private async Task<(TestUser User, Guid Device)> TwinAsync(TestUser of, TestCard card)
    {
        var twin = await server.UserAsync(verified: false);
        await server.WriteAsync(async (db, ct) =>
        {
            var person = await db.Set<Countersign.Server.Features.Registry.Users.User>().Where(u => u.Id == of.Id).Select(u => u.PersonId)
                .SingleAsync(ct);
            return await db.Set<Countersign.Server.Features.Registry.Users.User>().Where(u => u.Id == twin.Id).ExecuteUpdateAsync(
                set => set.SetProperty(u => u.PersonId, person), ct);
        });
        await server.ImportCardAsync(card, twin.Name, "active");
        return (twin, (await server.DeviceAsync(twin, "code-card")).Id);
    }
}

public sealed class CodeCardsOnSqlite(OnSqlite server) : CodeCardTests(server);

public sealed class CodeCardsOnPostgres(OnPostgres server) : CodeCardTests(server);
