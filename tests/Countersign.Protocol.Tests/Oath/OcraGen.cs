using System.Text;
using Countersign.Protocol.Oath;
using CsCheck;

namespace Countersign.Protocol.Tests.Oath;

/// <summary>Suites of RFC 6287 §6, all parts of which occur, and inputs that fit them.</summary>
internal static class OcraGen
{
    private static readonly Gen<string> Hash = OathGen.Hashes.Select(hash => hash.ToString().ToUpperInvariant());

    private static readonly Gen<string> Digits = Gen.OneOf(Gen.Const(0), Gen.Int[4, 10]).Select(digits => $"{digits}");

    private static readonly Gen<string> Question =
        Gen.Select(
            Gen.Char["ANH"], Gen.Int[4, 64], Gen.Bool, (format, length, wide) => $"Q{format}{(wide ? $"{length:00}" : $"{length}")}");

    private static readonly Gen<string> Step =
        Gen.OneOf(Gen.Select(Gen.Int[1, 59], Gen.Char["SM"], (n, unit) => $"{n}{unit}"), Gen.Int[1, 48].Select(n => $"{n}H"));

    public static Gen<string> SuiteTexts { get; } =
        from hash in Hash
        from digits in Digits
        from counter in Gen.OneOf(Gen.Const(""), Gen.Const("C-"))
        from question in Question
        from pin in Optional("-P", Hash)
        from session in Optional("-S", Gen.Int[1, 512].Select(bytes => $"{bytes:000}"))
        from step in Optional("-T", Step)
        select $"OCRA-1:HOTP-{hash}-{digits}:{counter}{question}{pin}{session}{step}";

    public static Gen<OcraSuite> Suites { get; } = SuiteTexts.Select(OcraSuite.Parse);

    public static Gen<(OcraSuite Suite, OcraCase Case)> Cases { get; } =
        from suite in Suites
        from question in Questions(suite)
        from counter in Numbers(suite.HasCounter)
        from pin in suite.PinHash is { } hash
            ? Gen.String[Gen.Char['!', '~'], 1, 12].Select(pin => OcraPin.Hash(hash, pin))
            : Gen.Const<byte[]>([])
        from session in suite.SessionLength is { } length ? Gen.Byte.Array[1, length] : Gen.Const<byte[]>([])
        from step in Numbers(suite.TimeStep is not null)
        select (suite, new OcraCase(question, counter, pin, session, step));

    private static Gen<string> Questions(OcraSuite suite) => suite.QuestionFormat switch
    {
        OcraQuestionFormat.Numeric => Gen.String[Gen.Char["0123456789"], 1, suite.QuestionLength * 2],
        OcraQuestionFormat.Hexadecimal => Gen.String[Gen.Char["0123456789abcdefABCDEF"], 1, suite.QuestionLength * 2],
        _ => Gen.String[Gen.Char["aZ9 -\u00E9\u4E2D"], 1, suite.QuestionLength * 2].Where(
            q => Encoding.UTF8.GetByteCount(q) <= suite.QuestionLength * 2),
    };

    private static Gen<long?> Numbers(bool wanted) => wanted ? Gen.Long[0, long.MaxValue].Select(n => (long?)n) : Gen.Const(default(long?));

    private static Gen<string> Optional(string prefix, Gen<string> part) => Gen.OneOf(Gen.Const(""), part.Select(text => prefix + text));
}
