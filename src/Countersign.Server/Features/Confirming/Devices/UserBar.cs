namespace Countersign.Server.Features.Confirming.Devices;

/// <summary>A device that counts in the bar.</summary>
/// <param name="Strength">The level that it counts with now.</param>
/// <param name="Own">The level of its kind.</param>
/// <param name="OwnFrom">From when it counts with that; null: never, or already.</param>
/// <param name="Until">When it counts no more; null: as long as it is the client's.</param>
internal sealed record Counted(int Strength, int Own, DateTimeOffset? OwnFrom, DateTimeOffset? Until);

/// <summary>How strong a device has to be to act for a user: as strong as the strongest that counts (D2).</summary>
internal sealed class UserBar(IReadOnlyList<Counted> counted, DateTimeOffset now)
{
    public int Height => counted.Select(c => c.Strength).DefaultIfEmpty().Max();

    /// <summary>From when a strength is enough, if nothing else happens; null where time alone does not do it.</summary>
    public DateTimeOffset? EnoughFrom(int strength)
    {
        var above = counted.Where(c => c.Strength > strength).ToList();
        if (above.Exists(c => c.Until is null))
        {
            return null;
        }

        var from = above.Select(c => c.Until!.Value).DefaultIfEmpty(now).Max();
        return counted.Any(c => c.Own > strength && c.OwnFrom <= from && c.Until is null) ? null : from;
    }
}
