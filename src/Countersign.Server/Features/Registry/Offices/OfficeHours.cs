using System.Globalization;
using NodaTime;
using NodaTime.Extensions;

namespace Countersign.Server.Features.Registry.Offices;

/// <summary>Days of the week with one opening.</summary>
/// <param name="From">Minute of the day.</param>
/// <param name="To">Minute of the day, up to 1440 for midnight.</param>
internal sealed record OpeningTime(IReadOnlyList<IsoDayOfWeek> Days, int From, int To);

/// <summary>When a location is open, by its own clock.</summary>
internal sealed record OfficeHours(DateTimeZone Zone, IReadOnlyList<OpeningTime> Times)
{
    public bool IsOpen(DateTimeOffset now)
    {
        var local = Local(now);
        var minute = (local.Hour * 60) + local.Minute;
        return Times.Any(t => t.Days.Contains(local.DayOfWeek) && t.From <= minute && minute < t.To);
    }

    /// <summary>The time of day there.</summary>
    public string Clock(DateTimeOffset now) => Clock((Local(now).Hour * 60) + Local(now).Minute);

    /// <summary>The opening times, such as <c>Mon–Fri 08:30–20:00</c>, one a line.</summary>
    public IEnumerable<string> InWords(CultureInfo language) =>
        Times.Select(t => $"{Days(t.Days, language)} {Clock(t.From)}–{Clock(t.To)}");

    private LocalDateTime Local(DateTimeOffset now) => now.ToInstant().InZone(Zone).LocalDateTime;

    private static string Clock(int minute) => string.Create(CultureInfo.InvariantCulture, $"{minute / 60:D2}:{minute % 60:D2}");

    /// <summary>Three days and more in a row are said by the first and the last.</summary>
    private static string Days(IReadOnlyList<IsoDayOfWeek> days, CultureInfo language)
    {
        var inRow = days.Count > 2 && days[^1] - days[0] == days.Count - 1;
        var names = (inRow ? [days[0], days[^1]] : days).Select(
            d => language.DateTimeFormat.GetAbbreviatedDayName((DayOfWeek)((int)d % 7)));
        return string.Join(inRow ? "–" : ", ", names);
    }
}
