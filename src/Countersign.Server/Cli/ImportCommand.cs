using System.CommandLine;
using System.Diagnostics;
using System.Globalization;
using Countersign.Server.Data;
using Countersign.Server.Features.Clients.Records.Import;
using Countersign.Server.Features.Ground.Imports;
using Countersign.Server.Features.Ground.Audit;
using Countersign.Server.Http;
using Microsoft.Extensions.Localization;

namespace Countersign.Server.Cli;

/// <summary><c>countersign users import FILE</c>: all rows of the file, or none.</summary>
internal static class ImportCommand
{
    public static Command Create()
    {
        var common = new CommonOptions();
        var file = new Argument<FileInfo>("file") { Description = "CSV file, UTF-8, with a header line." };
        var check = new Option<bool>("--check") { Description = "Only checks the file." };
        var report = new Option<FileInfo?>("--report") { Description = "Writes every bad row to this CSV file." };
        var command = new Command(
            "import",
            $"Imports people, users and accounts: all rows of the file, or none. Columns: {string.Join(", ", ImportColumns.Required)}; "
                + $"may be left out: {string.Join(", ", ImportColumns.Optional)}. See docs/import.md.")
        { file, check, report };
        common.AddTo(command);
        command.SetAction(async (parsed, ct) =>
        {
            await using var app = common.Build(parsed);
            return await RunAsync(app.Services, parsed, parsed.GetValue(file)!, parsed.GetValue(check), parsed.GetValue(report), ct);
        });
        return command;
    }

    private static async Task<int> RunAsync(
        IServiceProvider services, ParseResult parsed, FileInfo file, bool checkOnly, FileInfo? report, CancellationToken ct)
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
        var progress = new ImportProgress(parsed.InvocationConfiguration.Error);
        var (rows, bad) = Check(services, file, progress, out var count);
        if (bad.Count > 0)
        {
            FaultReport.Tell(parsed.InvocationConfiguration.Output, bad, report);
            await parsed.SayAsync($"{bad.Count:N0} fault(s) in {count:N0} rows. Nothing was imported.");
            return 1;
        }

        if (checkOnly)
        {
            await parsed.SayAsync($"{count:N0} rows are good. Nothing was imported (--check).");
            return 0;
        }

        var imported = await services.GetRequiredService<ImportUsers>().RunAsync(rows, Actor.Import(file.Name), progress.Tell, ct);
        if (imported.Value is not { } result)
        {
            throw new StartException(services.GetRequiredService<IStringLocalizer<ErrorText>>().Say(imported.Error!));
        }

        var seconds = Stopwatch.GetElapsedTime(started).TotalSeconds.ToString("0.0", CultureInfo.InvariantCulture);
        await parsed.SayAsync(
            $"Imported {count:N0} rows in {seconds} s: {result.NewUsers:N0} new users, {result.UpdatedUsers:N0} known, "
                + $"{result.People:N0} people, {result.Accounts:N0} accounts.");
        return 0;
    }

    private static (ImportCheck Rows, List<BadRow> Bad) Check(
        IServiceProvider services, FileInfo file, ImportProgress progress, out int count)
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
}
