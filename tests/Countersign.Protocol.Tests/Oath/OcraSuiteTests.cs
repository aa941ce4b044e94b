using Countersign.Protocol.Oath;
using CsCheck;

namespace Countersign.Protocol.Tests.Oath;

public sealed class OcraSuiteTests
{
    [Fact]
    public void All_parts_are_read()
    {
        var suite = OcraSuite.Parse("OCRA-1:HOTP-SHA512-8:C-QN08-PSHA1-S064-T1M");

        Assert.Equal(
            (OathHash.Sha512, 8, true, OcraQuestionFormat.Numeric, 8, OathHash.Sha1, 64, TimeSpan.FromMinutes(1), 8),
            (
                suite.Hash,
                suite.Digits,
                suite.HasCounter,
                suite.QuestionFormat,
                suite.QuestionLength,
                suite.PinHash!.Value,
                suite.SessionLength!.Value,
                    suite.TimeStep!.Value, suite.ResponseLength));
    }

    [Fact]
    public void What_is_not_there_is_not_read()
    {
        var suite = OcraSuite.Parse("OCRA-1:HOTP-SHA256-0:QA64");

        Assert.Equal(
            (OathHash.Sha256, 0, false, OcraQuestionFormat.Alphanumeric, 64, 64),
            (suite.Hash, suite.Digits, suite.HasCounter, suite.QuestionFormat, suite.QuestionLength, suite.ResponseLength));
        Assert.Null(suite.PinHash);
        Assert.Null(suite.SessionLength);
        Assert.Null(suite.TimeStep);
    }

    // RFC 6287 §6.4, and the limits of §6.1 to §6.3.
    [Theory]
    [InlineData("OCRA-1:HOTP-SHA512-8:C-QN08-PSHA1")]
    [InlineData("OCRA-1:HOTP-SHA256-6:QA10-T1M")]
    [InlineData("OCRA-1:HOTP-SHA1-4:QH8-S512")]
    [InlineData("OCRA-1:HOTP-SHA1-10:QH64-S001")]
    [InlineData("OCRA-1:HOTP-SHA1-4:QN04-T59S")]
    [InlineData("OCRA-1:HOTP-SHA1-4:QN04-T59M")]
    [InlineData("OCRA-1:HOTP-SHA1-4:QN04-T48H")]
    [InlineData("OCRA-1:HOTP-SHA512-10:C-QA64-PSHA512-S512-T59S")]
    public void The_examples_and_limits_of_the_standard_are_read(string text) => Assert.Equal(text, OcraSuite.Parse(text).ToString());

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    [InlineData("OCRA-2:HOTP-SHA1-6:QN08")]
    [InlineData("ocra-1:HOTP-SHA1-6:QN08")]
    [InlineData("OCRA-1:TOTP-SHA1-6:QN08")]
    [InlineData("OCRA-1:HOTP-SHA384-6:QN08")]
    [InlineData("OCRA-1:HOTP-sha1-6:QN08")]
    [InlineData("OCRA-1:HOTP-SHA1-3:QN08")]
    [InlineData("OCRA-1:HOTP-SHA1-11:QN08")]
    [InlineData("OCRA-1:HOTP-SHA1-06:QN08")]
    [InlineData("OCRA-1:HOTP-SHA1-00:QN08")]
    [InlineData("OCRA-1:HOTP-SHA1-:QN08")]
    [InlineData("OCRA-1:HOTP-SHA1:QN08")]
    [InlineData("OCRA-1:HOTP-SHA1-6-7:QN08")]
    [InlineData("OCRA-1:HOTP-SHA1-6")]
    [InlineData("OCRA-1:HOTP-SHA1-6:")]
    [InlineData("OCRA-1:HOTP-SHA1-6:QN08:")]
    [InlineData("OCRA-1:HOTP-SHA1-6:C")]
    [InlineData("OCRA-1:HOTP-SHA1-6:C-")]
    [InlineData("OCRA-1:HOTP-SHA1-6:CC-QN08")]
    [InlineData("OCRA-1:HOTP-SHA1-6:C-C-QN08")]
    [InlineData("OCRA-1:HOTP-SHA1-6:QN08-C")]
    [InlineData("OCRA-1:HOTP-SHA1-6:Q")]
    [InlineData("OCRA-1:HOTP-SHA1-6:QN")]
    [InlineData("OCRA-1:HOTP-SHA1-6:QX08")]
    [InlineData("OCRA-1:HOTP-SHA1-6:QN03")]
    [InlineData("OCRA-1:HOTP-SHA1-6:QN3")]
    [InlineData("OCRA-1:HOTP-SHA1-6:QN65")]
    [InlineData("OCRA-1:HOTP-SHA1-6:QN008")]
    [InlineData("OCRA-1:HOTP-SHA1-6:QN8\0")]
    [InlineData("OCRA-1:HOTP-SHA1-6:QN+8")]
    [InlineData("OCRA-1:HOTP-SHA1-6:QN08-")]
    [InlineData("OCRA-1:HOTP-SHA1-6:QN08-P")]
    [InlineData("OCRA-1:HOTP-SHA1-6:QN08-PSHA384")]
    [InlineData("OCRA-1:HOTP-SHA1-6:QN08-PSHA1-PSHA1")]
    [InlineData("OCRA-1:HOTP-SHA1-6:QN08-S")]
    [InlineData("OCRA-1:HOTP-SHA1-6:QN08-S64")]
    [InlineData("OCRA-1:HOTP-SHA1-6:QN08-S000")]
    [InlineData("OCRA-1:HOTP-SHA1-6:QN08-S513")]
    [InlineData("OCRA-1:HOTP-SHA1-6:QN08-S064-PSHA1")]
    [InlineData("OCRA-1:HOTP-SHA1-6:QN08-T")]
    [InlineData("OCRA-1:HOTP-SHA1-6:QN08-T1")]
    [InlineData("OCRA-1:HOTP-SHA1-6:QN08-TM")]
    [InlineData("OCRA-1:HOTP-SHA1-6:QN08-T0M")]
    [InlineData("OCRA-1:HOTP-SHA1-6:QN08-T01M")]
    [InlineData("OCRA-1:HOTP-SHA1-6:QN08-T60M")]
    [InlineData("OCRA-1:HOTP-SHA1-6:QN08-T60S")]
    [InlineData("OCRA-1:HOTP-SHA1-6:QN08-T49H")]
    [InlineData("OCRA-1:HOTP-SHA1-6:QN08-T1D")]
    [InlineData("OCRA-1:HOTP-SHA1-6:QN08-T1M-S064")]
    [InlineData("OCRA-1:HOTP-SHA1-6:QN08-T1M-X")]
    [InlineData(" OCRA-1:HOTP-SHA1-6:QN08")]
    [InlineData("OCRA-1:HOTP-SHA1-6:QN08\n")]
    public void What_is_no_suite_is_refused(string? text) => Assert.False(OcraSuite.TryParse(text, out _));

