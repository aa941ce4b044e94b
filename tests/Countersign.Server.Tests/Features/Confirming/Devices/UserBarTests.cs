using Countersign.Server.Features.Confirming.Devices;

namespace Countersign.Server.Tests.Features.Confirming.Devices;

/// <summary>How high a bar lies, and from when a strength reaches it.</summary>
public sealed class UserBarTests
{
    private static readonly DateTimeOffset Now = new(2026, 11, 24, 9, 0, 0, TimeSpan.Zero);

    [Fact]
    public void Who_has_nothing_needs_nothing()
    {
        var bar = new UserBar([], Now);

        Assert.Equal((0, Now), (bar.Height, bar.EnoughFrom(0)));
    }

    [Fact]
    public void What_counts_for_good_is_not_outwaited()
    {
        var bar = new UserBar([new Counted(1, 1, null, null), new Counted(2, 2, null, null)], Now);

        Assert.Equal((2, (DateTimeOffset?)null), (bar.Height, bar.EnoughFrom(1)));
        Assert.Equal(Now, bar.EnoughFrom(2));
    }

    [Fact]
    public void What_is_held_counts_until_the_last_hold_is_over()
    {
        var bar = new UserBar(
            [
                new Counted(1, 1, null, null), new Counted(2, 2, null, Now.AddHours(5)), new Counted(4, 4, null, Now.AddHours(9)),
            ],
            Now);

        Assert.Equal((4, Now.AddHours(9), Now.AddHours(9)), (bar.Height, bar.EnoughFrom(1), bar.EnoughFrom(2)));
    }

    /// <summary>The hour that is named must not be one at which another device has risen above it.</summary>
    [Fact]
    public void What_rises_before_the_hold_is_over_closes_the_way()
    {
        Counted[] held = [new Counted(1, 1, null, null), new Counted(2, 2, null, Now.AddHours(72))];

        Assert.Null(new UserBar([.. held, new Counted(1, 2, Now.AddHours(24), null)], Now).EnoughFrom(1));
        Assert.Equal(Now.AddHours(72), new UserBar([.. held, new Counted(1, 2, Now.AddHours(168), null)], Now).EnoughFrom(1));
    }
}
