using System.Globalization;
using System.Text;
using Countersign.Server.Data;
using Countersign.Server.Features.Messaging.Messages;
using Countersign.Server.Features.Messaging.Shield;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Options;

namespace Countersign.Server.Features.Pages.Operators;

/// <summary>
/// What was sent and what it cost, by month (UTC), gateway, country and channel, as CSV (RFC 4180). Written month by month as it is read:
/// as many months as messages are kept, and of each no more rows than there are gateways and countries.
/// </summary>
internal sealed class MessageCosts(IOptions<ShieldOptions> options, TimeProvider time)
{
    private const string Header = "month,gateway,country,channel,messages,parts,cost_usd";

    public async Task WriteAsync(CountersignDbContext db, TextWriter to, CancellationToken ct)
    {
        await to.WriteAsync(Header + "\r\n");
        var first = await db.Set<Message>().OrderBy(m => m.CreatedAt).Select(m => (DateTimeOffset?)m.CreatedAt).FirstOrDefaultAsync(ct);
        var now = time.GetUtcNow();
        for (var month = MonthOf(first ?? now); month <= now; month = month.AddMonths(1))
        {
            await WriteMonthAsync(db, month, to, ct);
        }
    }

    private static DateTimeOffset MonthOf(DateTimeOffset at) => new(at.Year, at.Month, 1, 0, 0, 0, TimeSpan.Zero);

    private async Task WriteMonthAsync(CountersignDbContext db, DateTimeOffset month, TextWriter to, CancellationToken ct)
    {
        var end = month.AddMonths(1);
        var blocks = db.Set<Message>().AsNoTracking()
            .Where(m => m.CreatedAt >= month && m.CreatedAt < end && m.SentAt != null)
            .GroupBy(m => new { m.Gateway, m.Region, m.Range, m.Channel })
            .Select(g => new
            {
                g.Key.Gateway,
                g.Key.Region,
                g.Key.Range,
                g.Key.Channel,
                Sent = g.Count(),
                Parts = g.Sum(m => m.Parts > 0 ? m.Parts : 1),
            })
            .AsAsyncEnumerable();
        var rows = new SortedDictionary<(string Gateway, string Region, string Channel), (long Sent, long Parts, decimal Cost)>();
        await foreach (var block in blocks.WithCancellation(ct))
        {
            // Mail has neither a country nor a price.
            var price = block.Range is null ? 0m : options.Value.PriceOf(block.Region, block.Range);
            var key = (block.Gateway ?? string.Empty, block.Region ?? string.Empty, block.Channel.ToString().ToLowerInvariant());
            var (sent, parts, cost) = rows.GetValueOrDefault(key);
            rows[key] = (sent + block.Sent, parts + (block.Range is null ? 0 : block.Parts), cost + (block.Parts * price));
        }

        foreach (var ((gateway, region, channel), (sent, parts, cost)) in rows)
        {
            await to.WriteAsync(string.Create(
                CultureInfo.InvariantCulture,
                $"{month:yyyy-MM},{Cell(gateway)},{Cell(region)},{channel},{sent},{parts},{cost:0.0000}\r\n"));
        }
    }

    /// <summary>A cell that no spreadsheet takes for a formula (CWE-1236).</summary>
    private static string Cell(string text)
    {
        var safe = text.Length > 0 && "=+-@\t\r".Contains(text[0], StringComparison.Ordinal) ? "'" + text : text;
        return safe.AsSpan().IndexOfAny(",\"\r\n") < 0 ? safe : $"\"{safe.Replace("\"", "\"\"", StringComparison.Ordinal)}\"";
    }
}

/// <summary>The answer that a browser saves as a file.</summary>
internal sealed class MessageCostsFile(MessageCosts costs, CountersignDbContext db) : Microsoft.AspNetCore.Mvc.IActionResult
{
    public async Task ExecuteResultAsync(Microsoft.AspNetCore.Mvc.ActionContext context)
    {
        var http = context.HttpContext;
        http.Response.ContentType = "text/csv; charset=utf-8; header=present";
        http.Response.Headers.ContentDisposition = "attachment; filename=\"message-costs.csv\"";
        http.Response.Headers.CacheControl = "no-store";
        await using var to = new StreamWriter(http.Response.Body, new UTF8Encoding(encoderShouldEmitUTF8Identifier: false));
        await costs.WriteAsync(db, to, http.RequestAborted);
    }
}
