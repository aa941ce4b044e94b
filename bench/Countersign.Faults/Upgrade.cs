using System.Diagnostics;
using System.Globalization;
using Countersign.Server.Data;
using Countersign.Testing;
using Microsoft.Extensions.DependencyInjection;
using Npgsql;

namespace Countersign.Faults;

/// <summary>
/// Ten upgrades under sign-ins while backups run one after the other: nobody is refused, no backup fails, and each upgrade gets through.
/// </summary>
internal sealed class Upgrade : IRun
{
    private const int Times = 10;

    public string Name => "upgrade";

    public IReadOnlyList<string> Databases => [SitePlan.Postgres];

    public async Task<bool> RunAsync(string database, FaultOptions options, CancellationToken ct)
    {
        await using var site = await Site.CreateAsync(new SitePlan(database, options.Users) { LightHash = options.LightHash }, ct);
        await site.StartAsync();
        using var loop = new ClosedLoop(site, options.Clients);
        using var enough = CancellationTokenSource.CreateLinkedTokenSource(ct);
        await Task.Delay(options.Before, TimeProvider.System, ct);
        var backups = BackUpAsync(site, enough.Token);
        var (contexts, watch, slowest) = (site.Services.GetRequiredService<Contexts>(), Stopwatch.StartNew(), TimeSpan.Zero);
        for (var i = 1; i <= Times; i++)
        {
            watch.Restart();
            await using var db = contexts.Write();
            var trial = new TrialMigration(i);
            await new PostgresUpgrade(db, contexts, TimeProvider.System).RunAsync([(trial.Id, trial)], ct);
            slowest = watch.Elapsed > slowest ? watch.Elapsed : slowest;
        }

        await Task.Delay(options.After, TimeProvider.System, ct);
        await enough.CancelAsync();
        var (taken, failed) = await backups;
        await loop.StopAsync();
        var findings = await Findings.LookAsync(site, loop, repeated: 0, ct);
        var at = loop.All.Select(a => a.At).Order().ToList();
        var refused = loop.Refusals.Sum(r => r.Value);
        Console.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $"upgrade, {database}: {Times} upgrades, the slowest {slowest.TotalSeconds:0.0} s; {findings}, {refused} refused; "
                + $"{taken} backups, {failed} failed; the longest time without a sign-in was "
                + $"{at.Zip(at.Skip(1), (a, b) => b - a).Max().TotalSeconds:0.0} s"));
        return findings.AreWell && refused == 0 && failed == 0 && taken > 0;
    }

    private static async Task<(int Taken, int Failed)> BackUpAsync(Site site, CancellationToken enough)
    {
        using var folder = new TestFolder();
        var (socket, user, programs) = site.Cluster!.Access;
        var (taken, failed) = (0, 0);
        while (!enough.IsCancellationRequested)
        {
            using var dump = Process.Start(
                Path.Combine(programs, "pg_dump"),
                ["--host", socket, "--username", user, "--format=custom", "--file", Path.Combine(folder.Path, "dump"),
                    new NpgsqlConnectionStringBuilder(site.Connection).Database!]);
            await dump.WaitForExitAsync(CancellationToken.None);
            taken++;
            failed += dump.ExitCode == 0 ? 0 : 1;
        }

        return (taken, failed);
    }
}
