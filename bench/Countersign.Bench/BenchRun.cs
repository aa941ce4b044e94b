using System.Diagnostics;
using System.Globalization;
using Countersign.Bench.Scenarios;

namespace Countersign.Bench;

/// <summary>Measures what was asked for on each database, every scenario with a fresh server.</summary>
internal sealed class BenchRun(BenchOptions options)
{
    // The compiler has to have seen what is hot, also where a second holds but fifty operations.
    private const int WarmUpPerSecond = 1_000;
    private const int WarmUpSeconds = 15;
    private static readonly TimeSpan Settling = TimeSpan.FromSeconds(3);

    public async Task RunAsync(CancellationToken ct)
    {
        if (options.Server is { } dll)
        {
            Environment.SetEnvironmentVariable("COUNTERSIGN_SERVER_DLL", dll.FullName);
        }

        var report = new Report(options);
        foreach (var database in options.Database == "both" ? ["sqlite", "postgres"] : (string[])[options.Database])
        {
            await using var target = await Target.CreateAsync(database, options.Users, ct);
            foreach (var name in options.Scenarios.Distinct())
            {
                Say($"{database}, {name}: load average {Load()}");
                if (name == BenchOptions.Start)
                {
                    report.Add(await StartAsync(target));
                }
                else
                {
                    report.Add(await LoadAsync(target, name, ct));
                }
            }
        }

        await report.WriteAsync(ct);
    }

    private async Task<LoadRow> LoadAsync(Target target, string name, CancellationToken ct)
    {
        IScenario scenario = name switch
        {
            "sign-in" => new SignInScenario(target),
            "session" => new SessionScenario(target),
            "page" => new PageScenario(),
            _ => new SecondFactorScenario(target, target.Kind(name)),
        };
        await using var server = await target.StartServerAsync();
        var window = new Window(target, server, scenario, options.Clients);
        var length = TimeSpan.FromSeconds(options.Seconds);
        var load = Load();

        var warmUp = options.IsSmoke ? options.Seconds : WarmUpSeconds;
        await scenario.PrepareAsync(warmUp * WarmUpPerSecond, ct);
        var last = await window.RunAsync(TimeSpan.FromSeconds(warmUp));
        var results = new List<WindowResult>();
        for (var i = 0; i < options.Windows; i++)
        {
            // A little more than the server can do, so that the time ends the window.
            await scenario.PrepareAsync((int)(last.PerSecond * options.Seconds * 1.3) + options.Clients, ct);
            last = await window.RunAsync(length);
            results.Add(last);
            Say(string.Create(
                CultureInfo.InvariantCulture,
                $"  {last.PerSecond:0}/s, {last.ServerCpu:0.000} ms of the server's CPU each, {last.Operations} in {last.Seconds:0.0} s"));
        }

        var memory = ProcessUse.Memory(server.ProcessId, "VmHWM");
        await server.StopAsync();
        return new LoadRow(name, target.Name, options.Label, options.Users, load, results.MaxBy(r => r.PerSecond)!, memory);
    }

    private async Task<StartRow> StartAsync(Target target)
    {
        var times = new List<double>();
        var memory = 0.0;
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
                memory = ProcessUse.Memory(server.ProcessId, "VmRSS");
            }

            await server.StopAsync();
        }

        return new StartRow(target.Name, options.Label, times.Order().ElementAt(times.Count / 2), memory);
    }

    private static string Load() => File.ReadAllText("/proc/loadavg").Split(' ')[0];

    private static void Say(string line) => Console.Error.WriteLine(line);
}
