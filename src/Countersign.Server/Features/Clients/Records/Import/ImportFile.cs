using Countersign.Server.Features.Ground.Imports;

namespace Countersign.Server.Features.Clients.Records.Import;

/// <summary>Reads a file of people, users and accounts.</summary>
internal static class ImportFile
{
    private const int MaximumRows = 1_000_000;

    private static readonly CsvLimits Limits = new(
        ImportColumns.Required,
        c => ImportColumns.Required.Contains(c) || ImportColumns.Optional.Contains(c),
        MaximumRows,
        ImportParser.LongestField);

    /// <summary>The rows of the file: good ones, and what is wrong with the others.</summary>
    /// <exception cref="StartException">The file as a whole cannot be read; the message says why.</exception>
    public static IEnumerable<(ImportRow? Row, IReadOnlyList<BadRow> Bad)> Read(Stream stream, ImportParser parser) =>
        CsvRows.Read<ImportRow>(stream, Limits, _ => (line, field, bad) => parser.Read(line, column => field(column), bad));
}
