using System.Buffers.Binary;
using System.Text;

namespace Countersign.Protocol.Oath;

/// <summary>Lays out what is hashed: <c>suite 0x00 C Q P S T</c> (RFC 6287 §5.1).</summary>
internal static class OcraDataInput
{
    /// <summary>The most bytes that <see cref="Write"/> writes.</summary>
    public const int MaxLength = OcraSuite.MaxLength + 1 + NumberLength + QuestionLength + OathMac.MaxLength + 512 + NumberLength;

    private const int NumberLength = sizeof(long);
    private const int QuestionLength = 128;

    // Twice 64 decimal digits make no more than 107 hexadecimal ones.
    private const int MaxNibbles = 107;

    /// <summary>Writes the inputs that the suite names, in their order, and refuses any other.</summary>
    public static ReadOnlySpan<byte> Write(OcraSuite suite, OcraInput input, Span<byte> destination)
    {
        var text = suite.ToString();
        var length = Encoding.ASCII.GetBytes(text, destination);
        destination[length++] = 0;
        length += WriteNumber(input.Counter, suite.HasCounter, destination[length..], nameof(OcraInput.Counter));
        length += WriteQuestion(suite, input.Question, destination.Slice(length, QuestionLength));
        length += WriteBytes(input.PinHash, PinLength(suite), exact: true, destination[length..], nameof(OcraInput.PinHash));
        length += WriteBytes(input.Session, suite.SessionLength ?? 0, exact: false, destination[length..], nameof(OcraInput.Session));
        length += WriteNumber(input.TimeStep, suite.TimeStep is not null, destination[length..], nameof(OcraInput.TimeStep));
        return destination[..length];
    }

    private static int PinLength(OcraSuite suite) => suite.PinHash is { } hash ? OathMac.LengthOf(hash) : 0;

    private static int WriteNumber(long? number, bool wanted, Span<byte> destination, string name)
    {
        RequireOnlyIf(wanted, number is not null, name);
        if (number is not { } value)
        {
            return 0;
        }

        if (value < 0)
        {
            throw Refused(name, "A number is 0 or more.");
        }

        BinaryPrimitives.WriteInt64BigEndian(destination, value);
        return NumberLength;
    }

    private static int WriteBytes(ReadOnlySpan<byte> bytes, int wanted, bool exact, Span<byte> destination, string name)
    {
        RequireOnlyIf(wanted > 0, !bytes.IsEmpty, name);
        if (bytes.Length > wanted || (exact && bytes.Length < wanted))
        {
            throw Refused(name, $"The suite takes {(exact ? "" : "up to ")}{wanted} bytes.");
        }

        var padding = wanted - bytes.Length;
        destination[..padding].Clear();
        bytes.CopyTo(destination[padding..]);
        return wanted;
    }

    private static int WriteQuestion(OcraSuite suite, ReadOnlySpan<char> question, Span<byte> destination)
    {
        destination.Clear();
        var most = suite.QuestionLength * 2;
        var written = !question.IsEmpty && question.Length <= most && suite.QuestionFormat switch
        {
            OcraQuestionFormat.Numeric => TryWriteDecimal(question, destination),
            OcraQuestionFormat.Hexadecimal => TryWriteHexadecimal(question, destination),
            _ => PrintableText.Is(question) && Encoding.UTF8.TryGetBytes(question, destination[..most], out _),
        };
        return written ? QuestionLength : throw Refused(
            nameof(OcraInput.Question), $"The suite {suite} takes a question of up to {suite.QuestionLength} characters, or two in one.");
    }

    // A number is hashed as the text of its hexadecimal digits, which begins with the first byte: 22222222 is 153158E and so
    // the bytes 15 31 58 E0, not 01 53 15 8E.
    private static bool TryWriteDecimal(ReadOnlySpan<char> digits, Span<byte> destination)
    {
        Span<byte> nibbles = stackalloc byte[MaxNibbles];
        nibbles[0] = 0;
        var count = 1;
        foreach (var digit in digits)
        {
            if (!char.IsAsciiDigit(digit))
            {
                return false;
            }

            count = MultiplyByTenAndAdd(nibbles, count, digit - '0');
        }

        for (var i = 0; i < count; i++)
        {
            PutNibble(destination, i, nibbles[count - 1 - i]);
        }

        return true;
    }

    private static int MultiplyByTenAndAdd(Span<byte> nibbles, int count, int carry)
    {
        for (var i = 0; i < count; i++)
        {
            carry += nibbles[i] * 10;
            nibbles[i] = (byte)(carry & 0x0F);
            carry >>= 4;
        }

        if (carry > 0)
        {
            nibbles[count++] = (byte)carry;
        }

        return count;
    }

    private static bool TryWriteHexadecimal(ReadOnlySpan<char> digits, Span<byte> destination)
    {
        for (var i = 0; i < digits.Length; i++)
        {
            if (!char.IsAsciiHexDigit(digits[i]))
            {
                return false;
            }

            PutNibble(destination, i, (digits[i] & 0x0F) + (char.IsAsciiDigit(digits[i]) ? 0 : 9));
        }

        return true;
    }

    private static void PutNibble(Span<byte> destination, int index, int nibble) =>
        destination[index / 2] |= (byte)(index % 2 == 0 ? nibble << 4 : nibble);

    private static void RequireOnlyIf(bool wanted, bool given, string name)
    {
        if (wanted != given)
        {
            throw Refused(name, wanted ? "The suite needs this input." : "The suite has no such input.");
        }
    }

    private static ArgumentException Refused(string name, string why) => new(why, name);
}
