using System.Globalization;
using System.Text;
using Countersign.Server.Data;
using CsvHelper;
using CsvHelper.Configuration;

namespace Countersign.Server.Features.Users.Import;

/// <summary>Reads an import file row by row, with bounded memory.</summary>
internal static class ImportFile
{
    public const int MaximumRows = 1_000_000;
    public const long MaximumBytes = 1L << 30;

    /// <summary>The rows of the file: good ones, and what is wrong with the others.</summary>
    /// <exception cref="StartException">The file as a whole cannot be read; the message says why.</exception>
    public static IEnumerable<(ImportRow? Row, IReadOnlyList<BadRow> Bad)> Read(Stream stream, ImportParser parser)
    {
        if (stream.CanSeek && stream.Length > MaximumBytes)
        {
            throw new StartException($"The file is larger than {MaximumBytes / (1 << 30)} GiB. Part it.");
        }

        using var reader = new StreamReader(stream, new UTF8Encoding(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true));
        var quotedWrongly = false;
        using var csv = new CsvReader(reader, new CsvConfiguration(CultureInfo.InvariantCulture)
        {
            BadDataFound = _ => quotedWrongly = true,
            MissingFieldFound = null,
            DetectColumnCountChanges = false,
            MaxFieldSize = ImportParser.LongestField * 4,
        });
        var header = ReadHeader(csv);
        var bad = new List<BadRow>();
        for (var rows = 1; Advance(csv); rows++)
        {
            if (rows > MaximumRows)
            {
                throw new StartException($"The file has more than {MaximumRows:N0} rows. Part it.");
            }

            bad.Clear();
            quotedWrongly = false;
            var line = csv.Parser.RawRow;
            if (csv.Parser.Count != header.Count)
            {
                yield return (null, [new BadRow(line, "(row)", $"has {csv.Parser.Count} fields where the header has {header.Count}")]);
                continue;
            }

            var row = parser.Read(line, column => header.TryGetValue(column, out var at) ? csv.GetField(at) ?? string.Empty : string.Empty, bad);

            // A quotation mark that is never closed swallows the rows behind it: they must not be missing in silence.
            yield return quotedWrongly ? (null, [new BadRow(line, "(row)", "has a quotation mark that does not enclose its field")]) : (row, bad);
        }
    }

    private static Dictionary<string, int> ReadHeader(CsvReader csv)
    {
        if (!Advance(csv) || !csv.ReadHeader() || csv.HeaderRecord is not { } names)
        {
            throw new StartException("The file is empty: it has no header line.");
        }

        var header = new Dictionary<string, int>(StringComparer.Ordinal);
        for (var i = 0; i < names.Length; i++)
        {
            var name = names[i].Trim();
            if (!ImportColumns.Required.Contains(name) && !ImportColumns.Optional.Contains(name))
            {
                throw new StartException($"The header has a column that is not known: {name}");
            }

            if (!header.TryAdd(name, i))
            {
                throw new StartException($"The header names the column {name} twice.");
            }
        }

        return ImportColumns.Required.FirstOrDefault(c => !header.ContainsKey(c)) is { } missing ? throw new StartException($"The header lacks the column {missing}.") : header;
    }

    private static bool Advance(CsvReader csv)
    {
        try
        {
            return csv.Read();
        }
        catch (DecoderFallbackException)
        {
            throw new StartException($"The file is not UTF-8, near line {csv.Parser.RawRow + 1}.");
        }
        catch (CsvHelperException e) when (e is MaxFieldSizeException)
        {
            throw new StartException($"A field near line {csv.Parser.RawRow + 1} is longer than {ImportParser.LongestField} characters.");
        }
    }
}
