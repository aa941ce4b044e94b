using Countersign.Server.Data;
using Countersign.Server.Features.Clients.NumberSettings;
using Countersign.Server.Features.Confirming.Challenges;
using Countersign.Server.Features.Messaging.Messages;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Options;

namespace Countersign.Server.Features.Messaging.Shield;

/// <summary>Messages to a country or to a block of numbers.</summary>
/// <param name="Asked">Codes sent to numbers that nobody had shown to be theirs.</param>
/// <param name="Verified">How many of these challenges a code came back to.</param>
internal sealed record TrafficFigures(string Region, string Prefix, int Sent, int Failed, int Asked, int Verified, decimal Spend)
{
    /// <summary>Messages to unproven numbers for each one that came back; null where none was sent.</summary>
    public double? Ratio => Asked == 0 ? null : Asked / (double)Math.Max(1, Verified);
}

/// <summary>Counts what was sent, by country and by block of numbers. Reads only.</summary>
internal sealed class ShieldFigures(IOptions<ShieldOptions> options)
{
    private const string Codes = "code";

    /// <summary>The blocks with the most messages since a moment.</summary>
    public async Task<IReadOnlyList<TrafficFigures>> ByRangeAsync(CountersignDbContext db, DateTimeOffset since, int most, CancellationToken ct)
    {
        var ranges = await db.Set<Message>().AsNoTracking().Where(m => m.CreatedAt >= since && m.Range != null)
            .GroupBy(m => new { m.Region, m.Range }).OrderByDescending(g => g.Count()).Take(most)
            .Select(g => new
            {
                g.Key.Region,
                g.Key.Range,
                Sent = g.Count(m => m.SentAt != null),
                Failed = g.Count(m => m.State == MessageState.Failed || m.State == MessageState.Expired),
                Parts = g.Sum(m => m.SentAt == null ? 0 : m.Parts > 0 ? m.Parts : 1),
            }).ToListAsync(ct);
        var asked = await AskedAsync(db, since, ct);
        return [.. ranges.Select(r =>
        {
            var (sent, verified) = asked.GetValueOrDefault(r.Range!);
            return new TrafficFigures(r.Region ?? "ZZ", r.Range!, r.Sent, r.Failed, sent, verified, r.Parts * options.Value.PriceOf(r.Region));
        })];
    }

    /// <summary>By block: messages with a code to unproven numbers, and the challenges that such a code came back to.</summary>
    public static async Task<IReadOnlyDictionary<string, (int Asked, int Verified)>> AskedAsync(CountersignDbContext db, DateTimeOffset since, CancellationToken ct)
    {
        var rows = await (from m in db.Set<Message>().AsNoTracking()
                          join c in db.Set<Challenge>() on new { m.UserId, Id = m.ChallengeId } equals new { c.UserId, Id = (Guid?)c.Id }
                          where m.CreatedAt >= since && m.Range != null && m.Template == Codes && c.Purpose == NumberVerificationPurpose.PurposeId
                          group new { c.State, c.Id } by new { m.Range, c.Id, c.State } into g
                          select new { g.Key.Range, Messages = g.Count(), Used = g.Key.State == ChallengeState.Used }).ToListAsync(ct);
        return rows.GroupBy(r => r.Range!, StringComparer.Ordinal).ToDictionary(g => g.Key, g => (g.Sum(r => r.Messages), g.Count(r => r.Used)), StringComparer.Ordinal);
    }
}
