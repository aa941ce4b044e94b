using Microsoft.Extensions.Localization;

namespace Countersign.Server.Http;

/// <summary>Lengths of time in words, such as <c>2 minutes</c>: what a regime sets, a page says.</summary>
internal static class Lengths
{
    private const int Minute = 60;
    private const int Hour = 60 * Minute;
    private const int Day = 24 * Hour;

    /// <summary>The length in the largest unit that says it exactly. One day is 24 hours: people count that far.</summary>
    public static string Length(this IStringLocalizer<FrameText> texts, TimeSpan length)
    {
        var seconds = (int)Math.Ceiling(length.TotalSeconds);
        var (count, unit) = seconds switch
        {
            >= 2 * Day when seconds % Day == 0 => (seconds / Day, "day"),
            >= Hour when seconds % Hour == 0 => (seconds / Hour, "hour"),
            >= Minute when seconds % Minute == 0 => (seconds / Minute, "minute"),
            _ => (seconds, "second"),
        };
        return texts["length." + unit + (count == 1 ? null : "s"), count];
    }
}
