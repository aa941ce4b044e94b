using System.Text;
using Countersign.Fuzz.Targets;

namespace Countersign.Protocol.Tests.Fuzz;

/// <summary>A short run of every target of the fuzzer, the same each time.</summary>
public sealed class FuzzTests
{
    private const int Inputs = 20_000;

    public static TheoryData<string> Targets => [.. FuzzTargets.All.Select(target => target.Name)];

    [Theory]
    [MemberData(nameof(Targets))]
    public void A_parser_keeps_its_promises_whatever_it_is_given(string name)
    {
        var target = FuzzTargets.Find(name)!;
        var mutations = new Mutations([.. target.Seeds.Select(Encoding.UTF8.GetBytes)], number: 1);

        var read = Enumerable.Range(0, Inputs).Count(_ => target.Run(mutations.Next()));

        // Otherwise nothing was tried: the changes are too many, or too few.
        Assert.InRange(read, Inputs / 50, Inputs - (Inputs / 50));
    }

    [Theory]
    [MemberData(nameof(Targets))]
    public void Every_seed_is_read(string name)
    {
        var target = FuzzTargets.Find(name)!;

        Assert.All(target.Seeds, seed => Assert.True(target.Run(Encoding.UTF8.GetBytes(seed)), seed));
    }

    [Fact]
    public void A_parser_that_throws_is_caught_with_the_text_that_it_threw_at()
    {
        var target = new FuzzTarget(
            "throws", [], text => text.Contains('\uD800', StringComparison.Ordinal) ? throw new FormatException() : false);

        Assert.False(target.Run("harmless"u8));
        Assert.EndsWith(" 00D8", Assert.Throws<FuzzFailure>(() => target.Run([0x00, 0xD8])).Message, StringComparison.Ordinal);
    }
}
