using System.Globalization;
using System.Text;
using Countersign.Server.Features.Confirming.Devices;
using Countersign.Server.Features.Ground.Audit;
using Countersign.Server.Features.Kinds.CodeCards;
using Countersign.Server.Features.Kinds.CodeCards.Import;
using Countersign.Server.Tests.Hosting;
using CsCheck;
using Microsoft.EntityFrameworkCore;

namespace Countersign.Server.Tests.Features.Kinds.CodeCards;

public abstract class CardImportTests(CountersignServer server)
{
    [Fact]
    public async Task A_card_of_before_is_its_users_device_at_once_and_nothing_holds_it_down()
    {
        var user = await server.UserAsync();
        var (card, device) = await server.CardAsync(user);

        var row = Assert.Single(await server.RowsAsync<Device>(d => d.Id == device));

        Assert.Equal((DeviceStatus.Active, card.Serial[^4..], (string?)null), (row.Status, row.Label, row.Reach));
        Assert.Equal("code-card", (await server.TierAsync(user, device)).Name);
        Assert.Single(await server.RowsAsync<AuditEvent>(e => e.UserId == user.Id && e.Event == AuditEvents.DeviceImported));
    }

    [Fact]
    public async Task Importing_a_file_again_changes_nothing()
    {
        var user = await server.UserAsync();
        var (one, other, stock) = (TestCard.New(), TestCard.New(30), TestCard.New());
        var file = File((one, user.Name, "active"), (other, user.Name, "shipped"), (stock, "", ""));
        Assert.Equal(new CardsWritten(3, 2), await server.ImportCardsAsync(file));
        var before = (await server.ThingAsync(one), await server.ThingAsync(stock));

        var again = await server.ImportCardsAsync(file);

        Assert.Equal(new CardsWritten(0, 0), again);
        Assert.Equal(before.Item1.State, (await server.ThingAsync(one)).State);
        Assert.Equal(before.Item2.State, (await server.ThingAsync(stock)).State);
        Assert.Equal(CredentialStatus.Stock, (await server.ThingAsync(stock)).Status);
        Assert.Equal(2, (await server.RowsAsync<Device>(d => d.UserId == user.Id && d.Kind == "code-card")).Count);
    }

    [Fact]
    public async Task A_card_in_stock_can_be_given_to_a_user_later_and_to_nobody_else_after()
    {
        var (user, stranger) = (await server.UserAsync(), await server.UserAsync());
        var card = TestCard.New();
        await server.ImportCardAsync(card);

        Assert.Equal(new CardsWritten(0, 1), await server.ImportCardAsync(card, user.Name, "shipped"));

        var fault = Assert.Single((await server.CheckCardsAsync(File((card, stranger.Name, "shipped")))).Bad);
        Assert.Equal((2, "user"), (fault.Line, fault.Column));
    }

    [Fact]
    public async Task A_file_with_a_fault_is_told_line_by_line_and_a_cell_never_repeated()
    {
        var known = TestCard.New();
        await server.ImportCardAsync(known);
        var good = TestCard.New();
        var check = await server.CheckCardsAsync(
            "serial,cells,user,status\n"
            + $"{good.Serial},{Cells(good)},,stock\n"
            + $"{good.Serial.ToLowerInvariant()},{Cells(good)},,\n"
            + $"{known.Serial},{Cells(TestCard.New())},,\n"
            + $"??,{Cells(good)},,\n"
            + "TCX00001,ABC ABCD XYZ,,\n"
            + "TCX00002,ABC DEF,,\n"
            + $"TCX00003,{Cells(good)},nobody.there,active\n"
            + $"TCX00004,{Cells(good)},,active\n"
            + $"TCX00005,{Cells(good)},somebody,stock\n"
            + $"TCX00006,{Cells(good)},,lost\n"
            + "TCX00007,too,many,fields,here\n");

        Assert.Equal(
            [
                (3, "serial"), (4, "serial"), (5, "serial"), (6, "cells"), (7, "cells"), (8, "user"), (9, "status"), (10, "status"),
                (11, "status"), (12, "(row)"),
            ],
            check.Bad.Select(b => (b.Line, b.Column)));
        Assert.All(check.Bad, b => Assert.DoesNotContain("ABCD", b.Why, StringComparison.Ordinal));
        Assert.Equal(11, check.Count);
        Assert.Empty(await server.RowsAsync<Credential>(p => p.Serial == good.Serial));
    }

