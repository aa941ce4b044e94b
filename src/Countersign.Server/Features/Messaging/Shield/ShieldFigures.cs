using Countersign.Server.Data;
using Microsoft.EntityFrameworkCore;

namespace Countersign.Server.Features.Messaging.Shield;

/// <summary>What went to a block of numbers that nobody had shown to be theirs.</summary>
/// <param name="Asked">Codes sent.</param>
/// <param name="Verified">Numbers that one of these codes came back from.</param>
internal readonly record struct CodeFigures(int Asked, int Verified)
{
    /// <summary>Codes for each number that one came back from; null where none was sent.</summary>
    public double? Ratio => Asked == 0 ? null : Asked / (double)Math.Max(1, Verified);
}

/// <summary>Counts codes by block of numbers. Reads only.</summary>
internal static class ShieldFigures
{
    /// <summary>Since a moment, by block.</summary>
    public static async Task<IReadOnlyDictionary<string, CodeFigures>> ByRangeAsync(
        CountersignDbContext db, DateTimeOffset since, CancellationToken ct)
    {
        var numbers = await db.Set<AdmittedCode>().AsNoTracking().Where(c => c.At >= since)
            .GroupBy(c => new { c.Range, c.UserId, c.Recipient })
            .Select(g => new { g.Key.Range, Codes = g.Count(), Proved = g.Count(c => c.ProvedAt != null) }).ToListAsync(ct);
        return numbers.GroupBy(n => n.Range, StringComparer.Ordinal).ToDictionary(
            g => g.Key, g => new CodeFigures(g.Sum(n => n.Codes), g.Count(n => n.Proved > 0)), StringComparer.Ordinal);
    }
}
