using System.Globalization;
using System.Text.Json;
using Countersign.Server.Data;
using Countersign.Server.Features.Ground.Audit;
using Countersign.Server.Features.Registry.Users;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Localization;

namespace Countersign.Server.Features.Access.Sessions;

/// <summary>One event in words.</summary>
/// <param name="Good">True for a success, false for a failure.</param>
internal sealed record HistoryLine(DateTimeOffset At, string Event, string When, string What, string Source, string Browser, bool Good);

/// <summary>A user's own past, in words: what the client sees and what an agent reads out.</summary>
internal sealed class History(IStringLocalizer<AuditText> texts)
{
    private static readonly string[] Failures =
    [
        AuditEvents.PasswordWrong, AuditEvents.PasswordLocked, AuditEvents.NoDevice, AuditEvents.ResponseWrong, AuditEvents.Failed,
        AuditEvents.PasswordChangeForced,
    ];
    private static readonly string[] SignIns =
    [
        AuditEvents.SignedIn, AuditEvents.PasswordWrong, AuditEvents.PasswordLocked, AuditEvents.ResponseWrong, AuditEvents.Failed,
    ];

    /// <summary>The latest sign-ins and what went wrong with others, newest first.</summary>
    public Task<IReadOnlyList<HistoryLine>> SignInsAsync(CountersignDbContext db, UserView user, int count, CancellationToken ct) =>
        ReadAsync(db, user, SignIns, count, ct);

    /// <summary>The last sign-in before a moment, however many failures lie between; null if there was none.</summary>
    public async Task<HistoryLine?> SignInBeforeAsync(
        CountersignDbContext db, UserView user, DateTimeOffset before, CancellationToken ct) =>
        (await ReadAsync(db, user, [AuditEvents.SignedIn], count: 1, ct, before)).SingleOrDefault();

    /// <summary>The latest failures, newest first.</summary>
    public Task<IReadOnlyList<HistoryLine>> FailuresAsync(CountersignDbContext db, UserView user, int count, CancellationToken ct) =>
        ReadAsync(db, user, Failures, count, ct);

    private async Task<IReadOnlyList<HistoryLine>> ReadAsync(
        CountersignDbContext db, UserView user, string[] events, int count, CancellationToken ct, DateTimeOffset? before = null)
    {
        var rows = await db.Set<AuditEvent>()
            .AsNoTracking()
            .Where(e => e.UserId == user.Id && events.Contains(e.Event) && (before == null || e.At < before))
                .OrderByDescending(e => e.At).ThenByDescending(e => e.Id).Take(count).ToListAsync(ct);
        return [.. rows.Select(r => new HistoryLine(
            r.At, r.Event, Times.Short(r.At, user.TimeZone, CultureInfo.CurrentUICulture), texts[r.Event],
            r.Source ?? string.Empty, Browser(r), r.Event == AuditEvents.SignedIn))];
    }

    private static string Browser(AuditEvent row)
    {
        using var details = JsonDocument.Parse(row.Details);
        return details.RootElement.TryGetProperty("browser", out var browser) ? browser.GetString() ?? string.Empty : string.Empty;
    }
}
