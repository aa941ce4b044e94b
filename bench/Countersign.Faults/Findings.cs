using System.Globalization;
using System.Text.Json;
using Countersign.Server.Data;
using Countersign.Server.Features.Access.Sessions;
using Countersign.Server.Features.Ground.Audit;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;

namespace Countersign.Faults;

/// <summary>What the database has of what was acknowledged.</summary>
/// <param name="Lost">Acknowledged sign-ins without their session or without their audit row.</param>
/// <param name="Twice">Codes that were let in more than once.</param>
internal sealed record Findings(int Acknowledged, int Lost, int Twice)
{
    public bool AreWell => Acknowledged > 0 && Lost == 0 && Twice == 0;

    /// <param name="repeated">How many answers began another session when they were sent again.</param>
    public static async Task<Findings> LookAsync(Site site, ClosedLoop loop, int repeated, CancellationToken ct)
    {
        await using var db = site.Services.GetRequiredService<Contexts>().Read();
        var sessions = await db.Set<Session>().Where(s => s.EndedAt == null).Select(s => s.Id).ToHashSetAsync(ct);
        var rows = await db.Set<AuditEvent>().Where(e => e.Event == AuditEvents.SignedIn).Select(e => e.Details).ToListAsync(ct);
        var told = rows.Select(Told).ToList();
        var audited = told.Select(t => t.Session).ToHashSet();
        return new Findings(
            loop.All.Count,
            loop.All.Count(a => !sessions.Contains(a.SessionId) || !audited.Contains(a.SessionId)),
            repeated + told.GroupBy(t => t.Challenge).Sum(same => same.Count() - 1));
    }

    public override string ToString() =>
        string.Create(CultureInfo.InvariantCulture, $"{Acknowledged} acknowledged, {Lost} lost, {Twice} codes accepted twice");

    private static (Guid Session, Guid Challenge) Told(string details)
    {
        using var json = JsonDocument.Parse(details);
        return (json.RootElement.GetProperty("session").GetGuid(), json.RootElement.GetProperty("challenge").GetGuid());
    }
}
