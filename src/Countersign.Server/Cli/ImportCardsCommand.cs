using System.CommandLine;
using Countersign.Server.Data;
using Countersign.Server.Features.Ground.Audit;
using Countersign.Server.Features.Kinds.CodeCards.Import;

namespace Countersign.Server.Cli;

/// <summary><c>countersign cards import FILE</c>: Security Code Cards, in stock or in the hands of their users.</summary>
internal static class ImportCardsCommand
{
    public static Command Create()
    {
        var common = new CommonOptions();
        var file = new Argument<FileInfo>("file") { Description = "CSV file, UTF-8, with a header line." };
        var check = new Option<bool>("--check") { Description = "Only checks the file, against the database as well." };
        var report = new Option<FileInfo?>("--report") { Description = "Writes every bad row to this CSV file." };
        var command = new Command(
            "import",
            "Imports security code cards. A file with a bad row changes nothing; importing a file again changes "
                + $"nothing. Columns: {CardColumns.Serial}, {CardColumns.Cells} or {CardColumns.Cell(1)}, "
                + $"{CardColumns.Cell(2)} …; may be left out: {CardColumns.User}, {CardColumns.Status}. See docs/import.md.")
        { file, check, report };
        common.AddTo(command);
        command.SetAction(async (parsed, ct) =>
        {
            await using var app = common.Build(parsed);
            await app.Services.GetRequiredService<Database>().CheckAsync(demo: false, ct);
            return await RunAsync(
                app.Services.GetRequiredService<ImportCards>(), parsed, parsed.GetValue(file)!, parsed.GetValue(check),
                parsed.GetValue(report), ct);
        });
        return command;
    }

    private static async Task<int> RunAsync(
        ImportCards import, ParseResult parsed, FileInfo file, bool checkOnly, FileInfo? report, CancellationToken ct)
    {
        if (!file.Exists)
        {
            throw new StartException($"There is no file {file.FullName}.");
        }

        await using var stream = file.OpenRead();
        var cards = await import.CheckAsync(stream, ct);
        if (cards.Bad.Count > 0)
        {
            FaultReport.Tell(parsed.InvocationConfiguration.Output, cards.Bad, report);
            await parsed.SayAsync($"{cards.Bad.Count:N0} fault(s) in {cards.Count:N0} rows. Nothing was imported.");
            return 1;
        }

        if (checkOnly)
        {
            await parsed.SayAsync($"{cards.Count:N0} rows are good. Nothing was imported (--check).");
            return 0;
        }

        var progress = new ImportProgress(parsed.InvocationConfiguration.Error);
        var written = await import.WriteAsync(cards.Rows, Actor.Import(file.Name), progress.Tell, ct);
        await parsed.SayAsync(
            $"Imported {cards.Count:N0} rows: {written.NewCards:N0} new cards, {written.NewDevices:N0} became a user's device.");
        return 0;
    }
}
