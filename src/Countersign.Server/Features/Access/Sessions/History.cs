using System.Globalization;
using System.Text.Json;
using Countersign.Server.Data;
using Countersign.Server.Features.Ground.Audit;
using Countersign.Server.Features.Registry.Users;
using Microsoft.Extensions.Localization;

namespace Countersign.Server.Features.Access.Sessions;

/// <summary>One event in words.</summary>
/// <param name="Good">True for a success, false for a failure.</param>
internal sealed record HistoryLine(DateTimeOffset At, string Event, string When, string What, string Source, string Browser, bool Good);

/// <summary>A user's own past, in words: what the client sees and what an agent reads out.</summary>
internal sealed class History(IStringLocalizer<AuditText> texts)
{
    private static readonly SqlQuery<AuditEvent> Failures = Latest(
        AuditEvents.PasswordWrong, AuditEvents.PasswordLocked, AuditEvents.NoDevice, AuditEvents.ResponseWrong, AuditEvents.Failed,
        AuditEvents.PasswordChangeForced);

    private static readonly SqlQuery<AuditEvent> SignIns = Latest(
        AuditEvents.SignedIn, AuditEvents.PasswordWrong, AuditEvents.PasswordLocked, AuditEvents.ResponseWrong, AuditEvents.Failed);

    private static readonly SqlQuery<AuditEvent> RightSignIns = Latest(AuditEvents.SignedIn);

    /// <summary>The latest sign-ins and what went wrong with others, newest first.</summary>
    public Task<IReadOnlyList<HistoryLine>> SignInsAsync(CountersignDbContext db, UserView user, int count, CancellationToken ct) =>
        ReadAsync(db, user, SignIns, count, DateTimeOffset.MaxValue, ct);

    /// <summary>The last sign-in before a moment, however many failures lie between; null if there was none.</summary>
    public async Task<HistoryLine?> SignInBeforeAsync(
        CountersignDbContext db, UserView user, DateTimeOffset before, CancellationToken ct) =>
        (await ReadAsync(db, user, RightSignIns, count: 1, before, ct)).SingleOrDefault();

    /// <summary>The latest failures, newest first.</summary>
    public Task<IReadOnlyList<HistoryLine>> FailuresAsync(CountersignDbContext db, UserView user, int count, CancellationToken ct) =>
        ReadAsync(db, user, Failures, count, DateTimeOffset.MaxValue, ct);

    private static SqlQuery<AuditEvent> Latest(params string[] events) => SqlQuery.Of<AuditEvent>($"""
        WHERE r.user_id = $1 AND r.at < $2 AND r.event IN ({string.Join(", ", events.Select(name => $"'{name}'"))})
        ORDER BY r.at DESC, r.id DESC LIMIT $3
        """);

    private async Task<IReadOnlyList<HistoryLine>> ReadAsync(
        CountersignDbContext db, UserView user, SqlQuery<AuditEvent> query, int count, DateTimeOffset before, CancellationToken ct)
    {
        var rows = await db.ReadAsync(query, [user.Id, before.ToUnixMicroseconds(), count], ct);
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
