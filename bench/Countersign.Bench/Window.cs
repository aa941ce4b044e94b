using System.Collections.Concurrent;
using System.Diagnostics;
using Countersign.Bench.Scenarios;
using Countersign.Testing;

namespace Countersign.Bench;

/// <summary>What one window showed. Latencies and CPU times are milliseconds, CPU is for one operation.</summary>
internal sealed record WindowResult(
    int Operations, double Seconds, double PerSecond, double P50, double P95, double P99,
    double ServerCpu, double HashShare, double WriterShare, double DatabaseCpu, double ClientCpu);

/// <summary>One window: clients that each do the next thing as soon as the last is done.</summary>
internal sealed class Window(Target target, PublishedServer server, IScenario scenario, int clients)
{
    /// <summary>Runs until the time is over or nothing is left of what was prepared.</summary>
    public async Task<WindowResult> RunAsync(TimeSpan length)
    {
        using var http = BenchClient.Connect();
        var all = Enumerable.Range(0, clients).Select(_ => new BenchClient(http, server.BaseAddress)).ToList();
        foreach (var client in all)
        {
            await scenario.EnterAsync(client);
        }

        var latencies = new ConcurrentBag<List<double>>();
        var (cpu, database, own) = (ProcessUse.Cpu(server.ProcessId), target.DatabaseCpu(), Environment.CpuUsage.TotalTime);
        var watch = Stopwatch.StartNew();
        await Task.WhenAll(all.Select(client => Task.Run(() => WorkAsync(client, watch, length, latencies))));
        var seconds = watch.Elapsed.TotalSeconds;
        var used = ProcessUse.Cpu(server.ProcessId) - cpu;
        database = target.DatabaseCpu() - database;
        var spent = Environment.CpuUsage.TotalTime - own;

        double[] sorted = [.. latencies.SelectMany(l => l).Order()];
        var count = sorted.Length;
        double Each(double cpuSeconds) => count == 0 ? 0 : cpuSeconds * 1000 / count;
        double Share(double part) => used.Total > 0 ? part / used.Total : 0;
        return new WindowResult(
            count, seconds, count / seconds, At(sorted, 0.50), At(sorted, 0.95), At(sorted, 0.99),
            Each(used.Total), Share(used.Hashing), Share(used.Writing), Each(database), Each(spent.TotalSeconds));
    }

    private async Task WorkAsync(BenchClient client, Stopwatch watch, TimeSpan length, ConcurrentBag<List<double>> latencies)
    {
        var own = new List<double>(100_000);
        while (watch.Elapsed < length)
        {
            var before = watch.Elapsed;
            if (!await scenario.OnceAsync(client))
            {
                break;
            }

            own.Add((watch.Elapsed - before).TotalMilliseconds);
        }

        latencies.Add(own);
    }

    private static double At(double[] sorted, double quantile) =>
        sorted.Length == 0 ? 0 : sorted[(int)Math.Min(sorted.Length - 1, sorted.Length * quantile)];
}
