using System.Diagnostics;
using System.Globalization;
using Countersign.Server.Features.Ground.Imports;
using CsvHelper;

namespace Countersign.Server.Cli;

/// <summary>Tells what is wrong with the rows of a file.</summary>
internal static class FaultReport
{
    private const int MostShown = 1_000;

    /// <summary>Prints the first faults, and writes all of them to a file where one is named.</summary>
    public static void Tell(TextWriter output, IReadOnlyList<BadRow> bad, FileInfo? report)
    {
        foreach (var row in bad.Take(MostShown))
        {
            output.WriteLine($"line {row.Line}, column {row.Column}: {row.Why}");
        }

        if (bad.Count > MostShown)
        {
            output.WriteLine($"… and {bad.Count - MostShown:N0} more.");
        }

        if (report is not null)
        {
            using var csv = CsvWriter.Create(report.CreateText());
            csv.WriteRecord(nameof(BadRow.Line), nameof(BadRow.Column), nameof(BadRow.Why));
            foreach (var row in bad)
            {
                csv.WriteRecord(row.Line.ToString(CultureInfo.InvariantCulture), row.Column, row.Why);
            }
        }
    }
}

/// <summary>Says on standard error, once a second at most, how far an import is.</summary>
internal sealed class ImportProgress(TextWriter errors)
{
    private static readonly TimeSpan Every = TimeSpan.FromSeconds(1);
    private readonly Lock _lock = new();
    private long _last;

    public void Tell(string what, int done, int total)
    {
        lock (_lock)
        {
            if (_last != 0 && Stopwatch.GetElapsedTime(_last) < Every && (total == 0 || done < total))
            {
                return;
            }

            _last = Stopwatch.GetTimestamp();
        }

        errors.WriteLine(total == 0 ? $"{what}: {done:N0}" : $"{what}: {done:N0} of {total:N0}");
    }
}
