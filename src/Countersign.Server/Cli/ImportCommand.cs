using System.CommandLine;
using System.Diagnostics;
using System.Globalization;
using Countersign.Server.Data;
using Countersign.Server.Features.Users.Import;
using Countersign.Server.Http;
using CsvHelper;

namespace Countersign.Server.Cli;

/// <summary><c>countersign users import FILE</c>: all rows of the file, or none.</summary>
internal static class ImportCommand
{
    private const int MostShown = 1_000;
    private static readonly TimeSpan ProgressEvery = TimeSpan.FromSeconds(1);

    public static Command Create()
    {
        var common = new CommonOptions();
        var file = new Argument<FileInfo>("file") { Description = "CSV file, UTF-8, with a header line." };
        var check = new Option<bool>("--check") { Description = "Only checks the file." };
        var report = new Option<FileInfo?>("--report") { Description = "Writes every bad row to this CSV file." };
        var command = new Command(
            "import",
            $"Imports people, users and accounts: all rows of the file, or none. Columns: {string.Join(", ", ImportColumns.Required)}; may be left out: {string.Join(", ", ImportColumns.Optional)}. See docs/import.md.")
        { file, check, report };
        common.AddTo(command);
        command.SetAction(async (parsed, ct) =>
        {
            var mode = new ServeMode(Demo: false);
            await using var app = CountersignHost.Build(CountersignHost.CreateBuilder(mode, c => common.Configure(c, parsed)), mode);
            return await RunAsync(app.Services, parsed.GetValue(file)!, parsed.GetValue(check), parsed.GetValue(report), ct);
        });
        return command;
    }

    private static async Task<int> RunAsync(IServiceProvider services, FileInfo file, bool checkOnly, FileInfo? report, CancellationToken ct)
    {
        if (!file.Exists)
        {
            throw new StartException($"There is no file {file.FullName}.");
        }

        if (!checkOnly)
        {
            await services.GetRequiredService<Database>().CheckAsync(demo: false, ct);
        }

        var started = Stopwatch.GetTimestamp();
        var progress = new Progress();
        var (rows, bad) = Check(services, file, progress, out var count);
        if (bad.Count > 0)
        {
            Report(bad, report);
            Console.WriteLine($"{bad.Count:N0} fault(s) in {count:N0} rows. Nothing was imported.");
            return 1;
        }

        if (checkOnly)
        {
            Console.WriteLine($"{count:N0} rows are good. Nothing was imported (--check).");
            return 0;
        }

        var result = await services.GetRequiredService<ImportUsers>().RunAsync(rows, progress.Tell, ct);
        Console.WriteLine(
            $"Imported {count:N0} rows in {Stopwatch.GetElapsedTime(started).TotalSeconds.ToString("0.0", CultureInfo.InvariantCulture)} s: {result.NewUsers:N0} new users, {result.UpdatedUsers:N0} known, {result.People:N0} people, {result.Accounts:N0} accounts.");
        return 0;
    }

    private static (ImportCheck Rows, List<BadRow> Bad) Check(IServiceProvider services, FileInfo file, Progress progress, out int count)
    {
        var parser = services.GetRequiredService<ImportParser>();
        var rows = new ImportCheck();
        var faults = new List<BadRow>();
        count = 0;
        using var stream = file.OpenRead();
        foreach (var (row, bad) in ImportFile.Read(stream, parser))
        {
            count++;
            faults.AddRange(bad);
            if (row is not null && rows.Add(row) is { } contradiction)
            {
                faults.Add(contradiction);
            }

            progress.Tell("rows checked", count, 0);
        }

        return (rows, faults);
    }

    private static void Report(List<BadRow> bad, FileInfo? report)
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

    /// <summary>Says on standard error, once a second at most, how far it is.</summary>
    private sealed class Progress
    {
        private readonly Lock _lock = new();
        private long _last;

        public void Tell(string what, int done, int total)
        {
            lock (_lock)
            {
                if (_last != 0 && Stopwatch.GetElapsedTime(_last) < ProgressEvery && (total == 0 || done < total))
                {
                    return;
                }

                _last = Stopwatch.GetTimestamp();
            }

            Console.Error.WriteLine(total == 0 ? $"{what}: {done:N0}" : $"{what}: {done:N0} of {total:N0}");
        }
    }
}
