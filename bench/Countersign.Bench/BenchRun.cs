using System.Diagnostics;
using System.Globalization;
using Countersign.Bench.Scenarios;
using Microsoft.Extensions.DependencyInjection;

namespace Countersign.Bench;

/// <summary>Measures what was asked for on each database, every scenario with a fresh server.</summary>
internal sealed class BenchRun(BenchOptions options)
{
    private const int MostWarmUps = 8;

    /// <summary>A window that costs less than this part of the least before it shows a compiler still at work.</summary>
    private const double StillFalling = 0.97;
    private static readonly TimeSpan Settling = TimeSpan.FromSeconds(3);

    /// <summary>For another bench, which says when.</summary>
    public async Task ObeyAsync(CancellationToken ct)
    {
        var target = await Target.CreateAsync(options.Databases.Single(), options, ct);
        await using var side = new OwnSide(target, options);
        await OtherSide.ObeyAsync(side, ct);
    }

    public async Task RunAsync(CancellationToken ct)
    {
        if (options.Server is { } dll)
        {
            Environment.SetEnvironmentVariable("COUNTERSIGN_SERVER_DLL", dll.FullName);
        }

        if (options.Steady > TimeSpan.Zero)
        {
            await SteadyAsync(ct);
            return;
        }

        var report = new Report(options);
        foreach (var database in options.Databases)
        {
            var target = await Target.CreateAsync(database, options, ct);
            await using var own = new OwnSide(target, options);
            await using var other = options.Against is { } bench ? OtherSide.Start(bench, BenchOptions.Before, database, options) : null;
            report.Add(new FilledRow(database, options.Users, target.Filled.Took.TotalMinutes, target.Filled.Bytes));
            ISide[] sides = other is null ? [own] : [other, own];
            foreach (var name in options.Scenarios.Distinct())
            {
                Say($"{database}, {name}: load average {Load()}");
                switch (name)
                {
                    case BenchOptions.Start:
                        report.Add(await StartAsync(target));
                        break;
                    case BenchOptions.Hash or BenchOptions.Signature or BenchOptions.Oath:
                        // The same beside each database.
                        if (database == options.Databases[0])
                        {
                            report.Add(ActivatorUtilities.CreateInstance<Alone>(target.Services, options.IsSmoke).Of(name));
                        }

                        break;
                    default:
                        await LoadAsync(sides, target, name, report, ct);
                        break;
                }
            }
        }

        await report.WriteAsync(ct);
    }

    private async Task SteadyAsync(CancellationToken ct)
    {
        if (options.Scenarios is not [var scenario] || BenchOptions.WithoutLoad.Contains(scenario))
        {
            throw new InvalidOperationException("A long run needs one --scenario, with load: say sign-in.");
        }

        var (steady, points) = (new Steady(options), new List<SteadyPoint>());
        foreach (var database in options.Databases)
        {
            var target = await Target.CreateAsync(database, options, ct);
            await using var side = new OwnSide(target, options);
            points.AddRange(await steady.RunAsync(side, target, scenario, ct));
        }

        if (options.Plot is { } plot)
        {
            var title = $"{scenario}: {options.Clients} clients, {options.Users:N0} users, windows of {options.Seconds} seconds";
            await File.WriteAllTextAsync(plot.FullName, Steady.Draw(title, points), ct);
        }
    }

    /// <summary>Every build takes its windows in turn, so that what the machine does meanwhile falls on all of them alike.</summary>
    private async Task LoadAsync(IReadOnlyList<ISide> sides, Target target, string name, Report report, CancellationToken ct)
    {
        var (load, disk) = (Load(), await target.DiskAsync(ct));
        foreach (var side in sides)
        {
            await side.BeginAsync(name, ct);
            await WarmUpAsync(side, ct);
        }

        var results = sides.ToDictionary(side => side, _ => new List<WindowResult>());
        for (var i = 0; i < options.Windows; i++)
        {
            foreach (var side in sides)
            {
                var window = await side.RunAsync(ct);
                results[side].Add(window);
                Say(side, window);
            }
        }

        foreach (var side in sides)
        {
            report.Add(new LoadRow(name, target.Name, side.Label, options.Users, load, results[side], await side.EndAsync()));
        }

        if (name == SignInScenario.Id)
        {
            report.Add(new LeftRow(target.Name, (await target.DiskAsync(ct) - disk) / results[sides[^1]].Sum(w => w.Operations)));
        }
    }

    /// <summary>Until the compiler is quiet: a window that costs hardly less than any before it.</summary>
    private async Task WarmUpAsync(ISide side, CancellationToken ct)
    {
        var least = double.MaxValue;
        for (var i = 0; i < (options.IsSmoke ? 1 : MostWarmUps); i++)
        {
            var window = await side.RunAsync(ct);
            if (i > 0 && window.ServerCpu > least * StillFalling)
            {
                break;
            }

            least = Math.Min(least, window.ServerCpu);
        }
    }

    private async Task<StartRow> StartAsync(Target target)
    {
        var times = new List<double>();
        var memory = new Dictionary<string, double>();
        for (var i = 0; i < options.Starts; i++)
        {
            var watch = Stopwatch.StartNew();
            await using var server = await target.StartServerAsync();
            using var http = BenchClient.Connect();
            await new BenchClient(http, server.BaseAddress).GetAsync("/sign-in");
            times.Add(watch.Elapsed.TotalMilliseconds);
            if (i == options.Starts - 1)
            {
                // What start and first page leave behind, once it is quiet.
                await Task.Delay(Settling, TimeProvider.System, CancellationToken.None);
                memory = ProcessUse.Pages(server.ProcessId);
            }

            await server.StopAsync();
        }

        var (clean, dirty) = (memory["Private_Clean"], memory["Private_Dirty"]);
        return new StartRow(target.Name, options.Label, times.Order().ElementAt(times.Count / 2), memory["Rss"], clean + dirty, dirty);
    }

    private static void Say(ISide side, WindowResult window) => Say(string.Create(
        CultureInfo.InvariantCulture,
        $"  {side.Label}: {window.PerSecond:0}/s, {window.ServerCpu:0.000} ms of the server's CPU each, {window.DatabaseCpu:0.000} ms "
        + $"of the database's, {window.Operations} in {window.Seconds:0.0} s"));

    private static string Load() => File.ReadAllText("/proc/loadavg").Split(' ')[0];

    private static void Say(string line) => Console.Error.WriteLine(line);
}
