using System.Diagnostics.CodeAnalysis;

namespace Countersign.Protocol.Oath;

/// <summary>What both ends of a challenge and response agree on, such as <c>OCRA-1:HOTP-SHA256-8:C-QN08-PSHA1</c> (RFC 6287 §6).</summary>
/// <remarks>
/// <code>
/// suite = "OCRA-1:HOTP-" hash "-" digits ":" [ "C-" ] "Q" format length [ "-P" hash ] [ "-S" bytes ] [ "-T" step ]
/// hash  = "SHA1" / "SHA256" / "SHA512"    digits = "0" / "4" … "10"    format = "A" / "N" / "H"    length = "04" … "64"
/// bytes = "001" … "512"                   step   = "1" … "59" ( "S" / "M" ) / "1" … "48" "H"
/// </code>
/// The text itself is hashed. So it is read in one spelling only: capital letters, no zeros in front but those above. A length
/// below ten may be written with one digit, as in the example <c>QH8</c> of §6.4; that is another suite than <c>QH08</c>.
/// </remarks>
public sealed class OcraSuite : IEquatable<OcraSuite>
{
    /// <summary>The most characters of a suite that is read.</summary>
    public const int MaxLength = 64;

    private readonly string _text;

    internal OcraSuite(string text) => _text = text;

    /// <summary>Gets the hash function under the HMAC.</summary>
    public OathHash Hash { get; internal init; }

    /// <summary>Gets the number of decimal digits of a response, 4 to 10; 0 for the whole HMAC.</summary>
    public int Digits { get; internal init; }

    /// <summary>Gets whether a counter is an input (<c>C</c>).</summary>
    public bool HasCounter { get; internal init; }

    /// <summary>Gets what questions consist of (<c>Q</c>).</summary>
    public OcraQuestionFormat QuestionFormat { get; internal init; }

    /// <summary>Gets the most characters of one question, 4 to 64; of an alphanumeric one, the most bytes of UTF-8.</summary>
    public int QuestionLength { get; internal init; }

    /// <summary>Gets the hash function of the PIN that is an input (<c>P</c>), or null if there is none.</summary>
    public OathHash? PinHash { get; internal init; }

    /// <summary>Gets the number of bytes of session information that are an input (<c>S</c>), 1 to 512, or null if there is none.</summary>
    public int? SessionLength { get; internal init; }

    /// <summary>Gets the length of the time steps whose number is an input (<c>T</c>), or null if there is none.</summary>
    public TimeSpan? TimeStep { get; internal init; }

    /// <summary>Gets the number of characters of a response: <see cref="Digits"/>, or two for each byte of the whole HMAC.</summary>
    public int ResponseLength => Digits == 0 ? OathMac.LengthOf(Hash) * 2 : Digits;

    /// <summary>Reads a suite.</summary>
    /// <param name="text">The suite, at most <see cref="MaxLength"/> characters.</param>
    /// <returns>The suite.</returns>
    /// <exception cref="ArgumentNullException"><paramref name="text"/> is null.</exception>
    /// <exception cref="FormatException">The text is no suite of RFC 6287 §6.</exception>
    public static OcraSuite Parse(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        return TryParse(text, out var suite) ? suite : throw new FormatException("This is no OCRA suite of RFC 6287 §6.");
    }

    /// <summary>Reads a suite that may be none.</summary>
    /// <param name="text">The text to read.</param>
    /// <param name="result">The suite, or null.</param>
    /// <returns>False for text that is no suite of RFC 6287 §6 or longer than <see cref="MaxLength"/> characters.</returns>
    public static bool TryParse([NotNullWhen(true)] string? text, [NotNullWhen(true)] out OcraSuite? result)
    {
        result = text is { Length: <= MaxLength } ? OcraSuiteReader.Read(text) : null;
        return result is not null;
    }

    /// <summary>The number of the time step in which a moment lies, as <see cref="OcraInput.TimeStep"/> takes it (RFC 6287 §5.1).</summary>
    /// <param name="at">The moment, 1970 or later.</param>
    /// <returns>The number of whole steps since 1970-01-01T00:00:00Z.</returns>
    /// <exception cref="InvalidOperationException">The suite has no time step.</exception>
    public long StepAt(DateTimeOffset at) =>
        TimeStep is { } step
            ? Totp.StepAt(at, (int)step.TotalSeconds)
            : throw new InvalidOperationException("The suite has no time step.");

    /// <summary>Writes the suite as it was read.</summary>
    /// <returns>The text that is hashed.</returns>
    public override string ToString() => _text;

    /// <summary>Compares the texts: two suites that say the same in different spellings have different responses.</summary>
    /// <param name="other">The other suite.</param>
    /// <returns>True if both are the same text.</returns>
    public bool Equals([NotNullWhen(true)] OcraSuite? other) => other is not null && _text == other._text;

    /// <inheritdoc/>
    public override bool Equals(object? obj) => Equals(obj as OcraSuite);

    /// <inheritdoc/>
    public override int GetHashCode() => _text.GetHashCode(StringComparison.Ordinal);
}
