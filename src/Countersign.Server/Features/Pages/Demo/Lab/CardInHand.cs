using System.Globalization;
using Countersign.Server.Features.Confirming.Devices;
using Countersign.Server.Features.Kinds.CodeCards;

namespace Countersign.Server.Features.Pages.Demo.Lab;

/// <summary>The printed security code card.</summary>
internal sealed class CardInHand : ILabKind
{
    public const int Columns = 10;
    private const int MostFound = 2;

    public string Id => CodeCardKind.KindId;

    public string View => "_CodeCard";

    public object Show(IReadOnlyList<HeldThing> things, LabQuery query)
    {
        var wanted = (query.Cells ?? string.Empty).Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries).Take(MostFound)
            .Select(n => int.TryParse(n, NumberStyles.None, CultureInfo.InvariantCulture, out var index) ? index : 0)
            .Where(i => i > 0)
            .ToList();
        return new CardsInHand(query.Owner, query.Cells, [.. things.Select(t => Print(t, wanted))]);
    }

    public DeviceOfPersona Tell(DeviceOfPersona facts, HeldThing thing)
    {
        var card = CodeCard.Read(thing.Credential.State);
        return facts with
        {
            Serial = thing.Device.Serial,
            Cells = Enumerable.Range(1, card.Count).ToDictionary(i => i.ToString(CultureInfo.InvariantCulture), i => card[i].ToString()),
        };
    }

    private static PrintedCard Print(HeldThing thing, List<int> wanted)
    {
        var card = CodeCard.Read(thing.Credential.State);
        var rows = Enumerable.Range(1, card.Count).Select(i => new PrintedCell(i, card[i].ToString(), wanted.Contains(i)))
            .Chunk(Columns).Select((cells, at) => new PrintedRow(at * Columns, cells)).ToList();
        var half = (rows.Count + 1) / 2;
        return new PrintedCard(
            thing.Device, string.Join(' ', thing.Device.Serial.Chunk(4).Select(c => new string(c))),
            [.. wanted.Where(i => i <= card.Count).Select(i => new PrintedCell(i, card[i].ToString(), Found: true))],
            [rows[..half], rows[half..]]);
    }
}

/// <summary>The model of the page's part.</summary>
internal sealed record CardsInHand(Persona Owner, string? Typed, IReadOnlyList<PrintedCard> Cards);

/// <summary>A card as it is printed.</summary>
/// <param name="Found">The cells that were asked for.</param>
/// <param name="Halves">Left and right half.</param>
internal sealed record PrintedCard(
    DeviceView Device, string Serial, IReadOnlyList<PrintedCell> Found, IReadOnlyList<IReadOnlyList<PrintedRow>> Halves);

/// <summary>A row: the number at its head and that of the column make the index number.</summary>
internal sealed record PrintedRow(int Head, IReadOnlyList<PrintedCell> Cells);

internal sealed record PrintedCell(int Index, string Value, bool Found);