    [Fact]
    public async Task Cells_may_have_a_column_each()
    {
        var (user, card) = (await server.UserAsync(verified: false), TestCard.New(12));
        var header = string.Join(',', Enumerable.Range(1, 12).Select(i => "cell_" + i.ToString(CultureInfo.InvariantCulture)));

        await server.ImportCardsAsync(
            $"status,user,{header},serial\nactive,{user.Name},{string.Join(',', card.Cells).ToLowerInvariant()},{card.Serial}\n");

        using var browser = server.Browser();
        var page = await CountersignServer.TypePasswordAsync(browser, user.Name, user.Password);
        Assert.Equal("/", (await CountersignServer.TypeCodeAsync(browser, page, card.AnswerTo(page))).Path);
    }

    [Fact]
    [Race]
    public async Task Two_imports_at_once_give_a_card_to_one()
    {
        var users = await Task.WhenAll(Enumerable.Range(0, 4).Select(_ => server.UserAsync()));
        var card = TestCard.New();
        await server.ImportCardAsync(card);

        var outcomes = await Task.WhenAll(users.Select(async u =>
        {
            try
            {
                return (await server.ImportCardAsync(card, u.Name, "active")).NewDevices;
            }
            catch (Exception e) when (e is StartException or Xunit.Sdk.EmptyException)
            {
                return 0;
            }
        }));

        Assert.Equal(1, outcomes.Sum());
        Assert.Single(await server.DevicesOfAsync(null, card.Serial));
    }

    [Fact]
    public async Task Cells_are_nowhere_in_clear_and_open_only_in_their_own_row()
    {
        var (one, other) = (TestCard.New(), TestCard.New());
        await server.ImportCardAsync(one);
        await server.ImportCardAsync(other);

        var (thing, another) = (await server.ThingAsync(one), await server.ThingAsync(other));

        Assert.DoesNotContain(string.Concat(one.Cells)[..12], Encoding.Latin1.GetString(thing.State), StringComparison.Ordinal);
        Assert.Equal(
            string.Concat(one.Cells),
            CodeCard.Read(server.Protection.Unprotect(Credential.StateColumn, thing.OwnerId, thing.Id, thing.State)).Cells);
        Assert.ThrowsAny<System.Security.Cryptography.CryptographicException>(
            () => server.Protection.Unprotect(Credential.StateColumn, thing.OwnerId, thing.Id, another.State));
    }

    [Fact]
    public async Task More_cards_than_a_unit_takes_go_in_several()
    {
        var user = await server.UserAsync();
        var cards = Enumerable.Range(0, 250).Select(_ => TestCard.New(10)).ToList();

        var written = await server.ImportCardsAsync(
            File([.. cards.Select((c, i) => (c, i == 249 ? user.Name : "", i == 249 ? "active" : ""))]));

        Assert.Equal(new CardsWritten(250, 1), written);
        Assert.Single(
            await server.RowsAsync<AuditEvent>(e => e.Event == AuditEvents.CardsImported && EF.Functions.Like(e.Details, "%250%")));
    }

    private static string File(params (TestCard Card, string User, string Status)[] rows) =>
        "serial,cells,user,status\n" + string.Concat(rows.Select(r => $"{r.Card.Serial},{Cells(r.Card)},{r.User},{r.Status}\n"));

    private static string Cells(TestCard card) => string.Join(' ', card.Cells);
}

public sealed class CardImportOnSqlite(OnSqlite server) : CardImportTests(server);

public sealed class CardImportOnPostgres(OnPostgres server) : CardImportTests(server);

/// <summary>What a file of cards may look like.</summary>
public sealed class CardFileTests
{
    [Theory]
    [InlineData("", "no header")]
    [InlineData("serial\nX", "either the column cells or")]
    [InlineData("serial,cells,cell_1\n", "either the column cells or")]
    [InlineData("serial,cell_1,cell_3\n", "lacks cell_2")]
    [InlineData("serial,cells,secret\n", "not known: secret")]
    [InlineData("cells\n", "lacks the column serial")]
    [InlineData("serial,serial,cells\n", "twice")]
    public void A_header_that_is_wrong_is_told(string text, string why)
    {
        var told = Assert.Throws<StartException>(() => CardFile.Read(new MemoryStream(Encoding.UTF8.GetBytes(text))).ToList());

        Assert.Contains(why, told.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void No_file_breaks_the_reader() => Gen.Byte.Array[0, 300].Sample(bytes =>
    {
        try
        {
            _ = CardFile.Read(new MemoryStream([.. "serial,cells\n"u8, .. bytes])).ToList();
        }
        catch (StartException)
        {
            // Told.
        }
    });
}
