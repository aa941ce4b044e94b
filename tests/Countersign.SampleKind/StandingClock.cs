namespace Countersign.SampleKind;

/// <summary>A clock that goes only when it is told to.</summary>
internal sealed class StandingClock(DateTimeOffset now) : TimeProvider
{
    private long _ticks = now.UtcTicks;

    public void Set(DateTimeOffset to) => Volatile.Write(ref _ticks, to.UtcTicks);

    public override DateTimeOffset GetUtcNow() => new(Volatile.Read(ref _ticks), TimeSpan.Zero);
}
