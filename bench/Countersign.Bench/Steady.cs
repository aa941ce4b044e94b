using System.Diagnostics;
using System.Globalization;

namespace Countersign.Bench;

/// <summary>One moment of a long run.</summary>
/// <param name="Minute">Since it began.</param>
/// <param name="Hashing">What of the server's CPU went into hashing passwords: where it grows, the machine got slower.</param>
/// <param name="Resident">Memory of the server in MiB.</param>
/// <param name="Written">What of it was written to, in MiB.</param>
internal sealed record SteadyPoint(
    string Database, double Minute, double PerSecond, double P50, double P95, double ServerCpu, double Hashing, double DatabaseCpu,
    double Resident, double Written);

/// <summary>Works for a long time and looks whether anything grows.</summary>
internal sealed class Steady(BenchOptions options)
{
    /// <summary>One scenario on one database.</summary>
    public async Task<IReadOnlyList<SteadyPoint>> RunAsync(OwnSide side, Target target, string scenario, CancellationToken ct)
    {
        await side.BeginAsync(scenario, ct);
        var points = new List<SteadyPoint>();
        var watch = Stopwatch.StartNew();
        while (watch.Elapsed < options.Steady)
        {
            var window = await side.RunAsync(ct);
            var pages = ProcessUse.Pages(side.ProcessId);
            points.Add(new SteadyPoint(
                target.Name, watch.Elapsed.TotalMinutes, window.PerSecond, window.P50, window.P95, window.ServerCpu,
                window.ServerCpu * window.HashShare, window.DatabaseCpu, pages["Rss"], pages["Private_Dirty"]));
            await Console.Error.WriteLineAsync(string.Create(
                CultureInfo.InvariantCulture,
                $"  {target.Name} {watch.Elapsed.TotalMinutes:0.0} min: {window.PerSecond:0}/s, p50 {window.P50:0}, p95 {window.P95:0} ms, "
                + $"{window.ServerCpu:0.0} + {window.DatabaseCpu:0.0} ms of CPU, {pages["Rss"]:0} MiB"));
        }

        await side.EndAsync();
        return points;
    }

    /// <summary>A page of curves, one panel for each quantity and one line for each database.</summary>
    public static string Draw(string title, IReadOnlyList<SteadyPoint> points)
    {
        (string Name, Func<SteadyPoint, double> Of)[] panels =
        [
            ("per second", p => p.PerSecond), ("p50, ms", p => p.P50), ("p95, ms", p => p.P95),
            ("server CPU of one, ms", p => p.ServerCpu), ("server CPU of one beside the hash, ms", p => p.ServerCpu - p.Hashing),
            ("database CPU of one, ms", p => p.DatabaseCpu), ("memory of the server (RSS), MiB", p => p.Resident),
            ("of it written to, MiB", p => p.Written),
        ];
        const int Width = 720, Height = 90, Left = 16, Gap = 44;
        var databases = points.Select(p => p.Database).Distinct().ToList();
        var last = points.Max(p => p.Minute);
        var svg = new List<string>
        {
            Text($"""<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {Width + (2 * Left)} {((Height + Gap) * panels.Length) + 60}" """)
                + """font-family="sans-serif" font-size="12"><rect width="100%" height="100%" fill="#fff"/>""",
            Text($"""<text x="{Left}" y="22" font-size="15">{title}</text>"""),
        };
        foreach (var (database, i) in databases.Select((d, i) => (d, i)))
        {
            svg.Add(Text($"""<text x="{Left + (i * 90)}" y="42" fill="{Colours[i % 2]}">{database}</text>"""));
        }

        foreach (var (panel, i) in panels.Select((p, i) => (p, i)))
        {
            var top = 60 + (i * (Height + Gap));
            var most = Math.Max(points.Max(panel.Of), 0.001);
            svg.Add(Text($"""<text x="{Left}" y="{top + 10}" fill="#555">{panel.Name}, 0 to {most:0.#}; 0 to {last:0} minutes</text>"""));
            svg.Add(Text($"""<rect x="{Left}" y="{top + 16}" width="{Width}" height="{Height}" fill="none" stroke="#ccc"/>"""));
            foreach (var (database, j) in databases.Select((d, j) => (d, j)))
            {
                var line = points.Where(p => p.Database == database).Select(p => Text(
                    $"{Left + (Width * p.Minute / last):0.0},{top + 16 + Height - (Height * panel.Of(p) / most):0.0}"));
                svg.Add($"""<polyline fill="none" stroke="{Colours[j % 2]}" stroke-width="1.5" points="{string.Join(' ', line)}"/>""");
            }
        }

        return string.Join('\n', [.. svg, "</svg>", string.Empty]);
    }

    private static readonly string[] Colours = ["#1a5fb4", "#c64600"];

    private static string Text(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
