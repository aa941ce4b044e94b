using Countersign.Server.Telemetry;
using Countersign.Server.Tests.Hosting;
using Microsoft.Extensions.Time.Testing;

namespace Countersign.Server.Tests.Telemetry;

/// <summary>An outage is told, and its end; neither floods the log.</summary>
public sealed class OnceAMinuteTests
{
    private static readonly TimeSpan Minute = TimeSpan.FromMinutes(1);

    [Fact]
    public void The_first_is_told_at_once_and_the_rest_with_its_number_when_the_minute_is_over()
    {
        var (clock, told) = (new FakeTimeProvider(), new List<(string, long)>());
        using var minutes = new OnceAMinute<string>(clock);

        for (var i = 0; i < 100; i++)
        {
            minutes.Tell("a", count => told.Add(("a", count)));
        }

        minutes.Tell("b", count => told.Add(("b", count)));
        Assert.Equal([("a", 1), ("b", 1)], told);

        clock.Advance(Minute);
        Assert.Equal([("a", 1), ("b", 1), ("a", 99)], told);

        // Nothing happens for a minute: the next one is news again.
        clock.Advance(Minute);
        minutes.Tell("a", count => told.Add(("a", count)));
        Assert.Equal(("a", 1), told[^1]);
        Assert.Equal(4, told.Count);
    }

    [Fact]
    [Race]
    public void None_of_many_at_the_same_moment_goes_uncounted()
    {
        var (clock, told) = (new FakeTimeProvider(), 0L);
        using var minutes = new OnceAMinute<string>(clock);

        Parallel.For(0, 20_000, i =>
        {
            if (i % 100 == 0)
            {
                clock.Advance(Minute);
            }

            minutes.Tell("a", count => Interlocked.Add(ref told, count));
        });
        clock.Advance(Minute);
        clock.Advance(Minute);

        Assert.Equal(20_000, Interlocked.Read(ref told));
    }

    [Fact]
    public void However_many_keys_there_are_the_log_has_a_bounded_number_of_lines_a_minute()
    {
        var (clock, told) = (new FakeTimeProvider(), 0);
        using var minutes = new OnceAMinute<int>(clock);

        for (var i = 0; i < 10_000; i++)
        {
            minutes.Tell(i, _ => told++);
        }

        Assert.Equal(500, told);
    }
}
