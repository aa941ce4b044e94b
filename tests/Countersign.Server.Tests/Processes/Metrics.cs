using System.Text.RegularExpressions;
using Countersign.Testing;

namespace Countersign.Server.Tests.Processes;

/// <summary>Where a running program shows its metrics.</summary>
internal static partial class Metrics
{
    public static async Task<Uri> AddressAsync(PublishedServer server)
    {
        await Waiting.UntilAsync(() => Task.FromResult(Line().IsMatch(server.Output)), Waiting.Ceiling);
        return new Uri(Line().Match(server.Output).Groups["address"].Value);
    }

    [GeneratedRegex(@"Metrics are at (?<address>http://127\.0\.0\.1:\d+)/metrics")]
    private static partial Regex Line();
}
