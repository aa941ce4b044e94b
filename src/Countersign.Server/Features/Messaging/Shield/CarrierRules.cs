using System.Globalization;
using Countersign.Server.Data;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Options;
using NodaTime;
using NodaTime.Extensions;
using NodaTime.TimeZones;

namespace Countersign.Server.Features.Messaging.Shield;

/// <summary>Which messages a carrier would hold back, and until when (S3).</summary>
internal sealed class CarrierRules(IOptions<CarrierOptions> options, TimeProvider time)
{
    private static readonly ILookup<string, string> ZonesByCountry = (TzdbDateTimeZoneSource.Default.ZoneLocations ?? []).ToLookup(
        l => l.CountryCode, l => l.ZoneId, StringComparer.OrdinalIgnoreCase);

    /// <summary>Why a code may not be sent to this number now; null when it may.</summary>
    public async Task<Error?> RefusesCodeAsync(CountersignDbContext db, string e164, string region, CancellationToken ct)
    {
        if (options.Value.DoNotCall == CarrierPolicy.RefuseCodes && await IsOnRegisterAsync(db, e164, ct))
        {
            return ShieldErrors.DoNotCall;
        }

        var now = time.GetUtcNow();
        return options.Value.QuietHours == CarrierPolicy.RefuseCodes && QuietUntil(region, zone: null, now) is { } until
            ? ShieldErrors.QuietHours with { RetryAfter = until - now }
            : null;
    }

    /// <summary>From when a message that is no code may be sent; null: never, since its number is on a do-not-call register.</summary>
    /// <param name="zone">The owner's zone, where it is one of the number's country.</param>
    public async Task<DateTimeOffset?> OtherFromAsync(
        CountersignDbContext db, string e164, string region, string? zone, CancellationToken ct)
    {
        if (options.Value.DoNotCall != CarrierPolicy.Warn && await IsOnRegisterAsync(db, e164, ct))
        {
            return null;
        }

        var now = time.GetUtcNow();
        return options.Value.QuietHours == CarrierPolicy.Warn ? now : QuietUntil(region, zone, now) ?? now;
    }

    /// <summary>Those of some numbers that are on a do-not-call register.</summary>
    public static async Task<IReadOnlySet<string>> OnRegisterAsync(
        CountersignDbContext db, IReadOnlyList<string> numbers, CancellationToken ct) =>
        (await db.Set<DoNotCallNumber>().Where(n => numbers.Contains(n.E164)).Select(n => n.E164).ToListAsync(ct)).ToHashSet(
            StringComparer.Ordinal);

    private static Task<bool> IsOnRegisterAsync(CountersignDbContext db, string e164, CancellationToken ct) =>
        db.Set<DoNotCallNumber>().AnyAsync(n => n.E164 == e164, ct);

    /// <summary>
    /// When the quiet hours end that the number's country has now; null when it has none now. A country of several zones is quiet
    /// while any of them is, unless the owner's is known.
    /// </summary>
    public DateTimeOffset? QuietUntil(string region, string? zone, DateTimeOffset now)
    {
        if (!options.Value.Quiet.TryGetValue(region, out var hours))
        {
            return null;
        }

        var parts = hours.Split('-');
        var from = TimeOnly.ParseExact(parts[0], "HH:mm", CultureInfo.InvariantCulture);
        var until = TimeOnly.ParseExact(parts[1], "HH:mm", CultureInfo.InvariantCulture);
        var zones = ZonesByCountry[region];
        var asked = zone is not null && zones.Contains(zone) ? [zone] : zones;
        return asked.Select(z => EndIn(DateTimeZoneProviders.Tzdb[z], from, until, now)).Max();
    }

    private static DateTimeOffset? EndIn(DateTimeZone zone, TimeOnly from, TimeOnly until, DateTimeOffset now)
    {
        var local = now.ToInstant().InZone(zone);
        var at = local.TimeOfDay.ToTimeOnly();
        if (!at.IsBetween(from, until))
        {
            return null;
        }

        var day = at < until ? local.Date : local.Date.PlusDays(1);
        return zone.AtLeniently(day.At(LocalTime.FromTimeOnly(until))).ToDateTimeOffset().ToUniversalTime();
    }
}
