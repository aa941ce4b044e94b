using System.Globalization;
using Microsoft.Extensions.Options;

namespace Countersign.Server.Features.Clients.AccountOpening;

/// <summary>What is wrong with a field of a step.</summary>
/// <param name="Field">Name and id of the field.</param>
internal sealed record AnswerFault(string Field, Error Error);

/// <summary>Judges the answers of each step. Pure but for the day's date.</summary>
internal sealed class AccountApplicationRules(IOptions<AccountApplicationOptions> options, TimeProvider time)
{
    public const int LongestLine = 120;
    public static readonly IReadOnlyList<string> Experiences = ["none", "some", "much"];

    private static readonly DateOnly Earliest = new(1900, 1, 1);

    public IReadOnlyList<string> Residences { get; } = options.Value.Residences.Split(' ');

    public IReadOnlyList<string> Currencies { get; } = options.Value.Currencies.Split(' ');

    public IReadOnlyList<AnswerFault> Faults(AccountApplicationStep step, ApplicantAnswers answers) => step switch
    {
        AccountApplicationStep.About => [.. About(answers)],
        AccountApplicationStep.Address => [.. Address(answers)],
        AccountApplicationStep.Account => [.. Account(answers)],
        AccountApplicationStep.Review => answers.Agreed ? [] : [new AnswerFault("agreed", AccountApplicationErrors.Agreement)],
        _ => throw new System.Diagnostics.UnreachableException(),
    };

    /// <summary>The first step that is not complete; null when all are.</summary>
    public AccountApplicationStep? FirstIncomplete(ApplicantAnswers answers) =>
        Enum.GetValues<AccountApplicationStep>().Cast<AccountApplicationStep?>()
            .FirstOrDefault(step => Faults(step!.Value, answers).Count > 0);

    private IEnumerable<AnswerFault> About(ApplicantAnswers answers)
    {
        if (!IsLine(answers.FullName, 2))
        {
            yield return new AnswerFault("full-name", AccountApplicationErrors.FullName);
        }

        if (!Residences.Contains(answers.Residence, StringComparer.Ordinal))
        {
            yield return new AnswerFault("residence", AccountApplicationErrors.Residence);
        }

        var today = DateOnly.FromDateTime(time.GetUtcNow().UtcDateTime);
        if (!DateOnly.TryParseExact(answers.Birthday, "yyyy-MM-dd", CultureInfo.InvariantCulture, DateTimeStyles.None, out var birthday)
            || birthday < Earliest
            || birthday > today)
        {
            yield return new AnswerFault("birthday", AccountApplicationErrors.Birthday);
        }
        else if (birthday.AddYears(options.Value.MinimumAge) > today)
        {
            yield return new AnswerFault("birthday", AccountApplicationErrors.TooYoung with { Arguments = [options.Value.MinimumAge] });
        }
    }

    private static IEnumerable<AnswerFault> Address(ApplicantAnswers answers)
    {
        if (!IsLine(answers.Street, 3))
        {
            yield return new AnswerFault("street", AccountApplicationErrors.Street);
        }

        if (!IsLine(answers.City, 1))
        {
            yield return new AnswerFault("city", AccountApplicationErrors.City);
        }

        // Hong Kong and Macao have no postcodes.
        if (answers.Residence is not ("HK" or "MO") && !IsLine(answers.Postcode, 3))
        {
            yield return new AnswerFault("postcode", AccountApplicationErrors.Postcode);
        }
    }

    private IEnumerable<AnswerFault> Account(ApplicantAnswers answers)
    {
        if (!Currencies.Contains(answers.Currency, StringComparer.Ordinal))
        {
            yield return new AnswerFault("currency", AccountApplicationErrors.Currency);
        }

        if (!Experiences.Contains(answers.Experience, StringComparer.Ordinal))
        {
            yield return new AnswerFault("experience", AccountApplicationErrors.Experience);
        }
    }

    private static bool IsLine(string? text, int least) =>
        text is not null && text.Length >= least && text.Length <= LongestLine && !text.Any(char.IsControl);
}
