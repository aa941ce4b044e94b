using Countersign.Server.Tests.Guards.ReachSamples;

namespace Countersign.Server.Tests.Guards;

/// <summary>The guard of opened credentials is worth what it finds.</summary>
public sealed class ReachTests
{
    private static readonly Reach Reach = new(typeof(ReachTests).Assembly, typeof(Secret), typeof(IKeeper).IsAssignableFrom);

    public static TheoryData<Type> Leaks =>
    [
        typeof(TakesIt), typeof(TakesItInACall), typeof(TakesOneThatReturnsIt), typeof(TakesOneThatReturnsManyLater),
        typeof(TakesOneThatHoldsIt),
        typeof(TakesOneThatHandsItOut), typeof(TakesOneThatCallsBack), typeof(TakesOneByAStep), typeof(TakesOneThatInheritsIt),
        typeof(TakesAnInterface), typeof(Derives), typeof(TakesAHeir),
    ];

    [Theory]
    [MemberData(nameof(Leaks))]
    public void A_leak_is_found(Type start) => Assert.NotEmpty(Reach.WaysFrom(start));

    [Theory]
    [InlineData(typeof(TakesAKeeper))]
    [InlineData(typeof(TakesOneThatHidesIt))]
    [InlineData(typeof(TakesOneMadeOfItself<string>))]
    public void Where_is_none_none_is_found(Type start) => Assert.Empty(Reach.WaysFrom(start));

    [Fact]
    public void The_way_is_told() =>
        Assert.Equal(["TakesOneByAStep..ctor(step) → Step.Next() → Returns.OpenAsync()"], Reach.WaysFrom(typeof(TakesOneByAStep)));
}
