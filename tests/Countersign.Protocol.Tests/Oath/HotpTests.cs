using System.Text.Json;
using Countersign.Protocol.Oath;
using CsCheck;
using OtherHotp = OtpNet.Hotp;
using OtherMode = OtpNet.OtpHashMode;

namespace Countersign.Protocol.Tests.Oath;

public sealed class HotpTests
{
    private static readonly byte[] Key = [.. "12345678901234567890"u8];
    private static readonly JsonElement Rfc4226 = Vectors.Read("rfc4226.json");

    [Fact]
    public void Every_vector_of_the_standard_has_its_code()
    {
        var key = Rfc4226.Bytes("secret_hex");
        var vectors = Rfc4226.GetProperty("vectors").EnumerateArray().ToList();

        Assert.Equal(10, vectors.Count);
        Assert.All(vectors, vector => Assert.Equal(vector.Text("hotp6"), Hotp.Compute(key, vector.GetProperty("counter").GetInt64())));
    }

    [Theory]
    [InlineData(7)]
    [InlineData(8)]
    public void Longer_codes_show_more_of_the_same_number(int digits)
    {
        var expected = Rfc4226.GetProperty("derived_7_and_8_digits").GetProperty($"{digits}").EnumerateArray().Select(
            code => code.GetString());

        Assert.Equal(expected, Enumerable.Range(0, 10).Select(counter => Hotp.Compute(Key, counter, digits)));
    }

    [Fact]
    public void Another_library_computes_the_same() =>
        Gen.Select(OathGen.Keys, Gen.Long[0, long.MaxValue], OathGen.Digits, OathGen.Hashes).Sample((key, counter, digits, hash) =>
            Assert.Equal(
                new OtherHotp(key, Enum.Parse<OtherMode>(hash.ToString()), digits).ComputeHOTP(counter),
                Hotp.Compute(key, counter, digits, hash)));

    [Fact]
    public void A_code_is_found_exactly_inside_the_window() =>
        Gen.Select(OathGen.Keys, Gen.Long[0, 1L << 40], Gen.Int[1, 12], Gen.Int[-3, 15]).Sample((key, from, window, offset) =>
        {
            var counter = Math.Max(0, from + offset);
            var code = Hotp.Compute(key, counter, 8);

            // Two of these few counters share eight digits once in millions of samples; the first of them is right.
            var expected = Enumerable.Range(0, window).Select(i => (long?)(from + i)).FirstOrDefault(
                c => Hotp.Compute(key, c!.Value, 8) == code);
            Assert.Equal(counter >= from && counter < from + window, expected is not null);
            Assert.Equal(expected, Hotp.FindCounter(key, code, from, window, 8));
        });

    [Fact]
    public void A_code_with_one_wrong_digit_is_refused() =>
        Assert.All(
            OathGen.OneDigitOff(Hotp.Compute(Key, 7)),
            wrong => Assert.Null(Hotp.FindCounter(Key, wrong, 7, 1)));

    [Fact]
    public void Of_two_counters_with_one_code_the_first_is_found()
    {
        var seen = new Dictionary<string, long>(StringComparer.Ordinal);
        var counter = 0L;
        while (seen.TryAdd(Hotp.Compute(Key, counter), counter))
        {
            counter++;
        }

        var code = Hotp.Compute(Key, counter);
        var first = seen[code];

        Assert.Equal(first, Hotp.FindCounter(Key, code, first, (int)(counter - first) + 1));
        Assert.Equal(counter, Hotp.FindCounter(Key, code, first + 1, (int)(counter - first)));
    }

    [Theory]
    [InlineData("")]
    [InlineData("75522")]
    [InlineData("7552240")]
    [InlineData("75522４")]
    [InlineData(" 755224")]
    public void What_is_no_code_is_not_found(string code) => Assert.Null(Hotp.FindCounter(Key, code, 0, 10));

    [Fact]
    public void The_window_ends_at_the_last_counter()
    {
        var code = Hotp.Compute(Key, long.MaxValue);

        Assert.Equal(long.MaxValue, Hotp.FindCounter(Key, code, long.MaxValue - 1, 100));
    }

    [Fact]
    public void A_code_is_written_into_memory_of_the_caller()
    {
        Span<char> place = stackalloc char[8];

        Assert.True(Hotp.TryCompute(Key, 0, place, out var written));
        Assert.Equal("755224", place[..written]);
        Assert.False(Hotp.TryCompute(Key, 0, place[..5], out written));
        Assert.Equal(0, written);
    }

    [Fact]
    public void The_limits_hold()
    {
        Assert.Throws<ArgumentException>("key", () => Hotp.Compute([], 0));
        Assert.Throws<ArgumentOutOfRangeException>("counter", () => Hotp.Compute(Key, -1));
        Assert.Throws<ArgumentOutOfRangeException>("digits", () => Hotp.Compute(Key, 0, 5));
        Assert.Throws<ArgumentOutOfRangeException>("digits", () => Hotp.Compute(Key, 0, 9));
        Assert.Throws<ArgumentOutOfRangeException>("hash", () => Hotp.Compute(Key, 0, 6, (OathHash)3));
        Assert.Throws<ArgumentOutOfRangeException>("from", () => Hotp.FindCounter(Key, "755224", -1, 1));
        Assert.Throws<ArgumentOutOfRangeException>("window", () => Hotp.FindCounter(Key, "755224", 0, 0));
        Assert.Throws<ArgumentOutOfRangeException>("window", () => Hotp.FindCounter(Key, "755224", 0, Hotp.MaxWindow + 1));
    }
}
