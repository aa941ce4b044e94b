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
    public static void Tell(IReadOnlyList<BadRow> bad, FileInfo? report)
    {
        foreach (var row in bad.Take(MostShown))
        {
            Console.WriteLine($"line {row.Line}, column {row.Column}: {row.Why}");
        }

        if (bad.Count > MostShown)
        {
            Console.WriteLine($"… and {bad.Count - MostShown:N0} more.");
        }

        if (report is not null)
        {
            using var csv = new CsvWriter(report.CreateText(), CultureInfo.InvariantCulture);
            csv.WriteRecords(bad);
        }
    }
}

/// <summary>Says on standard error, once a second at most, how far an import is.</summary>
internal sealed class ImportProgress
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

        Console.Error.WriteLine(total == 0 ? $"{what}: {done:N0}" : $"{what}: {done:N0} of {total:N0}");
    }
}
