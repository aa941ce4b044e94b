using Countersign.Server.Data;
using Countersign.Server.Features.Messaging.Messages;
using Countersign.Server.Features.Messaging.Shield;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Options;

namespace Countersign.Server.Features.Pages.Operators;

/// <summary>Messages to a block of numbers, what they cost and whether codes come back.</summary>
internal sealed record TrafficFigures(string Region, string Prefix, int Sent, int Failed, CodeFigures Codes, decimal Spend);

/// <summary>Counts what was sent, by block of numbers. Reads only.</summary>
internal sealed class Traffic(IOptions<ShieldOptions> options)
{
    /// <summary>The ratio of codes to verified numbers from which the shield stops a block.</summary>
    public double AlarmRatio => options.Value.AlarmRatio;

    /// <summary>The blocks with the most messages since a moment.</summary>
    public async Task<IReadOnlyList<TrafficFigures>> ByRangeAsync(
        CountersignDbContext db, DateTimeOffset since, int most, CancellationToken ct)
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
        var codes = await ShieldFigures.ByRangeAsync(db, since, ct);
        return [.. ranges.Select(r => new TrafficFigures(
            r.Region ?? "ZZ", r.Range!, r.Sent, r.Failed, codes.GetValueOrDefault(r.Range!),
            r.Parts * options.Value.PriceOf(r.Region, r.Range!)))];
    }
}
