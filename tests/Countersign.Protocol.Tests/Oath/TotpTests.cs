using System.Text.Json;
using Countersign.Protocol.Oath;
using CsCheck;

namespace Countersign.Protocol.Tests.Oath;

public sealed class TotpTests
{
    private static readonly byte[] Key = [.. "12345678901234567890"u8];
    private static readonly TotpParameters Usual = new();
    private static readonly DateTimeOffset Noon = new(2026, 1, 2, 12, 0, 0, TimeSpan.Zero);

    [Fact]
    public void Every_vector_of_the_standard_has_its_step_and_codes()
    {
        var file = Vectors.Read("rfc6238.json");
        var vectors = file.GetProperty("vectors").EnumerateArray().ToList();

        Assert.Equal(18, vectors.Count);
        Assert.All(vectors, vector => AssertIsComputed(vector, file.GetProperty("secrets")));
    }

    [Theory]
    [InlineData(0, 30, 0)]
    [InlineData(29, 30, 0)]
    [InlineData(30, 30, 1)]
    [InlineData(-1, 30, -1)]
    [InlineData(-30, 30, -1)]
    [InlineData(-31, 30, -2)]
    [InlineData(86_399, 86_400, 0)]
    [InlineData(7, 1, 7)]
    public void Steps_are_counted_from_their_start(long seconds, int period, long step)
    {
        var start = Noon.AddDays(3);

        Assert.Equal(step, Totp.StepAt(DateTimeOffset.FromUnixTimeSeconds(seconds), period));
        Assert.Equal(step, Totp.StepAt(start.AddSeconds(seconds), period, start));
    }

    [Fact]
    public void A_step_does_not_depend_on_the_time_zone() =>
        Assert.Equal(Totp.StepAt(Noon), Totp.StepAt(Noon.ToOffset(TimeSpan.FromHours(8))));

    [Fact]
    public void A_code_is_found_exactly_inside_the_window() =>
        Gen.Select(OathGen.Keys, OathGen.Parameters, Gen.Long[0, 4_000_000_000], Gen.Int[0, 3], Gen.Int[0, 3], Gen.Int[-5, 5]).Sample(
            (key, parameters, seconds, back, ahead, offset) =>
            {
                var now = DateTimeOffset.FromUnixTimeSeconds(seconds);
                var current = Totp.StepAt(now, parameters.Period);
                var code = Totp.Compute(key, Math.Max(0, current + offset), parameters);

                // By chance two steps have one code; the newest of them is right.
                var inside = Enumerable.Range(-back, back + ahead + 1).Select(i => current + i)
                    .Where(step => step >= 0 && Totp.Compute(key, step, parameters) == code).Select(step => (long?)step);
                Assert.Equal(inside.LastOrDefault(), Totp.FindStep(key, code, now, parameters, back, ahead));
                Assert.True(offset < -back || offset > ahead || Totp.FindStep(key, code, now, parameters, back, ahead) is not null);
            });

    [Theory]
    [InlineData(-2, 1, 1, false)]
    [InlineData(-1, 1, 1, true)]
    [InlineData(0, 0, 0, true)]
    [InlineData(1, 1, 1, true)]
    [InlineData(2, 1, 1, false)]
    [InlineData(-1, 0, 1, false)]
    [InlineData(1, 1, 0, false)]
    public void So_many_steps_back_and_ahead_count(int offset, int back, int ahead, bool found)
    {
        var step = Totp.StepAt(Noon) + offset;

        Assert.Equal(found ? step : null, Totp.FindStep(Key, Totp.Compute(Key, step, Usual), Noon, Usual, back, ahead));
    }

