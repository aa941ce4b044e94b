using Countersign.Server.Data;
using Countersign.Server.Features.Access.Sessions;
using Countersign.Server.Features.Confirming.Devices;
using Countersign.Server.Features.Ground.Audit;
using Countersign.Server.Features.Registry.Users;
using Countersign.Server.Http;
using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Mvc.RazorPages;
using Microsoft.EntityFrameworkCore;

namespace Countersign.Server.Features.Pages.Settings;

/// <summary>Settings → Security: devices, sessions, password.</summary>
internal sealed class SecurityModel(
    CountersignDbContext db, IWriter writer, EndSessions endSessions, History history, TimeProvider time) : PageModel
{
    private const int ShownFailures = 10;

    public SessionView Current => HttpContext.Session();

    public IReadOnlyList<DeviceView> Devices { get; private set; } = [];

    public IReadOnlyList<Session> Sessions { get; private set; } = [];

    public IReadOnlyList<HistoryLine> Failures { get; private set; } = [];

    public DateTimeOffset? PasswordSetAt { get; private set; }

    /// <summary>What was just done, to be said once: <c>session</c>, <c>sessions</c> or <c>password</c>.</summary>
    [FromQuery(Name = "done")]
    public string? Done { get; set; }

    public async Task OnGetAsync(CancellationToken ct)
    {
        var userId = Current.User.Id;
        var now = time.GetUtcNow();
        var idleSince = now - Current.User.Regime.SessionIdle;
        Devices = await DeviceViews.ActiveAsync(db, userId, ct);
        var sessions = await db.Set<Session>().Where(s => s.UserId == userId && s.EndedAt == null && s.LastSeenAt > idleSince)
            .OrderByDescending(s => s.LastSeenAt).ToListAsync(ct);
        Sessions = sessions.FindAll(s => s.ExpiresAt > now);
        Failures = await history.FailuresAsync(db, Current.User, ShownFailures, ct);
        PasswordSetAt = await db.Set<User>().Where(u => u.Id == userId).Select(u => u.PasswordSetAt).SingleAsync(ct);
    }

    public async Task<IActionResult> OnPostEndAsync(Guid session, CancellationToken ct)
    {
        await writer.RunAsync(
            (unit, token) => endSessions.OneAsync(unit, Current.User.Id, session, AuditEvents.SessionRevoked, By, token), ct);
        return Redirect("/settings/security?done=session");
    }

    public async Task<IActionResult> OnPostEndOthersAsync(CancellationToken ct)
    {
        await writer.RunAsync((unit, token) => endSessions.OthersAsync(unit, Current.User.Id, Current.Id, By, token), ct);
        return Redirect("/settings/security?done=sessions");
    }

    private Actor By => Actor.Client(Current.User.Id, ClientSource.Of(HttpContext)) with { Session = Current.Id };
}
