using System.Security.Cryptography;
using Countersign.Protocol.Oath;
using CsCheck;

namespace Countersign.Protocol.Tests.Oath;

public sealed class OcraTests
{
    private static readonly byte[] Key = [.. "12345678901234567890"u8];
    private static readonly OcraSuite Plain = OcraSuite.Parse("OCRA-1:HOTP-SHA1-6:QN08");
    private static readonly OcraSuite Full = OcraSuite.Parse("OCRA-1:HOTP-SHA256-8:C-QH08-PSHA1-S064-T1M");
    private static readonly OcraCase FullCase = new("00ffAA", 0, OcraPin.Hash(OathHash.Sha1, "1234"), [1, 2], 0);

    [Fact]
    public void Every_vector_of_the_standard_has_its_data_and_response()
    {
        var vectors = OcraVectors.All();

        Assert.Equal(70, vectors.Count);
        Assert.All(vectors, vector =>
        {
            Assert.Equal(
                vector.DataInputHash, Convert.ToHexStringLower(SHA256.HashData(Ocra.DataInput(vector.Suite, vector.Case.ToInput()))));
            Assert.Equal(vector.Response, Ocra.Compute(vector.Suite, vector.Key, vector.Case.ToInput()));
            Assert.True(Ocra.Verify(vector.Suite, vector.Key, vector.Case.ToInput(), vector.Response));
        });
    }

    [Fact]
    public void A_second_implementation_computes_the_same_for_every_suite() =>
        Gen.Select(OcraGen.Cases, OathGen.Keys).Sample((fitting, key) =>
        {
            var (suite, input) = fitting;
            Assert.Equal(OcraReference.DataInput(suite, input), Convert.ToHexString(Ocra.DataInput(suite, input.ToInput())));
            Assert.Equal(OcraReference.Compute(suite, key, input), Ocra.Compute(suite, key, input.ToInput()));
        });

    [Theory]
    [InlineData("QN08", "22222222", "153158e0")]
    [InlineData("QN08", "0", "00")]
    [InlineData("QN08", "00000016", "10")]
    [InlineData("QN08", "99999999", "5f5e0ff0")]
    [InlineData("QN08", "9999999999999999", "2386f26fc0ffff")]
    [InlineData("QH08", "abc", "abc0")]
    [InlineData("QH08", "0ABC", "0abc")]
    [InlineData("QA08", "SIG1", "53494731")]
    [InlineData("QA08", "\u00E9", "c3a9")]
    public void A_question_begins_at_the_first_byte(string format, string question, string begin)
    {
        var suite = OcraSuite.Parse($"OCRA-1:HOTP-SHA1-6:{format}");

        var data = Ocra.DataInput(suite, new OcraInput { Question = question });

        var start = suite.ToString().Length + 1;
        Assert.Equal(begin.PadRight(256, '0'), Convert.ToHexStringLower(data.AsSpan(start)));
    }

    [Fact]
    public void A_whole_HMAC_is_written_in_lower_case_hexadecimal_digits()
    {
        var suite = OcraSuite.Parse("OCRA-1:HOTP-SHA256-0:QH64-PSHA256");
        var pin = OcraPin.Hash(OathHash.Sha256, "1234");
        var input = new OcraInput { Question = "00ff", PinHash = pin };

        var response = Ocra.Compute(suite, Key, input);

        Assert.Equal(suite.ResponseLength, response.Length);
        Assert.Equal(Convert.ToHexStringLower(HMACSHA256.HashData(Key, Ocra.DataInput(suite, input))), response);
        Assert.True(Ocra.Verify(suite, Key, input, response));
        Assert.False(Ocra.Verify(suite, Key, input, response.ToUpperInvariant()));
    }

    [Fact]
    public void A_response_with_one_wrong_digit_or_another_length_is_refused()
    {
        var input = new OcraInput { Question = "12345678" };
        var response = Ocra.Compute(Plain, Key, input);

        foreach (var wrong in OathGen.OneDigitOff(response).Append("").Append(response[1..]).Append(response + "0"))
        {
            Assert.False(Ocra.Verify(Plain, Key, input, wrong), wrong);
        }
    }

    [Fact]
    public void A_response_is_written_into_memory_of_the_caller()
    {
        Span<char> place = stackalloc char[7];
        var input = new OcraInput { Question = "00000000" };

        Assert.True(Ocra.TryCompute(Plain, Key, input, place, out var written));
        Assert.Equal("237653", place[..written]);
        Assert.False(Ocra.TryCompute(Plain, Key, input, place[..5], out written));
        Assert.Equal(0, written);
    }

    [Fact]
    public void Every_input_counts()
    {
        OcraCase[] cases =
        [
            FullCase,
            FullCase with { Question = "00ffAB" },
            FullCase with { Counter = 1 },
            FullCase with { PinHash = OcraPin.Hash(OathHash.Sha1, "1235") },
            FullCase with { Session = [1, 3] },
            FullCase with { TimeStep = 1 },
        ];

        Assert.Equal(cases.Length, cases.Select(input => Convert.ToHexString(Ocra.DataInput(Full, input.ToInput()))).Distinct().Count());
    }

