namespace Countersign.Protocol.Oath;

/// <summary>Takes the text of an OCRA suite apart (RFC 6287 §6).</summary>
internal static class OcraSuiteReader
{
    private const int MinDigits = 4;
    private const int MaxDigits = 10;
    private const int MinQuestion = 4;
    private const int MaxQuestion = 64;
    private const int MaxSession = 512;

    // Table 3: up to 59 seconds or minutes, or 48 hours.
    private const int MaxSecondsOrMinutes = 59;
    private const int MaxHours = 48;

    /// <summary>The suite, or null for text that is none.</summary>
    public static OcraSuite? Read(string text)
    {
        if (text.Split(':') is not ["OCRA-1", var function, var input]
            || function.Split('-') is not ["HOTP", var hashName, var digitsText]
            || HashOf(hashName) is not { } hash
            || DigitsOf(digitsText) is not { } digits)
        {
            return null;
        }

        var rest = new Queue<string>(input.Split('-'));
        var hasCounter = rest.Peek() == "C";
        if (hasCounter)
        {
            rest.Dequeue();
        }

        if (Take(rest, "Q") is not { Length: > 0 } question
            || FormatOf(question[0]) is not { } format
            || QuestionLengthOf(question[1..]) is not { } length)
        {
            return null;
        }

        var (pin, session, time) = (Take(rest, "P"), Take(rest, "S"), Take(rest, "T"));
        var suite = new OcraSuite(text)
        {
            Hash = hash,
            Digits = digits,
            HasCounter = hasCounter,
            QuestionFormat = format,
            QuestionLength = length,
            PinHash = HashOf(pin),
            SessionLength = SessionLengthOf(session),
            TimeStep = TimeStepOf(time),
        };

        // What was there and could not be read is no suite; nor is one with something left over.
        var read =
            (suite.PinHash is null, suite.SessionLength is null, suite.TimeStep is null) == (pin is null, session is null, time is null);
        return read && rest.Count == 0 ? suite : null;
    }

    /// <summary>What follows a letter, if the next part begins with it.</summary>
    private static string? Take(Queue<string> rest, string letter) =>
        rest.TryPeek(out var next) && next.StartsWith(letter, StringComparison.Ordinal) ? rest.Dequeue()[letter.Length..] : null;

    private static OathHash? HashOf(string? name) => name switch
    {
        "SHA1" => OathHash.Sha1,
        "SHA256" => OathHash.Sha256,
        "SHA512" => OathHash.Sha512,
        _ => null,
    };

    private static OcraQuestionFormat? FormatOf(char letter) => letter switch
    {
        'A' => OcraQuestionFormat.Alphanumeric,
        'N' => OcraQuestionFormat.Numeric,
        'H' => OcraQuestionFormat.Hexadecimal,
        _ => null,
    };

    private static int? DigitsOf(string text) =>
        text == "0" ? 0 : PlainNumber.Read(text, MinDigits, MaxDigits) is { } digits && text[0] != '0' ? digits : null;

    private static int? QuestionLengthOf(string text) => text.Length <= 2 ? PlainNumber.Read(text, MinQuestion, MaxQuestion) : null;

    private static int? SessionLengthOf(string? text) => text is { Length: 3 } ? PlainNumber.Read(text, 1, MaxSession) : null;

    private static TimeSpan? TimeStepOf(string? text) =>
        text is [>= '1' and <= '9', .., var unit] ? TimeStepOf(text.AsSpan(..^1), unit) : null;

    private static TimeSpan? TimeStepOf(ReadOnlySpan<char> number, char unit) => unit switch
    {
        'S' => TimeSpan.FromSeconds(1) * PlainNumber.Read(number, 1, MaxSecondsOrMinutes),
        'M' => TimeSpan.FromMinutes(1) * PlainNumber.Read(number, 1, MaxSecondsOrMinutes),
        'H' => TimeSpan.FromHours(1) * PlainNumber.Read(number, 1, MaxHours),
        _ => null,
    };
}
