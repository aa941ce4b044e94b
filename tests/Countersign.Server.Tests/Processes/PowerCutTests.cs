using Countersign.Server.Tests.Guards;
using Countersign.Testing;

namespace Countersign.Server.Tests.Processes;

/// <summary>
/// The program is killed anywhere between "send" and "signed in" and started again on the same data: no code works twice,
/// nothing that was acknowledged is lost, and the person can go on.
/// </summary>
public sealed class PowerCutTests
{
    private static readonly (string User, string Mobile)[] People =
        [
            ("mei.chan", "+85251234567"), ("arjun.rao", "+918123456789"), ("daniel.reed", "+12015550145"),
            ("lukas.weber", "+4915123456789"), ("tan.wei", "+6581234567"),
        ];

    [Fact]
    [Claim("D29")]
    public async Task On_SQLite()
    {
        using var folder = new TestFolder();
        await DemoNode.SeedAsync(folder);
        await RunAsync(() => DemoNode.OnSqliteAsync(folder.Path));
    }

    [Fact]
    public async Task On_PostgreSQL()
    {
        using var folder = new TestFolder();
        var cluster = await PostgresCluster.SharedAsync();
        var database = cluster.ConnectionString(await cluster.CreateDatabaseAsync("cuts"));
        await RunAsync(() => DemoNode.OnPostgresAsync(folder.Path, database));
    }

    /// <summary>
    /// Each person's sign-in is cut a little later than the last one's, from right after the password to while the code is
    /// answered.
    /// </summary>
    private static async Task RunAsync(Func<Task<PublishedServer>> start)
    {
        var node = await start();
        try
        {
            for (var i = 0; i < People.Length; i++)
            {
                var (user, mobile) = People[i];
                using var browser = new TestBrowser(node.BaseAddress);
                var page = await DemoNode.TypePasswordAsync(browser, user);
                if (i == 0)
                {
                    // The prompt was acknowledged, the message perhaps not sent yet.
                    node = await CutAsync(node, start);
                    await FinishAsync(node, browser, page, mobile);
                    continue;
                }

                var code = await DemoNode.CodeAsync(node, mobile);
#pragma warning disable CA2025 // The answer is cut off on purpose; JudgeAsync waits for its end.
                var answering = DemoNode.TypeCodeAsync(browser, page, code);
#pragma warning restore CA2025
                await DelayAsync(i);
                node = await CutAsync(node, start);
                await JudgeAsync(node, browser, page, answering, code, mobile);
            }
        }
        finally
        {
            await node.DisposeAsync();
        }
    }

    /// <summary>The message is there after the restart, and the page that was open still takes its code.</summary>
    private static async Task FinishAsync(PublishedServer node, TestBrowser before, TestPage page, string mobile)
    {
        using var browser = new TestBrowser(node.BaseAddress);
        browser.TakeCookies(before);
        var again = await browser.GetAsync(page.Path);

        Assert.Equal("/", (await DemoNode.TypeCodeAsync(browser, again, await DemoNode.CodeAsync(node, mobile))).Path);
    }

    private static async Task JudgeAsync(
        PublishedServer node, TestBrowser before, TestPage page, Task<TestPage> answering, string code, string mobile)
    {
        var acknowledged = await Task.WhenAny(answering) is { IsCompletedSuccessfully: true } done && (await done).Path == "/";
        using var browser = new TestBrowser(node.BaseAddress);
        browser.TakeCookies(before);
        if (before.Cookies.Keys.Any(k => k.Contains("session", StringComparison.Ordinal)))
        {
            Assert.Equal("/settings", (await browser.GetAsync("/settings")).Path);
        }
        else
        {
            Assert.False(acknowledged);
        }

        // Without the session the same browser stands at the code page: either the code is spent, or it works, once.
        browser.DropCookie("session");
        var shown = await browser.GetAsync(page.Path);
        if (shown.Document.QuerySelector("input[name='code']") is null)
        {
            Assert.NotEqual("/", shown.Path);
        }
        else
        {
            Assert.False(acknowledged);
            Assert.Equal("/", (await DemoNode.TypeCodeAsync(browser, shown, code)).Path);
            using var thief = new TestBrowser(node.BaseAddress);
            thief.TakeCookies(before);
            Assert.NotEqual("/", (await thief.GetAsync(page.Path)).Path);
        }

        Assert.Single(await DemoNode.CodesAsync(node, mobile));
    }

    private static async Task<PublishedServer> CutAsync(PublishedServer node, Func<Task<PublishedServer>> start)
    {
        await node.KillAsync();
        await node.DisposeAsync();
        return await start();
    }

    private static async Task DelayAsync(int steps)
    {
        using var timer = new PeriodicTimer(TimeSpan.FromMilliseconds(4), TimeProvider.System);
        for (var i = 1; i < steps; i++)
        {
            await timer.WaitForNextTickAsync();
        }
    }
}
