using System.Security.Cryptography;
using System.Text;

namespace Countersign.Protocol.Oath;

/// <summary>What both ends of a time-based password agree on.</summary>
/// <param name="Hash">The hash function under the HMAC.</param>
/// <param name="Digits">6 to 8.</param>
/// <param name="Period">Length of a time step in seconds.</param>
public sealed record TotpParameters(OathHash Hash = OathHash.Sha1, int Digits = 6, int Period = 30);

/// <summary>Time-based one-time passwords, RFC 6238.</summary>
public static class Totp
{
    /// <summary>The number of the time step in which <paramref name="at"/> lies, counted from 1970 (RFC 6238 §4.2).</summary>
    /// <param name="at">The moment.</param>
    /// <param name="period">Length of a step in seconds.</param>
    public static long StepAt(DateTimeOffset at, int period = 30) => at.ToUnixTimeSeconds() / period;

    /// <summary>The code of a time step.</summary>
    /// <param name="key">The shared secret.</param>
    /// <param name="step">The step's number.</param>
    /// <param name="parameters">What both ends agree on.</param>
    public static string Compute(ReadOnlySpan<byte> key, long step, TotpParameters parameters)
    {
        ArgumentNullException.ThrowIfNull(parameters);
        return Hotp.Compute(key, step, parameters.Digits, parameters.Hash);
    }

    /// <summary>The step whose code this is, looked for around <paramref name="now"/>; null when it is of none. The newest of several is preferred.</summary>
    /// <param name="key">The shared secret.</param>
    /// <param name="code">What was typed, digits only.</param>
    /// <param name="now">The moment of receipt.</param>
    /// <param name="parameters">What both ends agree on.</param>
    /// <param name="stepsBack">How many earlier steps count, for a slow network or clock; RFC 6238 §5.2 recommends at most one.</param>
    /// <param name="stepsAhead">How many later steps count.</param>
    public static long? FindStep(ReadOnlySpan<byte> key, string code, DateTimeOffset now, TotpParameters parameters, int stepsBack, int stepsAhead)
    {
        ArgumentNullException.ThrowIfNull(code);
        ArgumentNullException.ThrowIfNull(parameters);
        var typed = Encoding.ASCII.GetBytes(code);
        var current = StepAt(now, parameters.Period);
        long? found = null;

        // No early exit: the time spent must not tell which step matched.
        for (var step = Math.Max(0, current - stepsBack); step <= current + stepsAhead; step++)
        {
            if (CryptographicOperations.FixedTimeEquals(typed, Encoding.ASCII.GetBytes(Compute(key, step, parameters))))
            {
                found = step;
            }
        }

        return found;
    }
}
