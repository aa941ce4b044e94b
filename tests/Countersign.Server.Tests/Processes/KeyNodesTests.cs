using System.Collections.Concurrent;
using System.Net;
using System.Text.RegularExpressions;
using Countersign.Testing;
using Npgsql;

namespace Countersign.Server.Tests.Processes;

/// <summary>Two nodes on one PostgreSQL, each with a copy of the key file, while a master key is rotated under their requests.</summary>
public sealed partial class KeyNodesTests
{
    private static readonly string[] Personas = ["mei.chan", "arjun.rao", "olivia.reed", "lukas.weber", "tan.wei"];
    private static readonly TimeSpan Ceiling = Waiting.Ceiling;

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Requests_go_on_while_a_key_takes_over(bool inHsm)
    {
        using var hsm = inHsm ? await SoftHsm.NewAsync() : null;
        using var folder = new TestFolder();
        var cluster = await PostgresCluster.SharedAsync();
        var database = cluster.ConnectionString(await cluster.CreateDatabaseAsync("keys"));
        var (fileOfA, fileOfB) = (Path.Combine(folder.Path, "a.keys"), Path.Combine(folder.Path, "b.keys"));
        string[] common = ["--data", folder.Path, "--postgres", database, "--set", "Keys:Refresh=00:00:01", .. hsm?.Source ?? []];
        string[] forA = [.. common, "--set", $"Data:KeyFile={fileOfA}"];
        string[] forB = [.. common, "--set", $"Data:KeyFile={fileOfB}"];
        await using var a = await DemoNode.WithAsync(forA, hsm?.Environment);
        File.Copy(fileOfA, fileOfB);
        await using var b = await DemoNode.WithAsync(forB, hsm?.Environment);
        using var signedIn = new TestBrowser(a.BaseAddress);
        Assert.Equal("/", (await KeyTests.SignInAsync(a, signedIn, "mei.chan", "+85251234567")).Path);
        var faults = new ConcurrentBag<string>();
        using var stop = new CancellationTokenSource();
        var traffic = Task.WhenAll(
            AskAsync(a, signedIn.Cookies, faults, stop.Token),
            AskAsync(b, signedIn.Cookies, faults, stop.Token),
            TypeAsync([a, b], faults, stop.Token));

        // The copy comes to the second node before the key takes over, as the command asks for.
        var said = await Command.DoAsync(["keys", "rotate", "--grace", "00:00:15", .. forA], hsm?.Environment);

        // A slow machine has lines of the log between those of the command.
        var id = TakesOver().Match(said).Groups["id"].Value;
        File.Copy(fileOfA, fileOfB, overwrite: true);
        await Waiting.UntilAsync(async () => await CountAsync(database, $"audit_events WHERE key_id = '{id}'") > 10, Ceiling);
        await Command.DoAsync(["keys", "rewrap", .. forA], hsm?.Environment);
        await Waiting.UntilAsync(
            async () => await CountAsync(database, $"users WHERE password_hash LIKE '%${id}$%'") == Personas.Length, Ceiling);
        Assert.Equal(0, await CountAsync(database, "key_ring WHERE xml LIKE '%wrapped key=\"1\"%'"));
        Assert.Equal(0, await CountAsync(database, @"credentials WHERE substr(state, 1, 3) = '\x010131'"));
        Assert.Equal(0, await CountAsync(database, @"people WHERE substr(details, 1, 3) = '\x010131'"));
        await stop.CancelAsync();
        var answers = (await traffic).Sum();

        Assert.Empty(faults);
        Assert.True(answers > 50, $"{answers} answers");
        Assert.DoesNotContain("[12001]", a.Output + b.Output, StringComparison.Ordinal);
        Assert.DoesNotContain("[12010]", a.Output + b.Output, StringComparison.Ordinal);

        await using var fresh = await DemoNode.WithAsync(forB, hsm?.Environment);
        using var same = new TestBrowser(fresh.BaseAddress);
        same.TakeCookies(signedIn);
        Assert.Equal("/settings", (await same.GetAsync("/settings")).Path);
        using var late = new TestBrowser(fresh.BaseAddress);
        Assert.Equal("/", (await KeyTests.SignInAsync(fresh, late, "daniel.reed", "+12015550145")).Path);
    }

    /// <summary>Somebody signed in looks at a page again and again.</summary>
    private static async Task<int> AskAsync(
        PublishedServer node, IReadOnlyDictionary<string, string> cookies, ConcurrentBag<string> faults, CancellationToken stop)
    {
        using var browser = new TestBrowser(node.BaseAddress);
        foreach (var (name, value) in cookies)
        {
            browser.SetCookie(name, value);
        }

        var count = 0;
        for (; !stop.IsCancellationRequested; count++)
        {
            var page = await browser.GetAsync("/settings");
            if (page.Path != "/settings" || page.Status != HttpStatusCode.OK)
            {
                faults.Add($"{page.Path} {page.Status}");
            }
        }

        return count;
    }

    /// <summary>People type their passwords, now on this node and now on that.</summary>
    private static async Task<int> TypeAsync(IReadOnlyList<PublishedServer> nodes, ConcurrentBag<string> faults, CancellationToken stop)
    {
        var count = 0;
        for (; !stop.IsCancellationRequested; count++)
        {
            using var browser = new TestBrowser(nodes[count % nodes.Count].BaseAddress);
            var page = await DemoNode.TypePasswordAsync(browser, Personas[count % Personas.Length]);
            if (page.Status != HttpStatusCode.OK || !page.Path.StartsWith("/sign-in/", StringComparison.Ordinal))
            {
                faults.Add($"{page.Path} {page.Status}");
            }
        }

        return count;
    }

    [GeneratedRegex(@"The key (?<id>\S+) takes over")]
    private static partial Regex TakesOver();

    private static async Task<long> CountAsync(string database, string from)
    {
        await using var source = NpgsqlDataSource.Create(database);
#pragma warning disable CA2100 // Text of this file, and an id of the program's.
        await using var command = source.CreateCommand("SELECT count(*) FROM " + from);
#pragma warning restore CA2100
        return (long)(await command.ExecuteScalarAsync())!;
    }
}