    [Fact]
    public void Parsing_what_is_no_suite_throws()
    {
        Assert.Throws<FormatException>(() => OcraSuite.Parse("OCRA-1:HOTP-SHA1-6"));
        Assert.Throws<ArgumentNullException>("text", () => OcraSuite.Parse(null!));
    }

    [Fact]
    public void Every_suite_is_read_and_written_as_it_was() =>
        OcraGen.SuiteTexts.Sample(text =>
        {
            Assert.InRange(text.Length, 1, OcraSuite.MaxLength);
            Assert.Equal(text, OcraSuite.Parse(text).ToString());
            Assert.Equal(OcraSuite.Parse(text), OcraSuite.Parse(text));
        });

    [Fact]
    public void Every_suite_consists_of_what_was_read() =>
        OcraGen.Suites.Sample(suite =>
        {
            var question = $"Q{"ANH"[(int)suite.QuestionFormat]}{suite.QuestionLength}";
            var step = suite.TimeStep is { } time ? $"-T{time:c}" : "";
            var pin = suite.PinHash is { } hash ? $"-P{hash}" : "";
            var session = suite.SessionLength is { } length ? $"-S{length}" : "";
            var parts = $"{suite.Hash}-{suite.Digits}:{(suite.HasCounter ? "C-" : "")}{question}{pin}{session}{step}";

            Assert.Equal(Normalised(suite.ToString()), parts);
        });

    [Fact]
    public void Two_spellings_are_two_suites()
    {
        Assert.NotEqual(OcraSuite.Parse("OCRA-1:HOTP-SHA1-4:QH8"), OcraSuite.Parse("OCRA-1:HOTP-SHA1-4:QH08"));
        Assert.Equal(OcraSuite.Parse("OCRA-1:HOTP-SHA1-4:QH8").GetHashCode(), OcraSuite.Parse("OCRA-1:HOTP-SHA1-4:QH8").GetHashCode());
    }

    [Fact]
    public void Time_steps_are_counted_from_1970()
    {
        // RFC 6287 appendix C: 132d0b6 steps of a minute.
        var at = DateTimeOffset.Parse("2008-03-25T12:06:30Z", System.Globalization.CultureInfo.InvariantCulture);

        Assert.Equal(0x132d0b6, OcraSuite.Parse("OCRA-1:HOTP-SHA512-8:QN08-T1M").StepAt(at));
        Assert.Equal(0x132d0b6 / 60, OcraSuite.Parse("OCRA-1:HOTP-SHA512-8:QN08-T1H").StepAt(at));
        Assert.Equal(0x132d0b6 / 60 / 48, OcraSuite.Parse("OCRA-1:HOTP-SHA512-8:QN08-T48H").StepAt(at));
        Assert.Throws<InvalidOperationException>(() => OcraSuite.Parse("OCRA-1:HOTP-SHA512-8:QN08").StepAt(at));
    }

    // The suite as its parts are named: Sha1, lengths without zeros, and the step as a time span.
    private static string Normalised(string text)
    {
        var parts = text["OCRA-1:HOTP-".Length..].Replace("SHA", "Sha", StringComparison.Ordinal).Split('-');
        return string.Join('-', parts.Select(part => part switch
        {
            ['S', >= '0' and <= '9', ..] => $"S{int.Parse(part[1..], System.Globalization.CultureInfo.InvariantCulture)}",
            ['T', .., var unit] => $"T{Step(int.Parse(part[1..^1], System.Globalization.CultureInfo.InvariantCulture), unit):c}",
            _ => part
                .Replace("QA0", "QA", StringComparison.Ordinal)
                .Replace("QN0", "QN", StringComparison.Ordinal)
                .Replace("QH0", "QH", StringComparison.Ordinal),
        }));

        static TimeSpan Step(int number, char unit) => TimeSpan.FromSeconds(number * (unit == 'S' ? 1 : unit == 'M' ? 60 : 3600));
    }
}
