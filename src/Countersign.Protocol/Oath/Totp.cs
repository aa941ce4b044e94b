namespace Countersign.Protocol.Oath;

/// <summary>Time-based one-time passwords (RFC 6238).</summary>
/// <remarks>
/// Nothing here knows the time or remembers a step. Whoever accepts a code must not accept a second one of the same step or of an
/// earlier one (§5.2): store the step that was found, in one statement that fails when a later one is there.
/// </remarks>
public static class Totp
{
    /// <summary>The most steps that <see cref="FindStep"/> looks back or ahead.</summary>
    public const int MaxSteps = 1_000;

    /// <summary>The number of the time step in which a moment lies (RFC 6238 §4.2).</summary>
    /// <param name="at">The moment.</param>
    /// <param name="period">The length of a step in seconds, 1 to <see cref="TotpParameters.MaxPeriod"/>.</param>
    /// <param name="start">T0, the moment at which step 0 begins, in whole seconds; 1970-01-01T00:00:00Z unless given.</param>
    /// <returns>The number, which is negative for a moment before <paramref name="start"/>.</returns>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="period"/> is out of range.</exception>
    public static long StepAt(DateTimeOffset at, int period = 30, DateTimeOffset? start = null)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(period, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(period, TotpParameters.MaxPeriod);
        var seconds = at.ToUnixTimeSeconds() - (start?.ToUnixTimeSeconds() ?? 0);

        // Rounded down, not towards zero: a step before the start is as long as any other.
        return (seconds - (seconds < 0 ? period - 1 : 0)) / period;
    }

    /// <summary>Computes the code of a time step.</summary>
    /// <param name="key">The shared secret, one byte at least; RFC 6238 §5.1 recommends the length of the hash: 20, 32 or 64.</param>
    /// <param name="step">The number of the step, 0 or more, as <see cref="StepAt"/> returns it.</param>
    /// <param name="parameters">What both ends agree on.</param>
    /// <returns>Decimal digits, leading zeros included.</returns>
    /// <exception cref="ArgumentNullException"><paramref name="parameters"/> is null.</exception>
    /// <exception cref="ArgumentException"><paramref name="key"/> is empty.</exception>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="step"/> is negative.</exception>
    public static string Compute(ReadOnlySpan<byte> key, long step, TotpParameters parameters)
    {
        ArgumentNullException.ThrowIfNull(parameters);
        return Hotp.Compute(key, step, parameters.Digits, parameters.Hash);
    }

    /// <summary>Finds the step that a code belongs to, around the moment at which it arrived.</summary>
    /// <remarks>
    /// All steps are computed whatever matches, so that the time tells nothing about which. A code that is not of the agreed
    /// length is refused at once: its length is no secret.
    /// </remarks>
    /// <param name="key">As for <see cref="Compute"/>.</param>
    /// <param name="code">What was typed: digits only.</param>
    /// <param name="now">The moment of receipt.</param>
    /// <param name="parameters">What both ends agree on.</param>
    /// <param name="stepsBack">
    /// How many earlier steps count, for a slow network or clock: 0 to <see cref="MaxSteps"/>; RFC 6238 §5.2 recommends one at most.
    /// </param>
    /// <param name="stepsAhead">How many later steps count, for a fast clock: 0 to <see cref="MaxSteps"/>.</param>
    /// <returns>The number of the step, the newest of several; null when the code is of none.</returns>
    /// <exception cref="ArgumentNullException"><paramref name="parameters"/> is null.</exception>
    /// <exception cref="ArgumentException"><paramref name="key"/> is empty.</exception>
    /// <exception cref="ArgumentOutOfRangeException">A number of steps is out of range.</exception>
    public static long? FindStep(
        ReadOnlySpan<byte> key, ReadOnlySpan<char> code, DateTimeOffset now, TotpParameters parameters, int stepsBack, int stepsAhead)
    {
        ArgumentNullException.ThrowIfNull(parameters);
        RequireSteps(stepsBack, nameof(stepsBack));
        RequireSteps(stepsAhead, nameof(stepsAhead));
        var current = StepAt(now, parameters.Period);
        var from = Math.Max(0, current - stepsBack);

        // Before step 0 there is nothing to look at, however long before.
        var count = (int)Math.Max(0, current + stepsAhead - from + 1);
        var (_, newest) = Hotp.Search(key, code, from, count, parameters.Digits, parameters.Hash);
        return newest;
    }

    private static void RequireSteps(int steps, string parameter)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(steps, parameter);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(steps, MaxSteps, parameter);
    }
}
