using System.Diagnostics.Metrics;
using System.Net;
using System.Text.RegularExpressions;
using Countersign.Server.Features.Access.Passwords;
using Countersign.Server.Tests.Guards;
using Countersign.Server.Tests.Hosting;

namespace Countersign.Server.Tests.Features.SigningIn.SignIn;

/// <summary>Wrong passwords: a stranger learns nothing and cannot aim the lock (D18, D19).</summary>
public abstract partial class LockOutTests(CountersignServer server)
{
    private const string Wrong = "certainly not this one";

    [Fact]
    [Claim("D19")]
    public async Task Known_and_unknown_names_get_the_same_bytes_and_cost_the_same_hashes()
    {
        await using var own = await server.FreshAsync();
        var user = await own.UserAsync();
        var unknown = new string('x', user.Name.Length);

        var known = await AttemptAsync(own, user.Name);
        var nobody = await AttemptAsync(own, unknown);
        var impossible = await AttemptAsync(own, "\u0001");

        Assert.Equal(HttpStatusCode.UnprocessableEntity, known.Status);
        Assert.Equal(known.Status, nobody.Status);
        Assert.Equal(Blank(known.Html, user.Name), Blank(nobody.Html, unknown));
        Assert.Equal(known.Headers, nobody.Headers);
        Assert.Equal((1, 1, 1), (known.Hashes, nobody.Hashes, impossible.Hashes));
    }

    [Fact]
    [Claim("D18")]
    public async Task Ten_wrong_passwords_lock_their_source_for_that_name_only_until_a_day_after_the_last()
    {
        await using var own = await server.FreshAsync();
        var (user, other) = (await own.UserAsync(), await own.UserAsync());
        var place = CountersignServer.NewSource();
        await TypeWrongAsync(own, user.Name, place, 10);

        Assert.Equal(HttpStatusCode.TooManyRequests, await TypeAsync(own, user.Name, user.Password, place));
        Assert.Equal(HttpStatusCode.OK, await TypeAsync(own, other.Name, other.Password, place));
        Assert.Equal(HttpStatusCode.OK, await TypeAsync(own, user.Name, user.Password, CountersignServer.NewSource()));

        own.Clock.Advance(TimeSpan.FromHours(24) - TimeSpan.FromMinutes(1));
        Assert.Equal(HttpStatusCode.TooManyRequests, await TypeAsync(own, user.Name, user.Password, place));
        own.Clock.Advance(TimeSpan.FromMinutes(2));
        Assert.Equal(HttpStatusCode.OK, await TypeAsync(own, user.Name, user.Password, place));
    }

    [Fact]
    [Claim("D19")]
    public async Task A_name_that_belongs_to_nobody_is_locked_alike()
    {
        var place = CountersignServer.NewSource();
        await TypeWrongAsync(server, "nobody.at.all", place, 10);

        Assert.Equal(HttpStatusCode.TooManyRequests, await TypeAsync(server, "nobody.at.all", Wrong, place));
    }

    [Fact]
    [Claim("D18")]
    public async Task A_botnet_aimed_at_a_name_does_not_keep_the_owners_browser_out()
    {
        await using var own = await server.FreshAsync();
        var user = await own.UserAsync();
        using var home = own.Browser();
        await own.SignInAsync(home, user);
        home.DropCookie("session");
        await Task.WhenAll(Enumerable.Range(0, 120).Select(_ => TypeAsync(own, user.Name, Wrong, CountersignServer.NewSource())));

        // A busy server answers some of them with 503 and gives their tries back: the botnet goes on until nothing is left.
        for (var i = 0; i < 120
            && await TypeAsync(own, user.Name, Wrong, CountersignServer.NewSource()) != HttpStatusCode.TooManyRequests; i++)
        {
        }

        Assert.Equal(HttpStatusCode.TooManyRequests, await TypeAsync(own, user.Name, user.Password, CountersignServer.NewSource()));
        Assert.Equal("/", (await own.SignInAsync(home, user)).Path);

        // The browser's own count is apart, and full after ten.
        home.DropCookie("session");
        for (var i = 0; i < 10; i++)
        {
            await CountersignServer.TypePasswordAsync(home, user.Name, Wrong);
        }

        Assert.Equal(HttpStatusCode.TooManyRequests, (await CountersignServer.TypePasswordAsync(home, user.Name, user.Password)).Status);
    }

    [Fact]
    [Race]
    [Claim("D18")]
    public async Task Of_fifty_wrong_passwords_at_once_ten_are_looked_at()
    {
        await using var own = await server.FreshAsync();
        var user = await own.UserAsync();
        var place = CountersignServer.NewSource();
        var answers = await Task.WhenAll(Enumerable.Range(0, 50).Select(_ => TypeAsync(own, user.Name, Wrong, place)));

        Assert.Equal(10, answers.Count(a => a == HttpStatusCode.UnprocessableEntity));
        Assert.Equal(40, answers.Count(a => a == HttpStatusCode.TooManyRequests));
    }

