namespace Countersign.Protocol.Oath;

/// <summary>Challenge and response with a shared key (RFC 6287).</summary>
/// <remarks>
/// Nothing here remembers a question, a counter or a step. Whoever asks makes every question at random, lets it be answered once
/// and for a short time, and counts wrong answers (§7 and §8).
/// </remarks>
public static class Ocra
{
    /// <summary>Computes the response (RFC 6287 §5.2).</summary>
    /// <param name="suite">What both ends agree on.</param>
    /// <param name="key">The shared secret, one byte at least; RFC 4226 §4 R6 wants 16.</param>
    /// <param name="input">The question, and whatever else the suite names.</param>
    /// <returns>
    /// Decimal digits, leading zeros included; for a suite with 0 digits the whole HMAC, which the standard does not spell out, as
    /// lower-case hexadecimal digits.
    /// </returns>
    /// <exception cref="ArgumentNullException"><paramref name="suite"/> is null.</exception>
    /// <exception cref="ArgumentException">
    /// The key is empty, or a property of <paramref name="input"/>, whose name is that of the parameter in the exception, is missing,
    /// superfluous or out of range.
    /// </exception>
    public static string Compute(OcraSuite suite, ReadOnlySpan<byte> key, OcraInput input)
    {
        ArgumentNullException.ThrowIfNull(suite);
        Span<char> response = stackalloc char[suite.ResponseLength];
        Write(suite, key, input, response);
        return new string(response);
    }

    /// <summary>Computes the response into memory of the caller.</summary>
    /// <param name="suite">As for <see cref="Compute"/>.</param>
    /// <param name="key">As for <see cref="Compute"/>.</param>
    /// <param name="input">As for <see cref="Compute"/>.</param>
    /// <param name="destination">Where the response is written to.</param>
    /// <param name="charsWritten">The number of characters written: <see cref="OcraSuite.ResponseLength"/>, or 0.</param>
    /// <returns>False when <paramref name="destination"/> is too short; nothing is written then.</returns>
    /// <exception cref="ArgumentNullException">As for <see cref="Compute"/>.</exception>
    /// <exception cref="ArgumentException">As for <see cref="Compute"/>.</exception>
    public static bool TryCompute(OcraSuite suite, ReadOnlySpan<byte> key, OcraInput input, Span<char> destination, out int charsWritten)
    {
        ArgumentNullException.ThrowIfNull(suite);
        charsWritten = 0;
        if (destination.Length < suite.ResponseLength)
        {
            return false;
        }

        charsWritten = suite.ResponseLength;
        Write(suite, key, input, destination[..charsWritten]);
        return true;
    }

    /// <summary>Tells whether a response is right, in a time that depends on its length only.</summary>
    /// <param name="suite">As for <see cref="Compute"/>.</param>
    /// <param name="key">As for <see cref="Compute"/>.</param>
    /// <param name="input">As for <see cref="Compute"/>.</param>
    /// <param name="response">What was typed, in the spelling that <see cref="Compute"/> returns.</param>
    /// <returns>True if it is the one that <see cref="Compute"/> returns.</returns>
    /// <exception cref="ArgumentNullException">As for <see cref="Compute"/>.</exception>
    /// <exception cref="ArgumentException">As for <see cref="Compute"/>.</exception>
    public static bool Verify(OcraSuite suite, ReadOnlySpan<byte> key, OcraInput input, ReadOnlySpan<char> response)
    {
        ArgumentNullException.ThrowIfNull(suite);
        Span<char> expected = stackalloc char[suite.ResponseLength];
        Write(suite, key, input, expected);
        return OathMac.FixedTimeEquals(expected, response);
    }

    /// <summary>The bytes under the HMAC (RFC 6287 §5.1), for comparing with an implementation that computes other responses.</summary>
    /// <param name="suite">As for <see cref="Compute"/>.</param>
    /// <param name="input">As for <see cref="Compute"/>.</param>
    /// <returns>The suite, a zero byte, and the inputs that the suite names.</returns>
    /// <exception cref="ArgumentNullException">As for <see cref="Compute"/>.</exception>
    /// <exception cref="ArgumentException">As for <see cref="Compute"/>.</exception>
    public static byte[] DataInput(OcraSuite suite, OcraInput input)
    {
        ArgumentNullException.ThrowIfNull(suite);
        return OcraDataInput.Write(suite, input, stackalloc byte[OcraDataInput.MaxLength]).ToArray();
    }

    private static void Write(OcraSuite suite, ReadOnlySpan<byte> key, OcraInput input, Span<char> response)
    {
        var data = OcraDataInput.Write(suite, input, stackalloc byte[OcraDataInput.MaxLength]);
        var mac = OathMac.Compute(suite.Hash, key, data, stackalloc byte[OathMac.MaxLength]);
        if (suite.Digits == 0)
        {
            Convert.TryToHexStringLower(mac, response, out _);
        }
        else
        {
            OathMac.WriteDigits(mac, response);
        }
    }
}
