using System.Globalization;
using NodaTime;
using NodaTime.Extensions;

namespace Countersign.Server.Features.Registry.Users;

/// <summary>Times as a person reads them: in the person's zone, with the zone named.</summary>
internal static class Times
{
    /// <summary>Date and time with the zone named.</summary>
    public static string InWords(DateTimeOffset at, string timeZone, CultureInfo language) =>
        $"{Short(at, timeZone, language)} ({ZoneName(timeZone)})";

    /// <summary>The zone's name as a person reads it.</summary>
    public static string ZoneName(string timeZone) => timeZone.Replace('_', ' ');

    /// <summary>The day that it is there.</summary>
    public static DateOnly DayIn(string timeZone, DateTimeOffset at) =>
        at.ToInstant().InZone(DateTimeZoneProviders.Tzdb.GetZoneOrNull(timeZone) ?? DateTimeZone.Utc).Date.ToDateOnly();

    /// <summary>Date and time alone, for tables that name the zone once.</summary>
    public static string Short(DateTimeOffset at, string timeZone, CultureInfo language)
    {
        var zone = DateTimeZoneProviders.Tzdb.GetZoneOrNull(timeZone) ?? DateTimeZone.Utc;
        var local = at.ToInstant().InZone(zone);
        return local.LocalDateTime.ToDateTimeUnspecified().ToString(
            language.Name.StartsWith("zh", StringComparison.Ordinal) ? "yyyy年M月d日 HH:mm" : "d MMM yyyy, HH:mm", language);
    }
}

/// <summary>
/// A moment that a sentence names. It is said where the sentence is, in that language: what a unit of work refuses is made by a thread
/// that knows nobody's.
/// </summary>
internal sealed record Moment(DateTimeOffset At, string TimeZone) : IFormattable
{
    public string ToString(string? format, IFormatProvider? formatProvider) =>
        Times.InWords(At, TimeZone, formatProvider as CultureInfo ?? CultureInfo.InvariantCulture);
}
