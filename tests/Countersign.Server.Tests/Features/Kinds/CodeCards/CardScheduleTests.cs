using System.ComponentModel.DataAnnotations;
using System.Reflection;
using Countersign.Server.Features.Kinds.CodeCards;
using CsCheck;

namespace Countersign.Server.Tests.Features.Kinds.CodeCards;

/// <summary>Which cells a card asks for, over its whole life.</summary>
public sealed class CardScheduleTests
{
    private static readonly Gen<byte[]> Key = Gen.Byte.Array[CodeCard.KeyLength];

    [Fact]
    public void In_a_round_every_cell_is_asked_once() =>
        Gen.Select(Key, Gen.Int[CardSchedule.FewestCells / 2, 40], Gen.Int[0, 8]).Sample((key, half, lap) =>
        {
            var schedule = new CardSchedule(key, half * 2);

            var asked = Round(schedule, lap).SelectMany(p => new[] { p.First, p.Second });

            Assert.Equal(Enumerable.Range(1, half * 2), asked.Order());
        });

    [Fact]
    public void Of_an_odd_number_of_cells_the_same_one_is_never_asked() =>
        Gen.Select(Key, Gen.Int[CardSchedule.FewestCells / 2, 20]).Sample((key, half) =>
        {
            var schedule = new CardSchedule(key, (half * 2) + 1);

            var asked = All(schedule).SelectMany(p => new[] { p.First, p.Second }).Distinct().ToList();

            Assert.Equal(half * 2, asked.Count);
            Assert.All(asked, a => Assert.InRange(a, 1, (half * 2) + 1));
            Assert.Equal(half, schedule.PairsInRound);
        });

    [Theory]
    [InlineData(10)]
    [InlineData(50)]
    [InlineData(225)]
    [InlineData(224)]
    public void No_pair_is_asked_twice_in_the_life_of_a_card(int cells)
    {
        var schedule = new CardSchedule(new byte[CodeCard.KeyLength], cells);

        var pairs = All(schedule).Select(p => (Math.Min(p.First, p.Second), Math.Max(p.First, p.Second))).ToList();

        Assert.Equal(schedule.Pairs, pairs.Distinct().Count());
        Assert.All(pairs, p => Assert.NotEqual(p.Item1, p.Item2));
    }

    [Fact]
    public void A_cell_that_was_answered_waits_until_all_others_were() =>
        Gen.Select(Key, Gen.Int[CardSchedule.FewestCells / 2, 25]).Sample((key, half) =>
        {
            var uses = new int[half * 2];

            foreach (var (first, second) in All(new CardSchedule(key, half * 2)))
            {
                uses[first - 1]++;
                uses[second - 1]++;
                Assert.True(uses.Max() - uses.Min() <= 1);
            }
        });

    [Fact]
    public void Another_key_is_another_order_and_the_same_key_the_same() =>
        Gen.Select(Key, Key).Where((a, b) => !a.AsSpan().SequenceEqual(b)).Sample((one, other) =>
        {
            Assert.Equal(Round(new CardSchedule(one, 224), 0), Round(new CardSchedule(one, 224), 0));
            Assert.NotEqual(Round(new CardSchedule(one, 224), 0), Round(new CardSchedule(other, 224), 0));
        }, iter: 20);

    /// <summary>No cell and no place is likelier than another: what was asked says nothing of what comes next.</summary>
    [Fact]
    public void The_first_cell_may_be_any()
    {
        const int Cells = 20;
        const int Keys = 20_000;
        var counts = new int[Cells + 1];
        for (var i = 0; i < Keys; i++)
        {
            counts[new CardSchedule(BitConverter.GetBytes(i), Cells).At(0).First]++;
        }

        // Six standard deviations.
        Assert.All(counts.Skip(1), c => Assert.InRange(c, (Keys / Cells) - 190, (Keys / Cells) + 190));
    }

    [Fact]
    public void Beyond_the_last_pair_there_is_none()
    {
        var schedule = new CardSchedule(new byte[CodeCard.KeyLength], 10);

        Assert.Throws<ArgumentOutOfRangeException>(() => schedule.At(schedule.Pairs));
        Assert.Throws<ArgumentOutOfRangeException>(() => schedule.At(-1));
    }

    [Fact]
    public void The_setting_reaches_as_far_as_the_usual_card()
    {
        var range = typeof(CodeCardOptions).GetProperty(nameof(CodeCardOptions.MostUses))!.GetCustomAttribute<RangeAttribute>()!;

        Assert.Equal(new CardSchedule(new byte[CodeCard.KeyLength], 224).Pairs, range.Maximum);
    }

    [Theory]
    [InlineData("a7kx93", "A7KX93")]
    [InlineData(" A7K X93 ", "A7KX93")]
    [InlineData("A7K-X93", "A7KX93")]
    [InlineData("Ａ７ｋ－Ｘ９３", "A7KX93")]
    [InlineData("A7K–X93", "A7KX93")]
    [InlineData("A7K\u3000X93", "A7KX93")]
    [InlineData("A7KX9", null)]
    [InlineData("A7KX933", null)]
    [InlineData("A7KX9é", null)]
    [InlineData("A7KX9\u0131", null)]
    [InlineData("A7KX9\ud800", null)]
    [InlineData("", null)]
    public void An_answer_is_read_as_people_type_it(string typed, string? read) =>
        Assert.Equal(read, CardWriting.TryReadAnswer(typed, out var values) ? values : null);

    [Fact]
    public void Nothing_that_is_typed_breaks_the_reader() =>
        Gen.String.Sample(typed => CardWriting.TryReadAnswer(typed, out var values) ? values!.Length == 6 : true);

    private static IEnumerable<CellPair> Round(CardSchedule schedule, int lap) =>
        Enumerable.Range(lap * schedule.PairsInRound, schedule.PairsInRound).Select(i => schedule.At(i));

    private static IEnumerable<CellPair> All(CardSchedule schedule) => Enumerable.Range(0, schedule.Pairs).Select(i => schedule.At(i));
}
