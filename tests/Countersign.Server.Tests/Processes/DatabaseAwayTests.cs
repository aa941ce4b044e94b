using System.Diagnostics;
using System.Net;
using Countersign.Testing;

namespace Countersign.Server.Tests.Processes;

/// <summary>PostgreSQL goes away under a running server and comes back.</summary>
public sealed class DatabaseAwayTests
{
    private static readonly TimeSpan Ceiling = Waiting.Ceiling;

    [Fact]
    public async Task Pages_say_come_back_later_and_do_so_by_themselves_when_it_is_there_again()
    {
        using var folder = new TestFolder();
        await using var cluster = await PostgresCluster.StartOwnAsync();
        await using var node = await DemoNode.OnPostgresAsync(
            folder.Path, cluster.ConnectionString(await cluster.CreateDatabaseAsync("away")));
        using var known = new TestBrowser(node.BaseAddress);
        var page = await DemoNode.TypePasswordAsync(known, "mei.chan");
        Assert.Equal("/", (await DemoNode.TypeCodeAsync(known, page, await DemoNode.CodeAsync(node, "+85251234567"))).Path);
        using var probe = new TestBrowser(node.BaseAddress);
        using var typing = new TestBrowser(node.BaseAddress);
        var form = await typing.GetAsync("/sign-in");

        await cluster.GoAwayAsync();

        // Twice: the first request finds a connection that has just died, the second none.
        for (var i = 0; i < 2; i++)
        {
            using var response = await known.SendRawAsync(new HttpRequestMessage(HttpMethod.Get, "/settings"));
            Assert.Equal(HttpStatusCode.ServiceUnavailable, response.StatusCode);
            Assert.NotNull(response.Headers.RetryAfter);
            Assert.Contains(
                "<h1", await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken), StringComparison.Ordinal);
        }

        Assert.Equal(HttpStatusCode.ServiceUnavailable, (await typing.SubmitAsync(form, "password", Typed("arjun.rao"))).Status);
        var ready = await probe.GetAsync("/health/ready");
        Assert.Equal(HttpStatusCode.ServiceUnavailable, ready.Status);
        Assert.Contains("database does not answer", ready.Html, StringComparison.Ordinal);
        Assert.Equal(HttpStatusCode.OK, (await probe.GetAsync("/health/live")).Status);

        await cluster.ComeBackAsync();

        await Waiting.UntilAsync(async () => (await probe.GetAsync("/health/ready")).Status == HttpStatusCode.OK, Ceiling);
        Assert.Equal("/settings", (await known.GetAsync("/settings")).Path);
        var there = await DemoNode.TypePasswordAsync(typing, "arjun.rao");
        Assert.Equal("/", (await DemoNode.TypeCodeAsync(typing, there, await DemoNode.CodeAsync(node, "+918123456789"))).Path);
        Assert.Equal(0, await node.StopAsync());
    }

    /// <summary>It holds its connections and answers nothing, such as on a host that has lost its disk.</summary>
    [Fact]
    public async Task One_that_stands_still_is_given_up_within_seconds_and_taken_again()
    {
        // Far above the five seconds that it takes, far below the half minute that a page hung.
        var soon = TimeSpan.FromSeconds(15);
        using var folder = new TestFolder();
        await using var cluster = await PostgresCluster.StartOwnAsync();
        await using var node = await DemoNode.OnPostgresAsync(
            folder.Path, PostgresCluster.Hurried(cluster.ConnectionString(await cluster.CreateDatabaseAsync("frozen"))));
        using var known = new TestBrowser(node.BaseAddress);
        var page = await DemoNode.TypePasswordAsync(known, "mei.chan");
        Assert.Equal("/", (await DemoNode.TypeCodeAsync(known, page, await DemoNode.CodeAsync(node, "+85251234567"))).Path);
        using var probe = new TestBrowser(node.BaseAddress);

        await cluster.FreezeAsync();
        try
        {
            // Twice: the first request finds a connection that stands still, the second may find none and opens one.
            for (var i = 0; i < 2; i++)
            {
                var watch = Stopwatch.StartNew();
                Assert.Equal(HttpStatusCode.ServiceUnavailable, (await known.GetAsync("/settings")).Status);
                Assert.InRange(watch.Elapsed, TimeSpan.Zero, soon);
                watch.Restart();
                var ready = await probe.GetAsync("/health/ready");
                Assert.InRange(watch.Elapsed, TimeSpan.Zero, soon);
                Assert.Equal(HttpStatusCode.ServiceUnavailable, ready.Status);
                Assert.Contains("does not answer", ready.Html, StringComparison.Ordinal);
            }
        }
        finally
        {
            await cluster.ThawAsync();
        }

        await Waiting.UntilAsync(async () => (await probe.GetAsync("/health/ready")).Status == HttpStatusCode.OK, Ceiling);
        Assert.Equal("/settings", (await known.GetAsync("/settings")).Path);
        Assert.Equal(0, await node.StopAsync());
    }

    private static Dictionary<string, string> Typed(string user) => new() { ["username"] = user, ["password"] = DemoNode.Password };
}
