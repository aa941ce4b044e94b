using System.Collections.Concurrent;
using System.Text.RegularExpressions;
using Countersign.Server.Features.Ground.Jobs;
using Countersign.Server.Tests.Hosting;
using Countersign.Testing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace Countersign.Server.Tests.Features.Ground.Jobs;

/// <summary>What the server does by itself goes on, whatever fails beside it.</summary>
public abstract class JobsTests(CountersignServer server)
{
    private static readonly TimeSpan Ceiling = Waiting.Ceiling;
    private static int _names;

    [Fact]
    public async Task A_job_that_throws_stops_neither_the_others_nor_itself_and_is_told_once()
    {
        await using var own = await server.FreshAsync();
        var (log, failures) = (new ListLog(), 4);
        var broken = new CountedJob("broken")
        {
            Turn = () => Interlocked.Decrement(ref failures) >= 0 ? throw new InvalidOperationException("No luck.") : 0,
        };
        var whole = new CountedJob("whole");
        using var node = Node(own, log, broken, whole);
        await node.StartAsync(TestContext.Current.CancellationToken);

        await DriveAsync(own, () => broken.Count >= 6 && whole.Count >= 12);
        await node.StopAsync(TestContext.Current.CancellationToken);

        Assert.Equal(
            "The job broken failed and will be tried again: InvalidOperationException: No luck.",
            Assert.Single(log.Lines, l => l.Level == LogLevel.Error).Text);
        var good = Assert.Single(log.Lines, l => l.Level == LogLevel.Information).Text;
        Assert.StartsWith("The job broken works again", good, StringComparison.Ordinal);
        Assert.True(broken.Ended && whole.Ended);
    }

    [Fact]
    public async Task A_job_that_did_something_has_its_next_turn_at_once_and_one_that_is_woken_too()
    {
        await using var own = await server.FreshAsync();
        var left = 3;
        var job = new CountedJob("woken")
        {
            Every = TimeSpan.FromHours(1),
            Signal = new JobSignal(),
            Turn = () => Math.Max(0, Interlocked.Decrement(ref left)),
        };
        using var node = Node(own, new ListLog(), job);

        // The clock stands still.
        await node.StartAsync(TestContext.Current.CancellationToken);
        await UntilAsync(() => job.Count == 3);
        Volatile.Write(ref left, 1);
        job.Signal!.Wake();
        await UntilAsync(() => job.Count == 4);
        await node.StopAsync(TestContext.Current.CancellationToken);

        Assert.Equal(4, job.Count);
    }

    [Fact]
    public async Task A_job_that_hangs_holds_up_no_other_and_ends_with_the_node()
    {
        await using var own = await server.FreshAsync();
        var (hanging, whole) = (new CountedJob("hanging") { Hangs = true }, new CountedJob("whole"));
        using var node = Node(own, new ListLog(), hanging, whole);
        await node.StartAsync(TestContext.Current.CancellationToken);

        await DriveAsync(own, () => whole.Count >= 3);
        await node.StopAsync(TestContext.Current.CancellationToken);

        Assert.Equal(1, hanging.Count);
        Assert.True(hanging.Ended);
    }

    [Fact]
    [Race]
    public async Task Of_two_nodes_one_has_the_turns_and_when_it_stops_the_other_has_them_at_once()
    {
        await using var own = await server.FreshAsync();
        var (one, two) = (new CountedJob("leased") { Leased = true }, new CountedJob("leased") { Leased = true });
        using var first = Node(own, new ListLog(), one);
        using var second = Node(own, new ListLog(), two);
        await first.StartAsync(TestContext.Current.CancellationToken);
        await UntilAsync(() => one.Count >= 1);
        await second.StartAsync(TestContext.Current.CancellationToken);

        // Only after a turn, or the clock could run past the lease of a node that is merely slow.
        for (var turns = one.Count; turns < 8; turns++)
        {
            own.Clock.Advance(TimeSpan.FromSeconds(1));
            await UntilAsync(() => one.Count > turns);
        }

        Assert.Equal(0, two.Count);
        var stopped = own.Clock.GetUtcNow();
        await first.StopAsync(TestContext.Current.CancellationToken);
        Assert.True((await LeaseAsync(own, "leased")).Until <= stopped);
        await DriveAsync(own, () => two.Count >= 3);

        var lease = await LeaseAsync(own, "leased");
        Assert.Equal(2, lease.Epoch);
        await second.StopAsync(TestContext.Current.CancellationToken);
    }

