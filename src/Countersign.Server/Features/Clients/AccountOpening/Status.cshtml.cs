using Countersign.Server.Data;
using Countersign.Server.Features.Access.Sessions;
using Countersign.Server.Features.Registry.PhoneNumbers;
using Countersign.Server.Features.Registry.Users;
using Countersign.Server.Http;
using Microsoft.AspNetCore.Mvc;
using Microsoft.Extensions.Localization;

namespace Countersign.Server.Features.Clients.AccountOpening;

/// <summary>
/// Application Status: what is done, what is missing, and what follows. Open to the applicant at any time, days later too.
/// </summary>
internal sealed class StatusModel(
    CountersignDbContext db, NumberRules numbers, AccountApplications applications, AccountApplicationRules rules,
    IStringLocalizer<ErrorText> errors) : AccountApplicationPage(db, numbers)
{
    private static readonly string[] Deeds = ["email", "mobile", "submitted"];

    /// <summary>Null for a client whose account was opened elsewhere and whose number is still to be confirmed.</summary>
    public AccountApplicationView? Application { get; private set; }

    /// <summary>Null where the application cannot go on.</summary>
    public AccountApplicationStep? NextStep { get; private set; }

    /// <summary>Why it cannot; null when it can.</summary>
    public string? Refusal { get; private set; }

    public string? Address => Current.User.Email is { } address ? EmailAddress.Mask(address) : null;

    public string? Done => Deeds.FirstOrDefault(d => Request.Query["done"] == d);

    public async Task<IActionResult> OnGetAsync(CancellationToken ct)
    {
        Application = await applications.FindAsync(Db, Current.User.Id, ct);
        if (Application is null && Current.Scope == SessionScope.Full)
        {
            return Redirect("/");
        }

        await LoadAsync(Application?.Answers?.Residence, ct);
        NextStep = Application?.Answers is { } answers ? rules.FirstIncomplete(answers) ?? AccountApplicationStep.Review : null;
        if (Application?.IsStuck == true)
        {
            Refusal = errors.Say(AccountApplicationErrors.Unreadable);
            Response.Mark(AccountApplicationErrors.Unreadable);
        }

        // A new applicant who has just confirmed the address goes on with the first step.
        return Done == "email" && Application is { State: AccountApplicationState.Draft, Answers: { Reached: null } }
            ? Redirect(StepModel.PathOf(AccountApplicationStep.About))
            : Page();
    }
}
