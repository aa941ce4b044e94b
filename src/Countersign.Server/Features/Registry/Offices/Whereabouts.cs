using Countersign.Server.Http;
using NodaTime.TimeZones;

namespace Countersign.Server.Features.Registry.Offices;

/// <summary>
/// Guesses from a request in which country a person is, without asking the database: a dead end may be one because that is away.
/// </summary>
internal static class Whereabouts
{
    private const int LongestTag = 35;

    private static readonly Dictionary<string, string> ZoneCountries =
        TzdbDateTimeZoneSource.Default.ZoneLocations!.GroupBy(l => l.ZoneId).ToDictionary(
            g => g.Key, g => g.First().CountryCode, StringComparer.Ordinal);

    /// <summary>By the client's time zone, else by the browser's languages.</summary>
    public static string? Of(HttpContext http) =>
        http.SignedInPerson() is { } person && ZoneCountries.TryGetValue(person.TimeZone, out var country)
            ? country
            : OfLanguage(http);

    /// <summary>The country in the browser's languages, such as HK in <c>zh-HK</c>.</summary>
    public static string? OfLanguage(HttpContext http) =>
        http.Request.GetTypedHeaders().AcceptLanguage.OrderByDescending(l => l.Quality ?? 1)
            .Where(l => l.Value.Length <= LongestTag).Select(l => Country(l.Value.Value)).FirstOrDefault(c => c is not null);

    private static string? Country(string? tag) =>
        tag?.Split('-', '_').Skip(1).FirstOrDefault(p => p.Length == 2 && p.All(char.IsAsciiLetter))?.ToUpperInvariant();
}
