using System.Globalization;
using System.Text.RegularExpressions;
using Countersign.Testing;

namespace Countersign.Server.Tests.Processes;

/// <summary>
/// How much memory the built program takes for what a client does, as its runtime counts it: a figure that grows is looked at before it is
/// accepted. What is leaner lowers it.
/// </summary>
public sealed partial class AllocatedWorkTests
{
    private const string User = "reed.joint";

    /// <summary>Until everything that is made once is made.</summary>
    private const int WarmUps = 3;

    /// <summary>The least of them counts: jobs do something meanwhile.</summary>
    private const int Rounds = 8;

    /// <summary>The exporter answers the same again for 300 ms.</summary>
    private static readonly TimeSpan Stale = TimeSpan.FromMilliseconds(350);

    [Fact]
    public async Task A_sign_in_by_card_page_by_page()
    {
        using var folder = new TestFolder();
        await DemoNode.SeedAsync(folder);
        await using var server = await DemoNode.WithAsync(["--data", folder.Path, "--set", "Telemetry:MetricsUrl=http://127.0.0.1:0"]);
        using var meter = new TestBrowser(await Metrics.AddressAsync(server));
        var card = await DemoNode.CardAsync(server, User);
        var least = new Dictionary<string, double>();
        for (var i = 0; i < WarmUps + Rounds; i++)
        {
            using var browser = new TestBrowser(server.BaseAddress);
            TestPage page = null!;
            (string Name, Func<Task> Do)[] steps =
            [
                ("nothing", () => Task.CompletedTask),
                ("password", async () => page = await DemoNode.ToPickerAsync(browser, User)),
                ("choice", async () => page = await DemoNode.ChooseAsync(browser, page, ".icon--card")),
                ("code", async () => page = await DemoNode.TypeCodeAsync(browser, page, card.AnswerTo(page))),
                ("home", async () => page = await browser.GetAsync("/")),
            ];
            var before = await AllocatedAsync(meter);
            foreach (var (name, step) in steps)
            {
                await step();
                var after = await AllocatedAsync(meter);
                if (i >= WarmUps)
                {
                    least[name] = Math.Min(least.GetValueOrDefault(name, double.MaxValue), after - before);
                }

                before = after;
            }

            Assert.Equal("/", page.Path);
        }

        // What the question itself takes is in each; what runs beside them is too, and is more on a machine that is slow.
        var kib = least.ToDictionary(l => l.Key, l => (l.Value - least["nothing"]) / 1024);
        Assert.True(
            kib["password"] <= 310 && kib["choice"] <= 250 && kib["code"] <= 280 && kib["home"] <= 150,
            string.Join(", ", kib.Select(k => string.Create(CultureInfo.InvariantCulture, $"{k.Key} {k.Value:0} KiB"))));
    }

    private static async Task<double> AllocatedAsync(TestBrowser meter)
    {
        await Task.Delay(Stale, TimeProvider.System, TestContext.Current.CancellationToken);
        return double.Parse(
            Allocated().Match((await meter.GetAsync("/metrics")).Html).Groups["bytes"].Value, CultureInfo.InvariantCulture);
    }

    [GeneratedRegex(@"^dotnet_gc_heap_total_allocated_bytes_total(?:\{[^}]*\})? (?<bytes>\S+)", RegexOptions.Multiline)]
    private static partial Regex Allocated();
}
