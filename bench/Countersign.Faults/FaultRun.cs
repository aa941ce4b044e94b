using System.Globalization;
using Countersign.Testing;

namespace Countersign.Faults;

/// <summary>Something that goes wrong while people sign in, and is mended.</summary>
internal abstract class FaultRun : IRun
{
    /// <summary>Answers that are tried again: the last ones before the fault are those that a lost commit would show.</summary>
    private const int Repeated = 100;

    public abstract string Name { get; }

    public virtual IReadOnlyList<string> Databases => [SitePlan.Sqlite, SitePlan.Postgres];

    /// <summary>From when it goes wrong until somebody mends it.</summary>
    protected virtual TimeSpan Lasts => TimeSpan.Zero;

    /// <returns>Whether nothing was lost and no code was let in twice.</returns>
    public async Task<bool> RunAsync(string database, FaultOptions options, CancellationToken ct)
    {
        await using var site = await Site.CreateAsync(
            Plan(new SitePlan(database, options.Users) { LightHash = options.LightHash }), ct);
        await site.StartAsync();
        using var loop = new ClosedLoop(site, options.Clients);
        await PassAsync(options.Before, ct);

        var broken = loop.Now;
        await BreakAsync(site);
        await PassAsync(Lasts, ct);
        var mended = loop.Now;
        await MendAsync(site);
        await Waiting.UntilAsync(() => Task.FromResult(loop.All.Any(a => a.Begun > mended)), Waiting.Ceiling);
        var twice = await ClosedLoop.RepeatAsync(loop.All.Where(a => a.At < broken).TakeLast(Repeated));
        await PassAsync(options.After, ct);
        await loop.StopAsync();

        var findings = await Findings.LookAsync(site, loop, twice, ct);
        var recovered = loop.All.Where(a => a.Begun > mended).Min(a => a.At) - mended;
        var refusals = string.Join(", ", loop.Refusals.OrderByDescending(r => r.Value).Select(r => $"{r.Value} × {r.Key}"));
        Console.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $"{Name}, {database}: {findings}; clients saw {(refusals.Length == 0 ? "no refusal" : refusals)}; the longest time without a "
                + $"sign-in was {Longest(loop, broken).TotalSeconds:0.0} s, the first one begun after the mending was through "
                + $"{recovered.TotalSeconds:0.0} s after it"));
        return findings.AreWell;
    }

    protected virtual SitePlan Plan(SitePlan plan) => plan;

    protected abstract Task BreakAsync(Site site);

    protected abstract Task MendAsync(Site site);

    private static TimeSpan Longest(ClosedLoop loop, TimeSpan broken)
    {
        var (last, longest) = (broken, TimeSpan.Zero);
        foreach (var at in loop.All.Select(a => a.At).Where(at => at > broken).Order())
        {
            longest = at - last > longest ? at - last : longest;
            last = at;
        }

        return longest;
    }

    private static async Task PassAsync(TimeSpan time, CancellationToken ct)
    {
        if (time > TimeSpan.Zero)
        {
            await Task.Delay(time, TimeProvider.System, ct);
        }
    }
}
