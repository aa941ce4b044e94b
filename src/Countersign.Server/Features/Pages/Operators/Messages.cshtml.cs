using Countersign.Server.Data;
using Countersign.Server.Features.Ground.Audit;
using Countersign.Server.Features.Messaging.Messages;
using Countersign.Server.Features.Messaging.Shield;
using Countersign.Server.Http;
using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Mvc.RazorPages;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Localization;

namespace Countersign.Server.Features.Pages.Operators;

/// <summary>What is sent and spent, whether codes come back, and the switch that stops a prefix (B3).</summary>
[AllowAnonymous]
[OperatorsOnly]
internal sealed class MessagesModel(
    CountersignDbContext db, IWriter writer, Traffic traffic, PrefixStops stops, MessageBudget budget,
    IStringLocalizer<ErrorText> errors, TimeProvider time) : PageModel
{
    private const string Here = "/operations/messages";
    private const int MostRows = 100;
    public static readonly IReadOnlyList<int> Windows = [1, 24, 168];

    public string Operator => OperatorsOnlyAttribute.NameOf(HttpContext);

    public TimeSpan Window { get; private set; } = TimeSpan.FromHours(24);

    public IReadOnlyList<TrafficFigures> Rows { get; private set; } = [];

    public IReadOnlyList<PrefixStop> Stops { get; private set; } = [];

    public IReadOnlyList<BudgetView> Budgets { get; private set; } = [];

    public int Waiting { get; private set; }

    public int Unknown { get; private set; }

    public double AlarmRatio => traffic.AlarmRatio;

    public string? Refusal { get; private set; }

    public string? Typed { get; private set; }

    public string? Done => Request.Query["done"] == "stopped" ? "stopped" : Request.Query["done"] == "lifted" ? "lifted" : null;

    public async Task OnGetAsync(int? hours, CancellationToken ct)
    {
        var carried = this.Carried();
        (Refusal, Typed) = (carried?.Text, carried?.Typed);
        Window = TimeSpan.FromHours(hours is { } asked && Windows.Contains(asked) ? asked : 24);
        var since = time.GetUtcNow() - Window;
        Rows = await traffic.ByRangeAsync(db, since, MostRows, ct);
        Stops = await db.Set<PrefixStop>().OrderBy(s => s.Prefix).ToListAsync(ct);
        Budgets = await budget.ListAsync(db, ct);
        Waiting = await db.Set<Message>().CountAsync(m => m.State == MessageState.Queued, ct);
        Unknown = await db.Set<Message>().CountAsync(m => m.State == MessageState.Unknown && m.CreatedAt >= since, ct);
    }

    public IActionResult OnGetCosts([FromServices] MessageCosts costs) => new MessageCostsFile(costs, db);

    public async Task<IActionResult> OnPostStopAsync(string? prefix, string? all, CancellationToken ct)
    {
        if (Prefixes.Parse(prefix) is not { } parsed)
        {
            return this.Carry(Here, CarriedRefusal.Of(OperatorErrors.Prefix, errors.Say(OperatorErrors.Prefix), "prefix", prefix));
        }

        var by = Actor.Operator(ClientSource.Of(HttpContext), Operator);
        var scope = all == "yes" ? StopScope.All : StopScope.Unproven;
        await writer.RunAsync((unit, token) => stops.StopAsync(unit, parsed, scope, by, why: null, token), ct);
        return Redirect(Here + "?done=stopped");
    }

    public async Task<IActionResult> OnPostLiftAsync(string? prefix, CancellationToken ct)
    {
        var by = Actor.Operator(ClientSource.Of(HttpContext), Operator);
        if (Prefixes.Parse(prefix) is { } parsed)
        {
            await writer.RunAsync((unit, token) => stops.LiftAsync(unit, parsed, by, token), ct);
        }

        return Redirect(Here + "?done=lifted");
    }

    public async Task<IActionResult> OnPostLeaveAsync([FromServices] OperatorAccess access, CancellationToken ct)
    {
        await access.LeaveAsync(HttpContext, ct);
        return Redirect("/operations/enter");
    }
}
