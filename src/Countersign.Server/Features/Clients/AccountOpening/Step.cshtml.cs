using Countersign.Server.Data;
using Countersign.Server.Features.Registry.PhoneNumbers;
using Countersign.Server.Http;
using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.RateLimiting;
using Microsoft.Extensions.Localization;

namespace Countersign.Server.Features.Clients.AccountOpening;

/// <summary>
/// One of the four steps. What is sent is saved, good or not; then the next step is shown, or this one again with what is wrong.
/// </summary>
[EnableRateLimiting(HttpSlice.CostlyPolicy)]
internal sealed class StepModel(
    CountersignDbContext db, NumberRules numbers, IWriter writer, AccountApplications applications, AccountApplicationRules rules,
    IStringLocalizer<ErrorText> errors) : AccountApplicationPage(db, numbers)
{
    /// <summary>More than any field may hold, so that what is too long is given back and not cut.</summary>
    private const int LongestKept = 400;

    /// <summary>The step's name in the address.</summary>
    [FromRoute(Name = "step")]
    public string Name { get; set; } = string.Empty;

    public AccountApplicationStep Step { get; private set; }

    public ApplicantAnswers Answers { get; private set; } = new();

    public IReadOnlyList<Fault> Faults { get; private set; } = [];

    /// <summary>Steps that lack something, of those before the review.</summary>
    public IReadOnlyList<AccountApplicationStep> Incomplete { get; private set; } = [];

    public IReadOnlyList<string> Residences => rules.Residences;

    public IReadOnlyList<string> Currencies => rules.Currencies;

    public override bool BarSaves => true;

    public string? Done => Request.Query["done"] == "mobile" ? "mobile" : null;

    public static string PathOf(AccountApplicationStep step) => "/apply/" + step.ToString().ToLowerInvariant();

    public string? ErrorOf(string field) => Faults.FirstOrDefault(f => f.Field == field)?.Text;

    public async Task<IActionResult> OnGetAsync([FromQuery] string? check, CancellationToken ct)
    {
        if (await OpenAsync(ct) is { } elsewhere)
        {
            return elsewhere;
        }

        await LoadAsync(Answers.Residence, ct);
        if (check == "1")
        {
            Faults = [.. rules.Faults(Step, Answers).Select(f => new Fault(errors.Say(f.Error), f.Field))];
            Response.StatusCode = Faults.Count > 0 ? StatusCodes.Status422UnprocessableEntity : StatusCodes.Status200OK;
        }

        Incomplete = [.. Enum.GetValues<AccountApplicationStep>()
            .Where(s => s != AccountApplicationStep.Review && rules.Faults(s, Answers).Count > 0)];
        return Page();
    }

    public async Task<IActionResult> OnPostAsync([FromForm] StepForm form, CancellationToken ct)
    {
        if (await OpenAsync(ct) is { } elsewhere)
        {
            return elsewhere;
        }

        var answers = form.Over(Answers, Step, LongestKept);
        var user = Current.User;
        await writer.RunAsync((unit, token) => applications.SaveAsync(unit, user.Id, answers, token), ct);
        var own = PathOf(Step);
        if (form.Then == "mobile")
        {
            return Redirect("/apply/mobile" + QueryString.Create("return", own));
        }

        if (rules.Faults(Step, answers).Count > 0)
        {
            return Redirect(own + "?check=1");
        }

        return Step == AccountApplicationStep.Review ? await SubmitAsync(ct) : Redirect(PathOf(Step + 1));
    }

    private async Task<IActionResult> SubmitAsync(CancellationToken ct)
    {
        var userId = Current.User.Id;
        var source = ClientSource.Of(HttpContext);
        var refusal = await writer.RunAsync((unit, token) => applications.SubmitAsync(unit, userId, source, token), ct);
        return Redirect(refusal is null ? "/apply/status?done=submitted" : PathOf(AccountApplicationStep.Review) + "?check=1");
    }

    /// <returns>Where else to go; null when the step can be shown.</returns>
    private async Task<IActionResult?> OpenAsync(CancellationToken ct)
    {
        if (!Enum.TryParse<AccountApplicationStep>(Name, ignoreCase: true, out var step) || !Enum.IsDefined(step)
            || PathOf(step) != Request.Path)
        {
            return NotFound();
        }

        if (await applications.FindAsync(Db, Current.User.Id, ct) is not { State: AccountApplicationState.Draft, Answers: { } answers })
        {
            return Redirect("/apply/status");
        }

        (Step, Answers) = (step, answers);
        return null;
    }
}

/// <summary>The fields of all steps; a step's form has its own only.</summary>
internal sealed class StepForm
{
    [FromForm(Name = "full-name")]
    public string? FullName { get; set; }

    [FromForm(Name = "residence")]
    public string? Residence { get; set; }

    [FromForm(Name = "birthday")]
    public string? Birthday { get; set; }

    [FromForm(Name = "street")]
    public string? Street { get; set; }

    [FromForm(Name = "city")]
    public string? City { get; set; }

    [FromForm(Name = "postcode")]
    public string? Postcode { get; set; }

    [FromForm(Name = "currency")]
    public string? Currency { get; set; }

    [FromForm(Name = "experience")]
    public string? Experience { get; set; }

    [FromForm(Name = "agreed")]
    public string? Agreed { get; set; }

    /// <summary>Where the bar leads after saving.</summary>
    [FromForm(Name = "then")]
    public string? Then { get; set; }

    internal ApplicantAnswers Over(ApplicantAnswers older, AccountApplicationStep step, int longest)
    {
        string? Line(string? text) => text?.Trim() is { Length: > 0 } line ? line[..Math.Min(line.Length, longest)] : null;
        return step switch
        {
            AccountApplicationStep.About => older with
            {
                FullName = Line(FullName),
                Residence = Line(Residence),
                Birthday = Line(Birthday),
                Reached = step,
            },
            AccountApplicationStep.Address => older with
            {
                Street = Line(Street),
                City = Line(City),
                Postcode = Line(Postcode),
                Reached = step,
            },
            AccountApplicationStep.Account => older with { Currency = Line(Currency), Experience = Line(Experience), Reached = step },
            _ => older with { Agreed = Agreed == "yes", Reached = step },
        };
    }
}
