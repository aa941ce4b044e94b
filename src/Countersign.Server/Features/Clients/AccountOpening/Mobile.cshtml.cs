using System.Globalization;
using Countersign.Server.Data;
using Countersign.Server.Features.Clients.NumberSettings;
using Countersign.Server.Features.Confirming.Challenges;
using Countersign.Server.Features.Registry.PhoneNumbers;
using Countersign.Server.Http;
using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.RateLimiting;
using Microsoft.Extensions.Localization;

namespace Countersign.Server.Features.Clients.AccountOpening;

/// <summary>The dialog of the blue bar as a page of its own: for browsers without scripts, and for whoever comes back to it.</summary>
[EnableRateLimiting(HttpSlice.CostlyPolicy)]
[OpensChallenges]
internal sealed class MobileModel(
    CountersignDbContext db, NumberRules rules, ApplicantNumbers send, Openers openers, IStringLocalizer<ErrorText> errors)
    : AccountApplicationPage(db, rules)
{
    private const string Here = "/apply/mobile";

    [BindProperty(Name = "return", SupportsGet = true)]
    public string? ReturnTo { get; set; }

    public string? Refusal { get; private set; }

    public string? RefusedField { get; private set; }

    public NumberFields Typed { get; private set; } = new([], null, null, null);

    public async Task OnGetAsync(string? country, CancellationToken ct)
    {
        await LoadAsync(country, ct);
        ReturnTo = LocalPath.Or(ReturnTo, "/apply/status");
        var carried = this.Carried();
        (Refusal, RefusedField) = (carried?.Text, carried?.Field);
        Typed = NumberFields with
        {
            Country = country ?? NumberFields.Country,
            Typed = carried?.Typed ?? NumberFields.Typed,
            Error = carried?.Field is null ? null : carried.Text,
        };
    }

    public async Task<IActionResult> OnPostAsync(string? tel, string? country, CancellationToken ct)
    {
        var returnTo = LocalPath.Or(ReturnTo, "/apply/status");
        var opener = openers.OfSession(HttpContext);
        var sent = await send.SendAsync(Current.User, Current.Id, opener, tel, country, byItself: false, CultureInfo.CurrentUICulture, ct);
        if (sent.Succeeded)
        {
            return Redirect(MobileConfirmModel.PathOf(sent.Value, returnTo));
        }

        var query = QueryString.Create(new Dictionary<string, string?>
        {
            ["return"] = returnTo,
            ["country"] = country is { Length: 2 } ? country : null,
        }.Where(p => p.Value is not null));
        return this.Carry(
            Here + query, CarriedRefusal.Of(sent.Error, errors.Say(sent.Error), sent.Error.Kind == ErrorKind.Invalid ? "tel" : null, tel));
    }
}

/// <summary>The code that came to the applicant's phone.</summary>
[EnableRateLimiting(HttpSlice.CostlyPolicy)]
internal sealed class MobileConfirmModel(ChallengeSteps steps, NumberVerificationPurpose purpose)
    : ChallengePageModel<NumberVerificationSubject, Done>(steps, purpose)
{
    [BindProperty(Name = "return", SupportsGet = true)]
    public string? ReturnTo { get; set; }

    public override string StartPath => "/apply/mobile" + QueryString.Create("return", LocalPath.Or(ReturnTo, "/apply/status"));

    public override string OwnPath => PathOf(Handle, ReturnTo);

    public override string Wording => ".application";

    public static string PathOf(ChallengeHandle handle, string? returnTo) =>
        $"/apply/mobile/{handle}{QueryString.Create("return", LocalPath.Or(returnTo, "/apply/status"))}";

    protected override Task<IActionResult> CompletedAsync(NumberVerificationSubject subject, Done result, CancellationToken ct)
    {
        var back = LocalPath.Or(ReturnTo, "/apply/status");
        return Task.FromResult<IActionResult>(Redirect(back + (back.Contains('?', StringComparison.Ordinal) ? "&" : "?") + "done=mobile"));
    }
}
