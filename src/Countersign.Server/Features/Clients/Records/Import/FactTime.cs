using NodaTime;
using NodaTime.Extensions;

namespace Countersign.Server.Features.Clients.Records.Import;

/// <summary>
/// When a stated fact can have been: one of a day to come would stand against every correction until then, and one of long ago is a
/// slip of the pen.
/// </summary>
internal static class FactTime
{
    private const int OldestYears = 10;

    /// <summary>How far the sender's clock may be ahead of ours.</summary>
    private static readonly TimeSpan Skew = TimeSpan.FromMinutes(5);

    /// <summary>What is wrong with an instant; null where nothing is.</summary>
    public static string? Fault(DateTimeOffset at, DateTimeOffset now) =>
        at > now + Skew ? "is in the future" : at < now.AddYears(-OldestYears) ? $"is more than {OldestYears} years ago" : null;

    /// <summary>What is wrong with a day of a zone; null where nothing is.</summary>
    public static string? Fault(DateOnly day, DateTimeZone zone, DateTimeOffset now)
    {
        var today = (now + Skew).ToInstant().InZone(zone).Date.ToDateOnly();
        return day > today ? "is in the future" : day < today.AddYears(-OldestYears) ? $"is more than {OldestYears} years ago" : null;
    }
}
