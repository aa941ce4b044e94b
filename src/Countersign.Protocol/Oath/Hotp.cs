using System.Buffers.Binary;

namespace Countersign.Protocol.Oath;

/// <summary>Event-based one-time passwords (RFC 4226), with the further hash functions of RFC 6238.</summary>
/// <remarks>
/// RFC 4226 §4 R6 wants keys of 16 bytes at least and recommends 20; a shorter key is computed with, since some apps make them.
/// Nothing here remembers a counter: whoever accepts a code stores the counter that it was found at plus one, in one step (§7.2).
/// </remarks>
public static class Hotp
{
    /// <summary>The fewest digits of a code (RFC 4226 §5.3).</summary>
    public const int MinDigits = 6;

    /// <summary>The most digits of a code (RFC 4226 §5.3).</summary>
    public const int MaxDigits = 8;

    /// <summary>The most counters that <see cref="FindCounter"/> looks at.</summary>
    public const int MaxWindow = 10_000;

    /// <summary>Computes the code for a counter (RFC 4226 §5.3).</summary>
    /// <param name="key">The shared secret, one byte at least.</param>
    /// <param name="counter">The moving factor, 0 or more.</param>
    /// <param name="digits">The length of the code, <see cref="MinDigits"/> to <see cref="MaxDigits"/>.</param>
    /// <param name="hash">The hash function; RFC 4226 knows SHA-1 only.</param>
    /// <returns>Decimal digits, leading zeros included.</returns>
    /// <exception cref="ArgumentException"><paramref name="key"/> is empty.</exception>
    /// <exception cref="ArgumentOutOfRangeException">Another argument is out of range.</exception>
    public static string Compute(ReadOnlySpan<byte> key, long counter, int digits = 6, OathHash hash = OathHash.Sha1)
    {
        RequireDigits(digits);
        Span<char> code = stackalloc char[digits];
        Write(key, counter, code, hash);
        return new string(code);
    }

    /// <summary>Computes the code for a counter into memory of the caller.</summary>
    /// <param name="key">As for <see cref="Compute"/>.</param>
    /// <param name="counter">As for <see cref="Compute"/>.</param>
    /// <param name="destination">Where the digits are written to.</param>
    /// <param name="charsWritten">The number of characters written: <paramref name="digits"/>, or 0.</param>
    /// <param name="digits">As for <see cref="Compute"/>.</param>
    /// <param name="hash">As for <see cref="Compute"/>.</param>
    /// <returns>False when <paramref name="destination"/> is too short; nothing is written then.</returns>
    /// <exception cref="ArgumentException">As for <see cref="Compute"/>.</exception>
    /// <exception cref="ArgumentOutOfRangeException">As for <see cref="Compute"/>.</exception>
    public static bool TryCompute(
        ReadOnlySpan<byte> key, long counter, Span<char> destination, out int charsWritten, int digits = 6, OathHash hash = OathHash.Sha1)
    {
        RequireDigits(digits);
        charsWritten = 0;
        if (destination.Length < digits)
        {
            return false;
        }

        Write(key, counter, destination[..digits], hash);
        charsWritten = digits;
        return true;
    }

    /// <summary>Finds the counter that a code belongs to, in the look-ahead window (RFC 4226 §7.4).</summary>
    /// <remarks>
    /// The whole window is computed whatever matches, so that the time tells nothing about where. A code that is not of
    /// <paramref name="digits"/> characters is refused at once: its length is no secret.
    /// </remarks>
    /// <param name="key">As for <see cref="Compute"/>.</param>
    /// <param name="code">What was typed.</param>
    /// <param name="from">The first counter that may still be used, 0 or more.</param>
    /// <param name="window">How many counters are looked at, <paramref name="from"/> included: 1 to <see cref="MaxWindow"/>.</param>
    /// <param name="digits">As for <see cref="Compute"/>.</param>
    /// <param name="hash">As for <see cref="Compute"/>.</param>
    /// <returns>The first counter with this code, or null. The next code is expected at this counter plus one.</returns>
    /// <exception cref="ArgumentException">As for <see cref="Compute"/>.</exception>
    /// <exception cref="ArgumentOutOfRangeException">As for <see cref="Compute"/>, or the window is out of range.</exception>
    public static long? FindCounter(
        ReadOnlySpan<byte> key, ReadOnlySpan<char> code, long from, int window, int digits = 6, OathHash hash = OathHash.Sha1)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(from);
        ArgumentOutOfRangeException.ThrowIfLessThan(window, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(window, MaxWindow);
        var (first, _) = Search(key, code, from, window, digits, hash);
        return first;
    }

    /// <summary>The first and the last counter of a window whose code this is.</summary>
    internal static (long? First, long? Last) Search(
        ReadOnlySpan<byte> key, ReadOnlySpan<char> code, long from, int window, int digits, OathHash hash)
    {
        RequireDigits(digits);
        if (code.Length != digits)
        {
            return (null, null);
        }

        Span<char> expected = stackalloc char[digits];
        var (first, last) = ((long?)null, (long?)null);

        // No early exit: the time spent must not tell which counter matched.
        for (var i = 0; i < window && from <= long.MaxValue - i; i++)
        {
            Write(key, from + i, expected, hash);
            var matches = OathMac.FixedTimeEquals(code, expected);
            first = matches ? first ?? from + i : first;
            last = matches ? from + i : last;
        }

        return (first, last);
    }

    private static void RequireDigits(int digits)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(digits, MinDigits);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(digits, MaxDigits);
    }

    private static void Write(ReadOnlySpan<byte> key, long counter, Span<char> destination, OathHash hash)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(counter);
        Span<byte> data = stackalloc byte[sizeof(long)];
        BinaryPrimitives.WriteInt64BigEndian(data, counter);
        OathMac.WriteDigits(OathMac.Compute(hash, key, data, stackalloc byte[OathMac.MaxLength]), destination);
    }
}
