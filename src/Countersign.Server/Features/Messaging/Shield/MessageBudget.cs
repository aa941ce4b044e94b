using System.Globalization;
using Countersign.Server.Data;
using Countersign.Server.Features.Ground.Audit;
using Countersign.Server.Features.Ground.Rations;
using Countersign.Server.Features.Registry.PhoneNumbers;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Options;

namespace Countersign.Server.Features.Messaging.Shield;

/// <summary>What has been spent of a budget that runs.</summary>
/// <param name="Of">A block of numbers, or an ISO 3166 country.</param>
/// <param name="Spent">US dollars.</param>
/// <param name="Budget">US dollars.</param>
/// <param name="Until">When it begins anew.</param>
internal sealed record BudgetView(string Of, decimal Spent, decimal Budget, DateTimeOffset Until)
{
    /// <summary>Whether something was refused for it.</summary>
    public required bool Reached { get; init; }
}

/// <summary>
/// Money that messages may cost in a day, by block of numbers and by country: it stops what counts do not (B3). Codes to numbers that are
/// their owners' take nothing of it and are not stopped by it, since what a stranger spends must keep no owner out; and a row for
/// which all of a country's codes would have to wait is written by none of them.
/// </summary>
internal sealed partial class MessageBudget(
    Rationing rationing, AuditTrail audit, IOptions<ShieldOptions> options, TimeProvider time, ILogger<MessageBudget> logger)
{
    private const string Spent = "shield/spent/";
    private const string Told = "shield/budget-reached/";
    private const int MostShown = 20;

    /// <summary>Rations are whole numbers: a hundredth of a cent.</summary>
    private const int PerDollar = 10_000;
    private const decimal MostDollars = 100_000m;

    /// <summary>The rations of all users together hang on no user's id.</summary>
    private static readonly Guid Everybody = Guid.Empty;

    private static readonly TimeSpan Window = TimeSpan.FromDays(1);

    /// <summary>Takes what a message costs. False, and an alarm for each budget: nothing goes there until the budget begins anew.</summary>
    /// <param name="parts">Of an SMS; a call counts as one.</param>
    public async Task<bool> TakeAsync(CountersignDbContext db, string e164, NumberRange place, int parts, CancellationToken ct)
    {
        var cost = Units(options.Value.PriceOf(place.Region, e164) * parts);
        if (!await TakeAsync(db, place.Range, cost, ct))
        {
            return false;
        }

        if (await TakeAsync(db, place.Region, cost, ct))
        {
            return true;
        }

        await Rationing.ReturnAsync(db, Everybody, Spent + place.Range, cost);
        return false;
    }

    /// <summary>The budgets that run, those that were reached first, then by what is spent.</summary>
    public async Task<IReadOnlyList<BudgetView>> ListAsync(CountersignDbContext db, CancellationToken ct)
    {
        var since = time.GetUtcNow() - Window;
        var rations = await db.Set<Ration>().AsNoTracking()
            .Where(r => r.Owner == Everybody && (EF.Functions.Like(r.Name, Spent + "%") || EF.Functions.Like(r.Name, Told + "%")))
            .Where(r => r.StartedAt > since).ToListAsync(ct);
        var told = rations.Select(r => r.Name).ToHashSet(StringComparer.Ordinal);
        return [.. rations.Where(r => r.Name.StartsWith(Spent, StringComparison.Ordinal))
            .Select(r => (Of: r.Name[Spent.Length..], Ration: r))
            .Select(r => new BudgetView(r.Of, r.Ration.Used / (decimal)PerDollar, BudgetOf(r.Of), r.Ration.StartedAt + Window)
            {
                Reached = told.Contains(ToldOf(r.Of, r.Ration.StartedAt)),
            })
            .OrderByDescending(b => b.Reached).ThenByDescending(b => b.Spent / b.Budget).Take(MostShown)];
    }

    private decimal BudgetOf(string of) =>
        of.StartsWith('+') ? options.Value.BudgetPerRangeDaily : options.Value.BudgetOf(of);

    private static string ToldOf(string of, DateTimeOffset since) =>
        string.Create(CultureInfo.InvariantCulture, $"{Told}{of}/{since.ToUnixMicroseconds()}");

    private static int Units(decimal dollars) => (int)Math.Ceiling(Math.Clamp(dollars, 0m, MostDollars) * PerDollar);

    private async Task<bool> TakeAsync(CountersignDbContext db, string of, int cost, CancellationToken ct)
    {
        if (await rationing.TakeAsync(db, Everybody, Spent + of, new RationRule(Units(BudgetOf(of)), Window), cost))
        {
            return true;
        }

        await AlarmAsync(db, of, ct);
        return false;
    }

    private async Task AlarmAsync(CountersignDbContext db, string of, CancellationToken ct)
    {
        // Once for each budget that begins, and not once a day: the next one may be spent within hours of the last alarm.
        var since = await Rationing.BeganAsync(db, Everybody, Spent + of, ct);
        if (since is null || !await rationing.TakeAsync(db, Everybody, ToldOf(of, since.Value), new RationRule(1, Window)))
        {
            return;
        }

        var budget = BudgetOf(of);
        audit.Add(db, AuditEvents.BudgetReached, userId: null, Actor.Job(ShieldWatch.Who), ("of", of), ("budget_usd", budget));
        db.AfterCommit(() => LogReached(of, budget));
    }

    [LoggerMessage(
        5002,
        LogLevel.Error,
        "The day's budget for messages to {Of} is spent: USD {Budget}. Until it begins anew only codes to verified numbers go there.")]
    private partial void LogReached(string of, decimal budget);
}
