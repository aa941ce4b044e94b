using System.Diagnostics;
using System.Runtime.CompilerServices;

namespace Countersign.Testing;

/// <summary>Waits for what another process does. Inside one process, wait on the event itself.</summary>
public static class Waiting
{
    private static readonly TimeSpan Interval = TimeSpan.FromMilliseconds(25);

    /// <summary>
    /// How long any test waits for what should come at once: many times what the slowest of it takes on a quiet machine, so that a
    /// busy one fails nothing. Only a test that is to fail waits so long.
    /// </summary>
    public static TimeSpan Ceiling { get; } = TimeSpan.FromMinutes(5);

    /// <exception cref="TimeoutException">The condition did not hold within the ceiling.</exception>
    public static async Task UntilAsync(
        Func<Task<bool>> condition, TimeSpan ceiling, [CallerArgumentExpression(nameof(condition))] string what = "")
    {
        var watch = Stopwatch.StartNew();
        using var timer = new PeriodicTimer(Interval, TimeProvider.System);

        while (!await condition())
        {
            if (watch.Elapsed >= ceiling)
            {
                throw new TimeoutException($"Not so within {ceiling.TotalSeconds:0.#} s: {what}");
            }

            await timer.WaitForNextTickAsync();
        }
    }
}
