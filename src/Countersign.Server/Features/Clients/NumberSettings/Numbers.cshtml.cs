using System.Globalization;
using Countersign.Server.Data;
using Countersign.Server.Features.Access.Sessions;
using Countersign.Server.Features.Confirming.Challenges;
using Countersign.Server.Features.Messaging.Shield;
using Countersign.Server.Features.Registry.PhoneNumbers;
using Countersign.Server.Features.Registry.Users;
using Countersign.Server.Http;
using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Mvc.RazorPages;
using Microsoft.AspNetCore.RateLimiting;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Localization;

namespace Countersign.Server.Features.Clients.NumberSettings;

/// <summary>The fields in which a number is typed.</summary>
/// <param name="Country">The country chosen, or the person's own.</param>
internal sealed record NumberFields(IReadOnlyList<NumberCountry> Countries, string? Country, string? Typed, string? Error);

/// <summary>A line of the table.</summary>
/// <param name="OnRegister">Whether the number is on a do-not-call register, so that messages may be held back.</param>
internal sealed record NumberRow(PhoneNumber Number, bool OnRegister);

/// <summary>Settings → User settings → gear at Mobile Number (S1): the numbers of a user, and every change of them.</summary>
[EnableRateLimiting(HttpSlice.CostlyPolicy)]
[OpensChallenges]
internal sealed class NumbersModel(
    CountersignDbContext db, ChangeNumbers change, NumberRules rules, Openers openers, IStringLocalizer<ErrorText> errors) : PageModel
{
    private const string Here = "/settings/numbers";
    private static readonly string[] Deeds = ["verified", "preferred", "removed"];

    public SessionView Current => HttpContext.Session();

    public IReadOnlyList<NumberRow> Rows { get; private set; } = [];

    public NumberFields Fields { get; private set; } = new([], null, null, null);

    /// <summary>The number for which another one is being typed.</summary>
    public PhoneNumber? Replacing { get; private set; }

    public string? Refusal { get; private set; }

    public string? RefusedField { get; private set; }

    /// <summary>What was just done, to be said once.</summary>
    public string? Done => Deeds.FirstOrDefault(d => Request.Query["done"] == d);

    public async Task OnGetAsync(Guid? replace, string? country, CancellationToken ct)
    {
        var numbers = await db.NumbersOf(Current.User.Id).OrderByDescending(n => n.Preferred).ThenBy(n => n.AddedAt).ToListAsync(ct);
        var registered = await CarrierRules.OnRegisterAsync(db, numbers.ConvertAll(n => n.E164), ct);
        Rows = numbers.ConvertAll(n => new NumberRow(n, registered.Contains(n.E164)));
        Replacing = numbers.Find(n => n.Id == replace);
        var carried = this.Carried();
        Refusal = carried?.Text;
        RefusedField = carried?.Field;
        var residence = (await PersonViews.OfUserAsync(db, Current.User.Id, ct)).Residence;
        Fields = new NumberFields(rules.Countries(), country ?? residence, carried?.Typed, carried?.Field is null ? null : carried.Text);
    }

    public async Task<IActionResult> OnPostAsync(Guid? replace, string? country, string? tel, CancellationToken ct)
    {
        var language = CultureInfo.CurrentUICulture;
        var step = replace is { } old
            ? await change.ReplaceAsync(Current.User, Opener(), old, tel, country, language, ct)
            : await change.AddAsync(Current.User, Opener(), tel, country, language, ct);
        return Follow(step, typed: tel, replace, country);
    }

    public async Task<IActionResult> OnPostVerifyAsync(Guid number, CancellationToken ct) =>
        Follow(await change.VerifyAsync(Current.User, Opener(), number, CultureInfo.CurrentUICulture, ct));

    public async Task<IActionResult> OnPostPreferAsync(Guid number, CancellationToken ct) =>
        Follow(await change.PreferAsync(Current.User, Opener(), number, CultureInfo.CurrentUICulture, ct));

    public async Task<IActionResult> OnPostRemoveAsync(Guid number, CancellationToken ct) =>
        Follow(await change.RemoveAsync(Current.User, Opener(), number, CultureInfo.CurrentUICulture, ct));

    private Opener Opener() => openers.OfSession(HttpContext);

    private RedirectResult Follow(Result<NumberStep> step, string? typed = null, Guid? replace = null, string? country = null)
    {
        if (step.Succeeded)
        {
            return Redirect(
                step.Value.Verifies ? NumberVerifyModel.PathOf(step.Value.Challenge) : NumberConfirmModel.PathOf(step.Value.Challenge));
        }

        var ofField = step.Error.Kind == ErrorKind.Invalid;
        var query = QueryString.Create(new Dictionary<string, string?>
        {
            ["replace"] = replace?.ToString(),
            ["country"] = country is { Length: 2 } ? country : null,
        }.Where(p => p.Value is not null));
        return this.Carry(Here + query, CarriedRefusal.Of(step.Error, errors.Say(step.Error), ofField ? "tel" : null, typed));
    }
}
