using System.Collections.Concurrent;
using System.Globalization;
using Countersign.Bench;

namespace Countersign.Faults;

/// <summary>
/// Strangers type wrong passwords on 200 connections from fifty addresses, each again as soon as it is answered, while people sign in.
/// Of a hundred sign-ins ninety-nine come through at the first try, in browsers that are known and in others.
/// </summary>
internal sealed class Storm : IRun
{
    private const int Connections = 200;
    private const int Sources = 50;
    private const double Enough = 0.99;

    /// <summary>Few people a second sign in at a broker; the rest of the machine is the strangers'.</summary>
    private const int Owners = 4;

    public string Name => "storm";

    public IReadOnlyList<string> Databases => [SitePlan.Sqlite, SitePlan.Postgres];

    public async Task<bool> RunAsync(string database, FaultOptions options, CancellationToken ct)
    {
        await using var site = await Site.CreateAsync(new SitePlan(database, options.Users) { LightHash = options.LightHash }, ct);
        await site.StartAsync();
        var half = site.Users.Count / 2;
        var unknown = await RunAsync(site, database, [.. site.Users.Take(half)], known: false, options, ct);
        var known = await RunAsync(site, database, [.. site.Users.Skip(half)], known: true, options, ct);
        return unknown && known;
    }

    private static async Task<bool> RunAsync(
        Site site, string database, IReadOnlyList<BenchUser> owners, bool known, FaultOptions options, CancellationToken ct)
    {
        using var enough = CancellationTokenSource.CreateLinkedTokenSource(ct);
        var answers = new ConcurrentDictionary<string, int>(StringComparer.Ordinal);
        using var http = site.Connect();
        var strangers = Task.WhenAll(Enumerable.Range(0, Connections).Select(
            i => Task.Run(() => StormAsync(site.Browser(http, 10_000 + (i % Sources)), answers, enough.Token))));
        await Task.Delay(options.Before, TimeProvider.System, ct);
        using var loop = new ClosedLoop(site, Owners, owners, known);
        await Task.Delay(options.Before + options.After, TimeProvider.System, ct);
        await loop.StopAsync();
        await enough.CancelAsync();
        await strangers;

        var findings = await Findings.LookAsync(site, loop, repeated: 0, ct);
        var refused = loop.Refusals.Sum(r => r.Value);
        var share = findings.Acknowledged / (double)(findings.Acknowledged + refused);
        var took = loop.All.Select(a => a.At - a.Begun).Order().ToList();
        var said = string.Join(", ", answers.OrderByDescending(a => a.Value).Select(a => $"{a.Value} × {a.Key}"));
        Console.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $"storm, {database}, {(known ? "known" : "unknown")} browsers: {findings}, {refused} refused: {share:P1} came through; half of "
                + $"them within {took[took.Count / 2].TotalSeconds:0.0} s, the slowest {took[^1].TotalSeconds:0.0} s; strangers got "
                + $"{said}"));
        return findings.AreWell && share >= Enough;
    }

    private static async Task StormAsync(BenchClient browser, ConcurrentDictionary<string, int> answers, CancellationToken enough)
    {
        string? token = null;
        for (var i = 0; !enough.IsCancellationRequested; i++)
        {
            var answer = "a page";
            try
            {
                token ??= BenchClient.TokenOf(await browser.GetAsync("/sign-in"));
                await browser.PostAsync("/sign-in", $"username=stranger{i}&password=is-not-the-right-one&form-token={token}");
            }
            catch (OtherAnswerException e)
            {
                answer = ((int)e.Status).ToString(CultureInfo.InvariantCulture);
            }
            catch (Exception e) when (e is HttpRequestException or IOException or OperationCanceledException)
            {
                answer = "none";
            }

            answers.AddOrUpdate(answer, 1, (_, n) => n + 1);
        }
    }
}
