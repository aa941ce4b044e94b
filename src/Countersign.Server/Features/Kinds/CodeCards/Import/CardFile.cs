using System.Text;
using Countersign.Server.Features.Ground.Imports;
using Countersign.Server.Features.Registry.Users;

namespace Countersign.Server.Features.Kinds.CodeCards.Import;

/// <summary>Reads a file of cards. Pure: knows no database, and never repeats a value.</summary>
internal sealed class CardFile
{
    public const int MaximumRows = 100_000;
    private const int LongestField = 4_000;

    private static readonly CsvLimits Limits = new(CardColumns.Required, CardColumns.Knows, MaximumRows, LongestField);
    private readonly Dictionary<string, int> _serials = new(StringComparer.Ordinal);
    private readonly int _cellColumns;

    private CardFile(IReadOnlyCollection<string> header)
    {
        _cellColumns = header.Count(CardColumns.IsCell);
        if (_cellColumns == 0 != header.Contains(CardColumns.Cells))
        {
            throw new StartException(
                $"The header takes either the column {CardColumns.Cells} or the columns {CardColumns.Cell(1)}, "
                    + $"{CardColumns.Cell(2)} and so on.");
        }

        if (Enumerable.Range(1, _cellColumns).FirstOrDefault(i => !header.Contains(CardColumns.Cell(i))) is var gap and not 0)
        {
            throw new StartException($"The header has {_cellColumns} columns of cells, but lacks {CardColumns.Cell(gap)}.");
        }
    }

    /// <summary>The cards of the file: good ones, and what is wrong with the others.</summary>
    /// <exception cref="StartException">The file as a whole cannot be read; the message says why.</exception>
    public static IEnumerable<(CardRow? Row, IReadOnlyList<BadRow> Bad)> Read(Stream stream) =>
        CsvRows.Read<CardRow>(stream, Limits, header => new CardFile(header).ReadRow);

    private CardRow? ReadRow(int line, CsvField field, ICollection<BadRow> bad)
    {
        var before = bad.Count;
        void Bad(string column, string why) => bad.Add(new BadRow(line, column, why));
        var serial = ReadSerial(line, field, Bad);
        var cells = ReadCells(field, Bad);
        var (user, standing) = ReadHolder(field, Bad);
        return bad.Count == before ? new CardRow(line, serial, cells, user, standing) : null;
    }

    private string ReadSerial(int line, CsvField field, Action<string, string> bad)
    {
        if (!CardWriting.TryReadSerial(field(CardColumns.Serial), out var serial))
        {
            bad(
                CardColumns.Serial,
                $"is no serial number of {CardWriting.ShortestSerial} to {CardWriting.LongestSerial} letters A–Z and digits");
            return string.Empty;
        }

        if (!_serials.TryAdd(serial, line))
        {
            bad(CardColumns.Serial, $"is on line {_serials[serial]} already");
        }

        return serial;
    }

    private string ReadCells(CsvField field, Action<string, string> bad)
    {
        var values = _cellColumns > 0
            ? Enumerable.Range(1, _cellColumns).Select(i => field(CardColumns.Cell(i)))
            : field(CardColumns.Cells).Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries);
        var cells = new StringBuilder();
        var count = 0;
        foreach (var value in values)
        {
            count++;
            if (CardWriting.TryRead(value, CodeCard.CellLength, CodeCard.CellLength, out var cell))
            {
                cells.Append(cell);
            }
            else
            {
                bad(
                    _cellColumns > 0 ? CardColumns.Cell(count) : CardColumns.Cells,
                    $"has no value of {CodeCard.CellLength} letters A–Z or digits for cell {count}");
                return string.Empty;
            }
        }

        if (count is < CardSchedule.FewestCells or > CardSchedule.MostCells)
        {
            bad(
                _cellColumns > 0 ? CardColumns.Cell(1) : CardColumns.Cells,
                $"begins a card of {count} cells; a card has {CardSchedule.FewestCells} to {CardSchedule.MostCells}");
        }

        return cells.ToString();
    }

    private static (string? User, CardStanding Standing) ReadHolder(CsvField field, Action<string, string> bad)
    {
        var name = field(CardColumns.User).Trim();
        string? user = null;
        if (name.Length > 0)
        {
            user = UserName.TryParse(name, out var parsed) ? parsed.Value : null;
            if (user is null)
            {
                bad(CardColumns.User, "is no user name");
            }
        }

        var standing = ReadStanding(field(CardColumns.Status).Trim());
        if (standing is null)
        {
            bad(CardColumns.Status, "is none of active, shipped, stock");
        }
        else if (name.Length > 0 == (standing == CardStanding.Stock))
        {
            bad(CardColumns.Status, name.Length > 0
                ? "is stock, and yet a user has the card: say active or shipped"
                : $"is {field(CardColumns.Status).Trim()} without a user");
        }

        return (user, standing ?? CardStanding.Stock);
    }

    private static CardStanding? ReadStanding(string text) => text switch
    {
        "" or "stock" => CardStanding.Stock,
        "shipped" => CardStanding.Shipped,
        "active" => CardStanding.Active,
        _ => null,
    };
}
