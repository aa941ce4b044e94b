using System.Globalization;
using NodaTime;
using NodaTime.Extensions;

namespace Countersign.Server.Features.Users;

/// <summary>Times as a person reads them: in the person's zone, with the zone named.</summary>
internal static class Times
{
    public static string InWords(DateTimeOffset at, string timeZone, CultureInfo language)
    {
        var zone = DateTimeZoneProviders.Tzdb.GetZoneOrNull(timeZone) ?? DateTimeZone.Utc;
        var local = at.ToInstant().InZone(zone);
        var date = local.LocalDateTime.ToDateTimeUnspecified().ToString(language.Name.StartsWith("zh", StringComparison.Ordinal) ? "yyyy年M月d日 HH:mm" : "d MMM yyyy, HH:mm", language);
        return $"{date} ({timeZone.Replace('_', ' ')})";
    }
}
