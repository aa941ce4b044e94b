using System.Globalization;
using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization;
using Countersign.Testing;

namespace Countersign.Bench;

/// <summary>A scenario's windows.</summary>
/// <param name="Load">The machine's load average before it began: near zero, or the figures are worth little.</param>
internal sealed record LoadRow(
    string Scenario, string Database, string Build, int Users, string Load, IReadOnlyList<WindowResult> Windows, double PeakMemory)
{
    /// <summary>The window that cost the server and its database least: other programs can only add to a cost.</summary>
    public WindowResult Least => Windows.MinBy(w => w.ServerCpu + w.DatabaseCpu)!;

    public double MedianCpu => Windows.Select(w => w.ServerCpu).Order().ElementAt(Windows.Count / 2);
}

/// <summary>A database as it was filled.</summary>
internal sealed record FilledRow(string Database, int Users, double Minutes, long Bytes);

/// <summary>Bytes on disk that one sign-in leaves behind.</summary>
internal sealed record LeftRow(string Database, long Bytes);

/// <summary>CPU time in microseconds of what needs no server.</summary>
internal sealed record AloneRow(string What, double Least, double Median);

/// <summary>Milliseconds from starting the process to the first page, and MiB of memory at rest.</summary>
/// <param name="Private">Pages that no other process has, what was read from files included.</param>
/// <param name="Written">What of them was written to: it cannot be taken from the process.</param>
internal sealed record StartRow(string Database, string Build, double ToFirstPage, double Resident, double Private, double Written);

[JsonSourceGenerationOptions(WriteIndented = true, PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower)]
[JsonSerializable(typeof(Report.Figures))]
[JsonSerializable(typeof(WindowResult))]
internal sealed partial class ReportJson : JsonSerializerContext
{
    /// <summary>A value on one line.</summary>
    public static readonly ReportJson Compact = new(new JsonSerializerOptions());
}

/// <summary>Tells what was measured: a table to read, a file to keep.</summary>
internal sealed class Report(BenchOptions options)
{
    private readonly List<LoadRow> _loads = [];
    private readonly List<StartRow> _starts = [];
    private readonly List<AloneRow> _alone = [];
    private readonly List<FilledRow> _filled = [];
    private readonly List<LeftRow> _left = [];

    internal sealed record Figures(
        int Cores, int Clients, int Seconds, int Windows, IReadOnlyList<LoadRow> Loads, IReadOnlyList<StartRow> Starts,
        IReadOnlyList<AloneRow> Alone, IReadOnlyList<FilledRow> Filled, IReadOnlyList<LeftRow> Left);

    public void Add(LoadRow row) => _loads.Add(row);

    public void Add(StartRow row) => _starts.Add(row);

    public void Add(IEnumerable<AloneRow> rows) => _alone.AddRange(rows);

    public void Add(FilledRow row) => _filled.Add(row);

    public void Add(LeftRow row) => _left.Add(row);

    public async Task WriteAsync(CancellationToken ct)
    {
        var table = Table();
        Console.Write(table);
        var json = options.Json?.FullName ?? Path.Combine(Repository.Root, "artifacts/bench.json");
        var figures = new Figures(Environment.ProcessorCount, options.Clients, options.Seconds, options.Windows, _loads, _starts,
            _alone, _filled, _left);
        await File.WriteAllTextAsync(json, JsonSerializer.Serialize(figures, ReportJson.Default.Figures), ct);
        if (options.Document is { } document)
        {
            await File.WriteAllTextAsync(document.FullName, Replace(await File.ReadAllTextAsync(document.FullName, ct), table), ct);
        }
    }

    private string Table()
    {
        var text = new StringBuilder();
        if (_loads.Count > 0)
        {
            text.Append(
                CultureInfo.InvariantCulture,
                $"{options.Clients} clients, {options.Windows} windows of {options.Seconds} s, {Environment.ProcessorCount} cores "
                + $"that client, server and database share.\n\n");
            text.Append(
                "| scenario | database | build | users | per second | p50 ms | p95 ms | p99 ms | server CPU ms, least | median "
                + "| of it hashing | of it writing | database CPU ms | client CPU ms | peak MiB | load before |\n");
            text.Append("|---|---|---|--:|--:|--:|--:|--:|--:|--:|--:|--:|--:|--:|--:|--:|\n");
            foreach (var row in _loads)
            {
                var w = row.Least;
                text.Append(
                    CultureInfo.InvariantCulture,
                    $"| {row.Scenario} | {row.Database} | {row.Build} | {row.Users:N0} | {w.PerSecond:N0} "
                    + $"| {w.P50:0.0} | {w.P95:0.0} | {w.P99:0.0} | {w.ServerCpu:0.000} | {row.MedianCpu:0.000} "
                    + $"| {w.HashShare:P0} | {w.WriterShare:P0} | {w.DatabaseCpu:0.000} | {w.ClientCpu:0.000} "
                    + $"| {row.PeakMemory:0} | {row.Load} |\n");
            }
        }

        if (_alone.Count > 0)
        {
            text.Append("\n| without a server | CPU µs, least | median |\n|---|--:|--:|\n");
            foreach (var row in _alone)
            {
                text.Append(CultureInfo.InvariantCulture, $"| {row.What} | {row.Least:0.00} | {row.Median:0.00} |\n");
            }
        }

        text.Append('\n');
        foreach (var row in _filled)
        {
            text.Append(
                CultureInfo.InvariantCulture,
                $"{row.Users:N0} users in {row.Database}: {row.Bytes / 1024.0 / 1024:N0} MiB, {row.Bytes / Math.Max(1, row.Users):N0} "
                + $"bytes a user, filled in {row.Minutes:0.0} minutes.\n");
        }

        foreach (var row in _left)
        {
            text.Append(CultureInfo.InvariantCulture, $"A sign-in leaves {row.Bytes:N0} bytes in {row.Database}.\n");
        }

        if (_starts.Count > 0)
        {
            text.Append("\n| build | database | start to first page ms | at rest: RSS MiB | private MiB | of it written MiB |\n"
                + "|---|---|--:|--:|--:|--:|\n");
            foreach (var row in _starts)
            {
                text.Append(
                    CultureInfo.InvariantCulture,
                    $"| {row.Build} | {row.Database} | {row.ToFirstPage:0} | {row.Resident:0} | {row.Private:0} | {row.Written:0} |\n");
            }
        }

        return text.ToString();
    }

    private string Replace(string document, string table)
    {
        var (begin, end) = ($"<!-- bench: {options.Section} -->\n", "<!-- /bench -->");
        var from = document.IndexOf(begin, StringComparison.Ordinal);
        var to = from < 0 ? -1 : document.IndexOf(end, from, StringComparison.Ordinal);
        return to < 0
            ? throw new InvalidOperationException($"{options.Document} has no section {options.Section}.")
            : document[..(from + begin.Length)] + table + document[to..];
    }
}
