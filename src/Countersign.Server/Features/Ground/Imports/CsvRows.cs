using System.Text;
using CsvHelper;

namespace Countersign.Server.Features.Ground.Imports;

/// <summary>What a CSV file may hold.</summary>
/// <param name="Knows">Whether a column may be there; all of <paramref name="Required"/> must.</param>
/// <param name="LongestField">In characters.</param>
internal sealed record CsvLimits(IReadOnlyList<string> Required, Func<string, bool> Knows, int MaximumRows, int LongestField);

/// <summary>Why a row cannot be imported. Names the column, never repeats a secret.</summary>
internal sealed record BadRow(int Line, string Column, string Why);

/// <summary>A column's text; empty where the file has no such column.</summary>
internal delegate string CsvField(string column);

/// <summary>Reads one row; adds to <paramref name="bad"/> what is wrong with it and then returns null.</summary>
internal delegate T? CsvRowReader<out T>(int line, CsvField field, ICollection<BadRow> bad)
    where T : class;

/// <summary>Reads a CSV file row by row, with bounded memory.</summary>
internal static class CsvRows
{
    public const long MaximumBytes = 1L << 30;

    /// <summary>In bytes: more than any row of good fields has, so that an open quotation mark takes no more memory.</summary>
    private const int LongestRecord = 1 << 20;

    /// <summary>Bytes of a character in UTF-8.</summary>
    private const int LongestCharacter = 4;

    /// <summary>The rows of the file: good ones, and what is wrong with the others.</summary>
    /// <param name="readerFor">Makes the reader of rows for the columns that the header names.</param>
    /// <exception cref="StartException">The file as a whole cannot be read; the message says why.</exception>
    public static IEnumerable<(T? Row, IReadOnlyList<BadRow> Bad)> Read<T>(
        Stream stream, CsvLimits limits, Func<IReadOnlyCollection<string>, CsvRowReader<T>> readerFor)
        where T : class
    {
        if (stream.CanSeek && stream.Length > MaximumBytes)
        {
            throw new StartException($"The file is larger than {MaximumBytes / (1 << 30)} GiB. Part it.");
        }

        // Not the reader's own decoding, which puts a sign in the place of what is no text.
        using var text = new StreamReader(stream, new UTF8Encoding(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true));
        var quotedWrongly = new HashSet<long>();
        using var csv = CsvReader.Create(text, Options(r => quotedWrongly.Add(r.LineNumber)), leaveOpen: true);
        var header = ReadHeader(csv, limits);
        var readRow = readerFor(header.Keys);
        var bad = new List<BadRow>();
        for (var rows = 1; Advance(csv, limits); rows++)
        {
            if (rows > limits.MaximumRows)
            {
                throw new StartException($"The file has more than {limits.MaximumRows:N0} rows. Part it.");
            }

            bad.Clear();
            var line = (int)csv.LineNumber;
            if (csv.FieldCount != header.Count)
            {
                yield return (null, [new BadRow(line, "(row)", $"has {csv.FieldCount} fields where the header has {header.Count}")]);
                continue;
            }

            var row = readRow(line, column => header.TryGetValue(column, out var at) ? csv.GetString(at) : string.Empty, bad);

            // A quotation mark that is never closed swallows the rows behind it: they must not be missing in silence.
            yield return quotedWrongly.Remove(line)
                ? (null, [new BadRow(line, "(row)", "has a quotation mark that does not enclose its field")])
                : (row, bad);
        }
    }

    private static CsvReaderOptions Options(Action<CsvMalformedRecord> malformed) => new()
    {
        Separator = ',',
        TrackLineNumbers = true,
        MaxRecordSize = LongestRecord,
        IncludeValuesInExceptions = false,
        OnMalformedRecord = malformed,
    };

    private static Dictionary<string, int> ReadHeader(CsvReader csv, CsvLimits limits)
    {
        var names = Guard(csv, limits, () => csv.Headers);
        if (names.Count == 0)
        {
            throw new StartException("The file is empty: it has no header line.");
        }

        var header = new Dictionary<string, int>(StringComparer.Ordinal);
        for (var i = 0; i < names.Count; i++)
        {
            var name = names[i].Trim();
            if (!limits.Knows(name))
            {
                throw new StartException($"The header has a column that is not known: {name}");
            }

            if (!header.TryAdd(name, i))
            {
                throw new StartException($"The header names the column {name} twice.");
            }
        }

        return limits.Required.FirstOrDefault(c => !header.ContainsKey(c)) is { } missing
            ? throw new StartException($"The header lacks the column {missing}.")
            : header;
    }

    private static bool Advance(CsvReader csv, CsvLimits limits) => Guard(csv, limits, () =>
    {
        if (!csv.Read())
        {
            return false;
        }

        for (var i = 0; i < csv.FieldCount; i++)
        {
            if (csv.GetRawSpan(i).Length > limits.LongestField * LongestCharacter)
            {
                throw TooLong(csv.LineNumber, limits);
            }
        }

        return true;
    });

    private static T Guard<T>(CsvReader csv, CsvLimits limits, Func<T> step)
    {
        try
        {
            return step();
        }
        catch (DecoderFallbackException)
        {
            throw new StartException($"The file is not UTF-8, near line {csv.LineNumber + 1}.");
        }
        catch (CsvFormatException e)
        {
            // What is wrong with quotes is told of its row: this is a record that has no end in sight.
            throw TooLong(e.LineNumber, limits);
        }
    }

    private static StartException TooLong(long line, CsvLimits limits) =>
        new($"A field near line {line} is longer than {limits.LongestField} characters.");
}
