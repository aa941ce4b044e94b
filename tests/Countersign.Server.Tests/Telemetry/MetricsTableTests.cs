using System.Text.RegularExpressions;
using Countersign.Server.Tests.Hosting;
using Countersign.Testing;

namespace Countersign.Server.Tests.Telemetry;

/// <summary>The operator's table of metrics is the program's.</summary>
public sealed partial class MetricsTableTests(OnSqlite server)
{
    [Fact]
    public async Task Operations_list_every_metric_with_its_unit_and_no_other()
    {
        await using var own = await server.FreshAsync();
        using var measured = new Measured(own);

        // What nobody has used yet may not have made its instruments.
        using var browser = own.Browser();
        await own.SignInAsync(browser, await own.UserAsync());
        var described = Row()
            .Matches(await File.ReadAllTextAsync(
                Path.Combine(Repository.Root, "docs/operations.md"), TestContext.Current.CancellationToken))
                .Select(row => $"{row.Groups["name"].Value} {row.Groups["unit"].Value}");

        // Its provider is taken out of test hosts, with all others.
        var metrics = measured.Instruments.Select(i => $"{i.Name} {i.Unit}").Append("countersign.log.lines {line}");

        Assert.Equal(metrics.Distinct().Order(), described.Order());
    }

    [GeneratedRegex(@"^\| `(?<name>countersign\.[a-z_.]+)` \| (?<unit>\S+) \|", RegexOptions.Multiline)]
    private static partial Regex Row();
}