    [Fact]
    public async Task A_right_password_clears_its_own_source_and_nobody_elses()
    {
        await using var own = await server.FreshAsync();
        var user = await own.UserAsync();
        var (here, there) = (CountersignServer.NewSource(), CountersignServer.NewSource());
        await TypeWrongAsync(own, user.Name, here, 9);
        await TypeWrongAsync(own, user.Name, there, 10);

        Assert.Equal(HttpStatusCode.OK, await TypeAsync(own, user.Name, user.Password, here));
        await TypeWrongAsync(own, user.Name, here, 9);
        Assert.Equal(HttpStatusCode.OK, await TypeAsync(own, user.Name, user.Password, here));
        Assert.Equal(HttpStatusCode.TooManyRequests, await TypeAsync(own, user.Name, user.Password, there));
    }

    [Fact]
    public async Task A_storm_of_passwords_is_told_to_come_back()
    {
        await using var own = await server.FreshAsync(
            ("Passwords:Queue", "1"), ("Passwords:Workers", "1"), ("Passwords:MemoryKiB", "65536"), ("Passwords:Passes", "4"));

        var answers = await Task.WhenAll(
            Enumerable.Range(0, 20).Select(i => TypeAsync(own, "storm" + i, Wrong, CountersignServer.NewSource())));

        Assert.Contains(HttpStatusCode.ServiceUnavailable, answers);
        Assert.Contains(HttpStatusCode.UnprocessableEntity, answers);
        Assert.All(answers, a => Assert.True(a is HttpStatusCode.ServiceUnavailable or HttpStatusCode.UnprocessableEntity));
    }

    /// <summary>Twelve addresses that keep the queue full, as was seen to keep the owner out nine times of ten.</summary>
    [Fact]
    [Claim("D35")]
    public async Task Owners_type_their_passwords_while_strangers_storm()
    {
        await using var own = await server.FreshAsync(
            ("Passwords:Queue", "24"), ("Passwords:Workers", "1"), ("Passwords:MemoryKiB", "4096"), ("Passwords:Passes", "1"));
        var user = await own.UserAsync();
        using var known = own.Browser();
        await own.SignInAsync(known, user);
        await CountersignServer.SignOutAsync(known, await known.GetAsync("/"));
        var refused = 0;
        using var enough = new CancellationTokenSource();
        var storm = Task.Run(
            async () =>
            {
                for (var i = 0; !enough.IsCancellationRequested; i++)
                {
                    if (!own.KeepHashing($"198.51.100.{i % 12}"))
                    {
                        refused++;
                    }

                    if (i % 100 == 0)
                    {
                        await Task.Delay(TimeSpan.FromMilliseconds(1), TimeProvider.System, CancellationToken.None);
                    }
                }
            },
            CancellationToken.None);

        var answers = new List<HttpStatusCode>();
        for (var i = 0; i < 8; i++)
        {
            answers.Add(await TypeAsync(own, user.Name, user.Password, CountersignServer.NewSource()));
            answers.Add((await CountersignServer.TypePasswordAsync(known, user.Name, user.Password)).Status);
        }

        await enough.CancelAsync();
        await storm;
        Assert.True(refused > 100);
        Assert.All(answers, a => Assert.Equal(HttpStatusCode.OK, a));
    }

    private static async Task<(HttpStatusCode Status, string Html, IReadOnlyList<string> Headers, int Hashes)> AttemptAsync(
        CountersignServer own, string name)
    {
        var hashes = 0;
        using var listener = new MeterListener
        {
            InstrumentPublished = (instrument, l) =>
            {
                if (instrument.Name == PasswordQueue.HashCounter && own.Owns(instrument.Meter))
                {
                    l.EnableMeasurementEvents(instrument);
                }
            },
        };
        listener.SetMeasurementEventCallback<long>((_, count, _, _) => Interlocked.Add(ref hashes, (int)count));
        listener.Start();
        using var browser = own.Browser();
        var page = await CountersignServer.TypePasswordAsync(browser, name, Wrong);
        return (page.Status, page.Html, [.. page.Response.Headers.Select(h => h.Key).Order()], hashes);
    }

    private static async Task TypeWrongAsync(CountersignServer own, string name, string source, int times)
    {
        for (var i = 0; i < times; i++)
        {
            Assert.Equal(HttpStatusCode.UnprocessableEntity, await TypeAsync(own, name, Wrong, source));
        }
    }

    private static async Task<HttpStatusCode> TypeAsync(CountersignServer own, string name, string password, string source)
    {
        using var browser = own.Browser(source);
        return (await CountersignServer.TypePasswordAsync(browser, name, password)).Status;
    }

    /// <summary>Without what may differ: form tokens and the name that was typed.</summary>
    private static string Blank(string html, string name) =>
        FormToken().Replace(html, string.Empty).Replace(name, "NAME", StringComparison.Ordinal);

    [GeneratedRegex("name=.form-token.[^>]*")]
    private static partial Regex FormToken();
}

public sealed class LockOutOnSqlite(OnSqlite server) : LockOutTests(server);

public sealed class LockOutOnPostgres(OnPostgres server) : LockOutTests(server);
