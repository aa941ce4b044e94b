using Countersign.Server.Data;

namespace Countersign.Server.Features.Ground.Rations;

/// <summary>How much is allowed.</summary>
/// <param name="Limit">Uses within the window.</param>
/// <param name="Window">How long uses count.</param>
/// <param name="FromLast">The window runs from the last use (a lock) instead of from the first (a budget).</param>
/// <param name="Gap">Least time between two uses.</param>
internal sealed record RationRule(int Limit, TimeSpan Window, bool FromLast = false, TimeSpan Gap = default)
{
    /// <summary>A use before this moment is waited for no more, though it counts; null: each is, for as long as the gap.</summary>
    public DateTimeOffset? GapEndedAt { get; init; }

    /// <summary>The latest use after which there can be another one now.</summary>
    public DateTimeOffset LatestBefore(DateTimeOffset now) =>
        GapEndedAt - TimeSpan.FromMicroseconds(1) is { } ended && ended > now - Gap ? ended : now - Gap;
}

/// <summary>
/// Counts uses by one conditional statement, the same on both databases: two that arrive together never share the last one.
/// </summary>
internal sealed class Rationing(TimeProvider time)
{
    /// <remarks>A window begins anew with the first use after it is over.</remarks>
    private static readonly SqlStatement Take = new("""
        INSERT INTO rations (owner, name, used, started_at, last_at) VALUES ($1, $2, $8, $3, $3)
        ON CONFLICT (owner, name) DO UPDATE SET
          used = CASE WHEN (CASE WHEN $4 THEN rations.last_at ELSE rations.started_at END) <= $5 THEN $8 ELSE rations.used + $8 END,
          started_at = CASE WHEN (CASE WHEN $4 THEN rations.last_at ELSE rations.started_at END) <= $5 THEN $3 ELSE rations.started_at END,
          last_at = CASE WHEN rations.last_at > $3 THEN rations.last_at ELSE $3 END
        WHERE ((CASE WHEN $4 THEN rations.last_at ELSE rations.started_at END) <= $5 OR rations.used + $8 <= $6)
          AND rations.last_at <= $7
        """);

    private static readonly SqlStatement Clear = new("DELETE FROM rations WHERE owner = $1 AND name = $2");

    private static readonly SqlStatement Return = new("UPDATE rations SET used = used - $3 WHERE owner = $1 AND name = $2 AND used >= $3");

    private static readonly SqlQuery<Ration> Find = SqlQuery.Of<Ration>("WHERE r.owner = $1 AND r.name = $2");

    /// <summary>Takes one use, or what several weigh. False: not as much is left, and nothing was changed.</summary>
    public Task<bool> TakeAsync(CountersignDbContext db, Guid owner, string name, RationRule rule, int uses = 1)
    {
        var now = time.GetUtcNow();
        var at = now.ToUnixMicroseconds();
        var forgotten = (now - rule.Window).ToUnixMicroseconds();

        // Without a gap no order is asked for: of two that arrive together the earlier one may come second, and clocks of nodes differ.
        var spaced = rule.Gap == default ? long.MaxValue : rule.LatestBefore(now).ToUnixMicroseconds();
        return db.TryChangeOneAsync(Take, owner, name, at, rule.FromLast, forgotten, rule.Limit, spaced, uses).AsTask();
    }

    /// <summary>When the next use is allowed; now or earlier when it already is.</summary>
    public static async Task<DateTimeOffset> NextAsync(
        CountersignDbContext db, Guid owner, string name, RationRule rule, CancellationToken ct)
    {
        if (await db.ReadOneAsync(Find, [owner, name], ct) is not { } ration)
        {
            return DateTimeOffset.UnixEpoch;
        }

        var windowEnd = (rule.FromLast ? ration.LastAt : ration.StartedAt) + rule.Window;
        var spaced = ration.LastAt < rule.GapEndedAt ? ration.LastAt : ration.LastAt + rule.Gap;
        return ration.Used >= rule.Limit && windowEnd > spaced ? windowEnd : spaced;
    }

    /// <summary>When the window that runs, or ran last, began; null where nothing was ever taken.</summary>
    public static async Task<DateTimeOffset?> BeganAsync(CountersignDbContext db, Guid owner, string name, CancellationToken ct) =>
        (await db.ReadOneAsync(Find, [owner, name], ct))?.StartedAt;

    /// <summary>Forgets the uses: a success resets what failures took.</summary>
    public static Task ClearAsync(CountersignDbContext db, Guid owner, string name) => db.ChangeAsync(Clear, owner, name).AsTask();

    /// <summary>Gives back what was taken: it turned out to be no use.</summary>
    public static Task ReturnAsync(CountersignDbContext db, Guid owner, string name, int uses = 1) =>
        db.ChangeAsync(Return, owner, name, uses).AsTask();
}
