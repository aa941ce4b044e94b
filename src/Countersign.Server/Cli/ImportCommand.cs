using System.CommandLine;
using System.Diagnostics;
using System.Globalization;
using Countersign.Server.Data;
using Countersign.Server.Features.Clients.Records.Import;
using Countersign.Server.Features.Ground.Imports;
using Countersign.Server.Features.Ground.Audit;
using Countersign.Server.Http;
using Microsoft.Extensions.Localization;
using Microsoft.Extensions.Options;

namespace Countersign.Server.Cli;

/// <summary><c>countersign users import FILE</c>: all rows of the file, or none.</summary>
internal static class ImportCommand
{
    public static Command Create()
    {
        var common = new CommonOptions();
        var file = new Argument<FileInfo>("file") { Description = "CSV file, UTF-8, with a header line." };
        var check = new Option<bool>("--check") { Description = "Only checks the file." };
        var quiet = new Option<bool>("--quiet")
        {
            Description = "Tells no client that codes come to the number from now on. The audit log says so of each.",
        };
        var report = new Option<FileInfo?>("--report") { Description = "Writes every bad row to this CSV file." };
        var command = new Command(
            "import",
            $"Imports people, users and accounts: all rows of the file, or none. Columns: {string.Join(", ", ImportColumns.Required)}; "
                + $"may be left out: {string.Join(", ", ImportColumns.Optional)}. See docs/import.md.")
        { file, check, quiet, report };
        common.AddTo(command);
        command.SetAction(async (parsed, ct) =>
        {
            await using var app = common.Build(parsed);
            return await RunAsync(
                app.Services, parsed, parsed.GetValue(file)!, parsed.GetValue(check), parsed.GetValue(quiet), parsed.GetValue(report), ct);
        });
        return command;
    }

    private static async Task<int> RunAsync(
        IServiceProvider services, ParseResult parsed, FileInfo file, bool checkOnly, bool quiet, FileInfo? report, CancellationToken ct)
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

        await SayCostAsync(services, parsed, rows, quiet);
        if (checkOnly)
        {
            await parsed.SayAsync($"{count:N0} rows are good. Nothing was imported (--check).");
            return 0;
        }

        var imported = await services.GetRequiredService<ImportUsers>().RunAsync(rows, Actor.Import(file.Name), quiet, progress.Tell, ct);
        if (imported.Value is not { } result)
        {
            throw new StartException(services.GetRequiredService<IStringLocalizer<ErrorText>>().Say(imported.Error!));
        }

        var seconds = Stopwatch.GetElapsedTime(started).TotalSeconds.ToString("0.0", CultureInfo.InvariantCulture);
        await parsed.SayAsync(
            $"Imported {count:N0} rows in {seconds} s: {result.NewUsers:N0} new users, {result.UpdatedUsers:N0} known, "
                + $"{result.People:N0} people, {result.Accounts:N0} accounts.");
        await parsed.SayAsync(
            quiet
                ? $"{result.Enrolled:N0} clients get codes by SMS from now on, and none is told (--quiet)."
                : $"{result.Enrolled:N0} clients get codes by SMS from now on, and are told within {LengthOf(services, result.Enrolled)}.");
        return 0;
    }

    /// <summary>Before anything is written, so that whoever pays can still press Ctrl-C, or has looked with --check.</summary>
    private static async Task SayCostAsync(IServiceProvider services, ParseResult parsed, ImportCheck rows, bool quiet)
    {
        var costs = services.GetRequiredService<ImportCosts>().Of(rows.Users);
        if (quiet || costs.Count == 0)
        {
            return;
        }

        foreach (var country in costs)
        {
            await parsed.SayAsync(string.Create(
                CultureInfo.InvariantCulture,
                $"Notices to {country.Region}: {country.Clients:N0} SMS, {country.Parts:N0} parts, USD {country.Cost:N2}"));
        }

        var (clients, cost) = (costs.Sum(c => c.Clients), costs.Sum(c => c.Cost));
        await parsed.SayAsync(string.Create(
            CultureInfo.InvariantCulture,
            $"Notices in all: at most {clients:N0} SMS for USD {cost:N2}, within {LengthOf(services, clients)}. --quiet tells nobody."));
    }

    private static string LengthOf(IServiceProvider services, int clients)
    {
        var length = ImportNotices.Over(clients, services.GetRequiredService<IOptions<ImportOptions>>().Value.NoticesPerMinute);
        return string.Create(CultureInfo.InvariantCulture, $"{Math.Ceiling(length.TotalMinutes):N0} minutes");
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