    [Fact]
    public async Task When_a_node_dies_the_other_has_the_turns_once_the_lease_has_run_out()
    {
        await using var own = await server.FreshAsync();
        var dead = Guid.CreateVersion7(own.Clock.GetUtcNow());
        Assert.True(await Leases(own).TakeAsync("dead", dead, TimeSpan.FromMinutes(1), TestContext.Current.CancellationToken));
        var until = own.Clock.GetUtcNow() + TimeSpan.FromMinutes(1);
        var job = new CountedJob("dead") { Leased = true };
        using var node = Node(own, new ListLog(), job);
        await node.StartAsync(TestContext.Current.CancellationToken);

        await DriveAsync(own, () => job.Count >= 1);

        Assert.True(job.First >= until);
        Assert.NotEqual(dead, (await LeaseAsync(own, "dead")).Holder);
        await node.StopAsync(TestContext.Current.CancellationToken);
    }

    [Fact]
    public async Task When_a_turn_fails_another_node_has_the_next_one()
    {
        await using var own = await server.FreshAsync();
        var broken = new CountedJob("failing") { Leased = true, Turn = () => throw new InvalidOperationException("No luck.") };
        var whole = new CountedJob("failing") { Leased = true };
        using var first = Node(own, new ListLog(), broken);
        using var second = Node(own, new ListLog(), whole);

        // The clock stands still.
        await first.StartAsync(TestContext.Current.CancellationToken);
        await UntilAsync(() => broken.Count == 1);
        await Waiting.UntilAsync(async () => (await LeaseAsync(own, "failing")).Until <= own.Clock.GetUtcNow(), Ceiling);
        await second.StartAsync(TestContext.Current.CancellationToken);

        await UntilAsync(() => whole.Count == 1);
        await first.StopAsync(TestContext.Current.CancellationToken);
        await second.StopAsync(TestContext.Current.CancellationToken);
    }

    [Fact]
    public async Task A_job_that_need_not_be_done_at_the_start_waits_one_period()
    {
        await using var own = await server.FreshAsync();
        var (late, prompt) = (new CountedJob("late") { WaitsFirst = true }, new CountedJob("prompt"));
        using var node = Node(own, new ListLog(), late, prompt);
        var start = own.Clock.GetUtcNow();
        await node.StartAsync(TestContext.Current.CancellationToken);

        await UntilAsync(() => prompt.Count == 1);
        Assert.Equal(0, late.Count);
        await DriveAsync(own, () => late.Count >= 1);
        Assert.True(late.First >= start + late.Every);
        await node.StopAsync(TestContext.Current.CancellationToken);
    }

    [Fact]
    public async Task A_lease_is_one_nodes_until_it_gives_it_back_or_it_runs_out()
    {
        await using var own = await server.FreshAsync();
        var (leases, now, term) = (Leases(own), own.Clock.GetUtcNow(), TimeSpan.FromSeconds(30));
        var (one, two) = (Guid.CreateVersion7(now), Guid.CreateVersion7(now));

        Assert.True(await TakeAsync(one));
        Assert.False(await TakeAsync(two));
        own.Clock.Advance(term / 2);
        Assert.True(await TakeAsync(one));
        own.Clock.Advance(term / 2);
        Assert.False(await TakeAsync(two));
        Assert.Equal(1, (await LeaseAsync(own, "life")).Epoch);
        own.Clock.Advance(term / 2);
        Assert.True(await TakeAsync(two));
        await leases.ReturnAsync("life", one);
        Assert.False(await TakeAsync(one));
        await leases.ReturnAsync("life", two);
        Assert.True(await TakeAsync(one));
        Assert.Equal(3, (await LeaseAsync(own, "life")).Epoch);

        Task<bool> TakeAsync(Guid holder) => leases.TakeAsync("life", holder, term, CancellationToken.None);
    }

    [Fact]
    [Race]
    public async Task Of_many_that_take_a_lease_at_once_one_has_it_the_first_time_and_after_its_end()
    {
        await using var own = await server.FreshAsync();
        var name = $"race-{Interlocked.Increment(ref _names)}";
        for (var round = 1; round <= 3; round++)
        {
            var taken = await Task.WhenAll(Enumerable.Range(0, 30).Select(_ => Task.Run(
                () => Leases(own).TakeAsync(
                    name, Guid.CreateVersion7(own.Clock.GetUtcNow()), TimeSpan.FromSeconds(30), CancellationToken.None))));

            Assert.Equal(1, taken.Count(t => t));
            Assert.Equal(round, (await LeaseAsync(own, name)).Epoch);
            own.Clock.Advance(TimeSpan.FromSeconds(31));
        }
    }

