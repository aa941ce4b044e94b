using System.Globalization;
using System.Text;
using Countersign.Server.Features.Confirming.Devices;
using Countersign.Server.Features.Ground.Audit;
using Countersign.Server.Features.Kinds.CodeCards.Import;
using Countersign.Server.Features.Registry.Users;
using Countersign.Testing;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;

namespace Countersign.Server.Tests.Hosting;

/// <summary>A printed card of the tests, in somebody's hands.</summary>
public sealed record TestCard(string Serial, IReadOnlyList<string> Cells)
{
    private static int _cards;

    /// <summary>A card whose values are all different.</summary>
    public static TestCard New(int cells = 224)
    {
        const string Signs = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ";
        var n = Interlocked.Increment(ref _cards);
        return new TestCard(
            string.Create(CultureInfo.InvariantCulture, $"TC{n:D6}"),
            [.. Enumerable.Range(0, cells).Select(i => ((i * 37) + (n * 11)) % (36 * 36 * 36)).Select(
                v => new string([Signs[v / 1296], Signs[v / 36 % 36], Signs[v % 36]]))]);
    }

    /// <summary>The numbers that a page asks for.</summary>
    public static (int First, int Second) AskedOn(TestPage page)
    {
        var asked = page.Document.QuerySelectorAll(".asked__index")
            .Select(e => int.Parse(string.Concat(e.TextContent.Where(char.IsAsciiDigit)), CultureInfo.InvariantCulture))
            .ToList();
        return asked.Count == 2 ? (asked[0], asked[1]) : throw new InvalidOperationException("The page asks for no cells:\n" + page.Html);
    }

    /// <summary>What is printed under the numbers that a page asks for.</summary>
    public string AnswerTo(TestPage page)
    {
        var (first, second) = AskedOn(page);
        var answer = Cells[first - 1] + Cells[second - 1];
        TestSecrets.Note(answer);
        return answer;
    }

    /// <summary>An answer that is wrong, of the right shape.</summary>
    public string WrongAnswerTo(TestPage page)
    {
        var right = AnswerTo(page);
        return right[..5] + (right[5] == 'Z' ? 'Y' : 'Z');
    }
}

/// <content>Security code cards.</content>
public abstract partial class CountersignServer
{
    /// <summary>A card that the user has answered with before.</summary>
    internal async Task<(TestCard Card, Guid Device)> CardAsync(TestUser user, int cells = 224)
    {
        var card = TestCard.New(cells);
        await ImportCardAsync(card, user.Name, "active");
        return (card, (await DevicesOfAsync(user, card.Serial)).Single().Id);
    }

    /// <summary>A user who has nothing but a card.</summary>
    internal async Task<(TestUser User, TestCard Card)> CardUserAsync(int cells = 224)
    {
        var user = await UserAsync(verified: false);
        return (user, (await CardAsync(user, cells)).Card);
    }

    /// <summary>Two user names of one person.</summary>
    internal Task OfOnePersonAsync(TestUser user, TestUser twin) => WriteAsync(async (db, ct) =>
    {
        var person = await db.Set<User>().Where(u => u.Id == user.Id).Select(u => u.PersonId).SingleAsync(ct);
        return await db.Set<User>().Where(u => u.Id == twin.Id).ExecuteUpdateAsync(set => set.SetProperty(u => u.PersonId, person), ct);
    });

    internal Task<CardsWritten> ImportCardAsync(TestCard card, string user = "", string status = "stock") =>
        ImportCardsAsync($"serial,cells,user,status\n{card.Serial},{string.Join(' ', card.Cells)},{user},{status}\n");

    /// <summary>Imports a file that is good.</summary>
    internal async Task<CardsWritten> ImportCardsAsync(string text)
    {
        var import = App.Services.GetRequiredService<ImportCards>();
        var check = await CheckCardsAsync(text);
        Assert.Empty(check.Bad);
        return await import.WriteAsync(check.Rows, Actor.Import("cards.csv"), (_, _, _) => { }, CancellationToken.None);
    }

    /// <summary>Checks a file and writes nothing.</summary>
    internal Task<CheckedCards> CheckCardsAsync(string text) =>
        App.Services.GetRequiredService<ImportCards>().CheckAsync(new MemoryStream(Encoding.UTF8.GetBytes(text)), CancellationToken.None);

    /// <summary>The thing itself.</summary>
    internal async Task<Credential> ThingAsync(TestCard card) => Assert.Single(await RowsAsync<Credential>(p => p.Serial == card.Serial));
}