    [Fact]
    public void Of_two_steps_with_one_code_the_newest_is_found()
    {
        var last = new Dictionary<string, long>(StringComparer.Ordinal);
        var step = Totp.StepAt(Noon);
        var code = Totp.Compute(Key, step, Usual);
        while (!last.TryGetValue(code, out var earlier) || step - earlier > Totp.MaxSteps)
        {
            last[code] = step++;
            code = Totp.Compute(Key, step, Usual);
        }

        var now = DateTimeOffset.FromUnixTimeSeconds(step * Usual.Period);

        Assert.Equal(step, Totp.FindStep(Key, code, now, Usual, Totp.MaxSteps, 0));
        Assert.Equal(last[code], Totp.FindStep(Key, code, now.AddSeconds(-Usual.Period), Usual, Totp.MaxSteps, 0));
    }

    [Fact]
    public void A_code_with_one_wrong_digit_is_refused()
    {
        var step = Totp.StepAt(Noon);

        Assert.All(OathGen.OneDigitOff(Totp.Compute(Key, step, Usual)), wrong => Assert.Null(Totp.FindStep(Key, wrong, Noon, Usual, 0, 0)));
    }

    [Fact]
    public void Before_the_first_step_nothing_is_found()
    {
        var code = Totp.Compute(Key, 0, Usual);

        Assert.Null(Totp.FindStep(Key, code, DateTimeOffset.FromUnixTimeSeconds(-31), Usual, 5, 1));
        Assert.Equal(0, Totp.FindStep(Key, code, DateTimeOffset.FromUnixTimeSeconds(-1), Usual, 5, 1));
        Assert.Equal(0, Totp.FindStep(Key, code, DateTimeOffset.FromUnixTimeSeconds(59), Usual, 5, 0));
        Assert.Null(Totp.FindStep(Key, code, DateTimeOffset.MinValue, Usual, 1, 1));

        // So long before that the number of steps up to then has more than 32 bits.
        Assert.Null(Totp.FindStep(Key, code, DateTimeOffset.FromUnixTimeSeconds(10 - (1L << 32)), Usual with { Period = 1 }, 0, 1));
        Assert.Null(Totp.FindStep(Key, code, DateTimeOffset.MaxValue, Usual, 1, 1));
    }

    [Fact]
    public void The_limits_hold()
    {
        Assert.Throws<ArgumentOutOfRangeException>(() => new TotpParameters(digits: 5));
        Assert.Throws<ArgumentOutOfRangeException>(() => Usual with { Digits = 9 });
        Assert.Throws<ArgumentOutOfRangeException>(() => Usual with { Period = 0 });
        Assert.Throws<ArgumentOutOfRangeException>(() => new TotpParameters(period: TotpParameters.MaxPeriod + 1));
        Assert.Throws<ArgumentOutOfRangeException>(() => new TotpParameters((OathHash)(-1)));
        Assert.Throws<ArgumentOutOfRangeException>("period", () => Totp.StepAt(Noon, 0));
        Assert.Throws<ArgumentOutOfRangeException>("stepsBack", () => Totp.FindStep(Key, "123456", Noon, Usual, -1, 0));
        Assert.Throws<ArgumentOutOfRangeException>("stepsAhead", () => Totp.FindStep(Key, "123456", Noon, Usual, 0, Totp.MaxSteps + 1));
        Assert.Throws<ArgumentOutOfRangeException>(() => Totp.Compute(Key, -1, Usual));
        Assert.Throws<ArgumentException>("key", () => Totp.Compute([], 0, Usual));
    }

    private static void AssertIsComputed(JsonElement vector, JsonElement secrets)
    {
        var key = secrets.GetProperty(vector.Text("algorithm")).Bytes("hex");
        var hash = Enum.Parse<OathHash>(vector.Text("algorithm"), ignoreCase: true);
        var at = DateTimeOffset.FromUnixTimeSeconds(vector.GetProperty("unix_time").GetInt64());
        var step = Totp.StepAt(at);

        Assert.Equal(Convert.ToInt64(vector.Text("T_hex"), 16), step);
        Assert.Equal(vector.Text("totp8"), Totp.Compute(key, step, new TotpParameters(hash, digits: 8)));
        Assert.Equal(vector.Text("derived_totp6"), Totp.Compute(key, step, new TotpParameters(hash)));
    }
}