    [Fact]
    public void Every_job_has_a_name_of_its_own()
    {
        var names = server.App.Services.GetServices<IJob>().Select(j => j.Name).ToList();

        Assert.Equal(names.Count, names.Distinct(StringComparer.Ordinal).Count());
    }

    [Fact]
    public void The_document_names_the_jobs_that_there_are_and_the_leased_ones_among_them()
    {
        var jobs = server.App.Services.GetServices<IJob>().ToList();
        var document = File.ReadAllText(Path.Combine(Repository.Root, "docs/operations.md"));
        var words = document.Split("## Background jobs")[1].Split("\n## ")[0].Split("All are safe");

        Assert.Equal(jobs.Select(j => j.Name).Order(StringComparer.Ordinal), Named(words[0]));
        Assert.Equal(
            jobs.Where(j => j.Leased).Select(j => j.Name).Order(StringComparer.Ordinal), Named(words[1]).Except(["job_leases"]));

        static IEnumerable<string> Named(string text) => Regex.Matches(text, "`([a-z_-]+)`").Select(m => m.Groups[1].Value)
            .Distinct().Order(StringComparer.Ordinal);
    }

    private static JobLeases Leases(CountersignServer own) => own.App.Services.GetRequiredService<JobLeases>();

    private static async Task<JobLease> LeaseAsync(CountersignServer own, string name) =>
        Assert.Single(await own.RowsAsync<JobLease>(l => l.Name == name));

    private static JobRunner Node(CountersignServer own, ListLog log, params CountedJob[] jobs)
    {
        foreach (var job in jobs)
        {
            job.Clock = own.Clock;
        }

        return new JobRunner(jobs, Leases(own), own.Clock, log);
    }

    /// <summary>Waits without moving the clock.</summary>
    private static Task UntilAsync(Func<bool> so) => Waiting.UntilAsync(() => Task.FromResult(so()), Ceiling);

    /// <summary>Moves the clock second by second until it is so.</summary>
    private static Task DriveAsync(CountersignServer own, Func<bool> so) => Waiting.UntilAsync(
        () =>
        {
            if (so())
            {
                return Task.FromResult(true);
            }

            own.Clock.Advance(TimeSpan.FromSeconds(1));
            return Task.FromResult(false);
        },
        Ceiling);

    private sealed class CountedJob(string name) : IJob
    {
        private int _count;
        private long _first;

        public TimeProvider Clock { get; set; } = TimeProvider.System;

        public string Name => name;

        public TimeSpan Every { get; init; } = TimeSpan.FromSeconds(1);

        public bool Leased { get; init; }

        public bool WaitsFirst { get; init; }

        public JobSignal? Signal { get; init; }

        public bool Hangs { get; init; }

        public Func<int> Turn { get; init; } = () => 0;

        public int Count => Volatile.Read(ref _count);

        public DateTimeOffset First => new(Volatile.Read(ref _first), TimeSpan.Zero);

        public bool Ended { get; private set; }

        public async Task<int> RunOnceAsync(CancellationToken ct)
        {
            if (Interlocked.Increment(ref _count) == 1)
            {
                Volatile.Write(ref _first, Clock.GetUtcNow().Ticks);
            }

            if (Hangs)
            {
                await Task.Delay(Timeout.InfiniteTimeSpan, Clock, ct);
            }

            return Turn();
        }

        public Task EndAsync()
        {
            Ended = true;
            return Task.CompletedTask;
        }
    }

    private sealed class ListLog : ILoggerFactory, ILogger
    {
        private readonly ConcurrentQueue<(LogLevel Level, string Text)> _lines = new();

        public IReadOnlyCollection<(LogLevel Level, string Text)> Lines => _lines;

        public ILogger CreateLogger(string categoryName) => this;

        public void AddProvider(ILoggerProvider provider) => throw new NotSupportedException();

        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => true;

        public void Log<TState>(
            LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter) =>
            _lines.Enqueue((logLevel, formatter(state, exception)));

        public void Dispose()
        {
        }
    }
}

public sealed class JobsOnSqlite(OnSqlite server) : JobsTests(server);

public sealed class JobsOnPostgres(OnPostgres server) : JobsTests(server);