    [Fact]
    public void A_missing_input_is_named()
    {
        Refuses("Counter", Full, FullCase with { Counter = null });
        Refuses("Question", Full, FullCase with { Question = "" });
        Refuses("PinHash", Full, FullCase with { PinHash = [] });
        Refuses("Session", Full, FullCase with { Session = [] });
        Refuses("TimeStep", Full, FullCase with { TimeStep = null });
    }

    [Fact]
    public void A_superfluous_input_is_named()
    {
        var plain = new OcraCase("12345678", null, [], [], null);

        Refuses("Counter", Plain, plain with { Counter = 0 });
        Refuses("PinHash", Plain, plain with { PinHash = FullCase.PinHash });
        Refuses("Session", Plain, plain with { Session = [1] });
        Refuses("TimeStep", Plain, plain with { TimeStep = 0 });
    }

    [Fact]
    public void An_input_out_of_range_is_named()
    {
        Refuses("Counter", Full, FullCase with { Counter = -1 });
        Refuses("PinHash", Full, FullCase with { PinHash = new byte[19] });
        Refuses("PinHash", Full, FullCase with { PinHash = new byte[21] });
        Refuses("Session", Full, FullCase with { Session = new byte[65] });
        Refuses("TimeStep", Full, FullCase with { TimeStep = -1 });
    }

    [Theory]
    [InlineData("QN08", "1234567a")]
    [InlineData("QN08", "-1234567")]
    [InlineData("QN08", "１")]
    [InlineData("QN08", "12345678123456781")]
    [InlineData("QH08", "0x12")]
    [InlineData("QH08", "00000000000000000")]
    [InlineData("QA08", "a\tb")]
    [InlineData("QA08", "12345678123456781")]
    [InlineData("QA08", "\u00E9\u00E9\u00E9\u00E9\u00E9\u00E9\u00E9\u00E9\u00E9")]
    public void A_question_of_another_kind_or_length_is_refused(string format, string question) =>
        Refuses("Question", OcraSuite.Parse($"OCRA-1:HOTP-SHA1-6:{format}"), new OcraCase(question, null, [], [], null));

    [Fact]
    public void A_question_that_is_not_Unicode_is_refused() =>
        Refuses("Question", OcraSuite.Parse("OCRA-1:HOTP-SHA1-6:QA08"), new OcraCase("a\uD800", null, [], [], null));

    [Fact]
    public void The_longest_questions_fit()
    {
        foreach (var format in "ANH")
        {
            var suite = OcraSuite.Parse($"OCRA-1:HOTP-SHA512-10:C-Q{format}64-PSHA512-S512-T59S");
            var input = new OcraCase(new string('9', 128), long.MaxValue, new byte[64], new byte[512], long.MaxValue);

            Assert.Equal(OcraReference.Compute(suite, Key, input), Ocra.Compute(suite, Key, input.ToInput()));
            Refuses("Question", suite, input with { Question = new string('9', 129) });
        }
    }

    [Fact]
    public void A_key_is_not_empty_and_a_suite_is_given()
    {
        Assert.Throws<ArgumentException>("key", () => Ocra.Compute(Plain, [], new OcraInput { Question = "1" }));
        Assert.Throws<ArgumentNullException>("suite", () => Ocra.Compute(null!, Key, new OcraInput { Question = "1" }));
    }

    [Fact]
    public void A_PIN_is_hashed_as_the_suite_says()
    {
        Assert.Equal("7110eda4d09e062aa5e4a390b0a572ac0d2c0220", Convert.ToHexStringLower(OcraPin.Hash(OathHash.Sha1, "1234")));
        Assert.Equal(SHA256.HashData("p\u00E9"u8), OcraPin.Hash(OathHash.Sha256, "p\u00E9"));
        Assert.Equal(
            SHA512.HashData(System.Text.Encoding.UTF8.GetBytes(new string('\u4E2D', OcraPin.MaxLength))),
            OcraPin.Hash(OathHash.Sha512, new string('\u4E2D', OcraPin.MaxLength)));
        Assert.Throws<ArgumentException>("pin", () => OcraPin.Hash(OathHash.Sha1, ""));
        Assert.Throws<ArgumentException>("pin", () => OcraPin.Hash(OathHash.Sha1, new string('1', OcraPin.MaxLength + 1)));
        Assert.ThrowsAny<ArgumentException>(() => OcraPin.Hash(OathHash.Sha1, "\uD800"));
        Assert.Throws<ArgumentOutOfRangeException>("hash", () => OcraPin.Hash((OathHash)7, "1234"));
    }

    private static void Refuses(string input, OcraSuite suite, OcraCase refused) =>
        Assert.Throws<ArgumentException>(input, () => Ocra.Compute(suite, Key, refused.ToInput()));
}
