using Countersign.Server.Features.Confirming.Pins.Rules;

namespace Countersign.Server.Features.Confirming.Pins;

/// <summary>What is said of a PIN.</summary>
internal abstract record PinJudgement
{
    internal sealed record Accepted(Pin Pin) : PinJudgement;

    /// <summary>Easily guessed: all rules that it breaks.</summary>
    internal sealed record Refused(IReadOnlyList<Error> Errors) : PinJudgement;

    /// <summary>Not of the length or characters that the policy asks for.</summary>
    internal sealed record Malformed(IReadOnlyList<Error> Errors) : PinJudgement;
}

/// <summary>A rule as a page lists it.</summary>
/// <param name="Id">Its refusal's code without the slice: <c>birthday</c>.</param>
internal sealed record PinAdvice(string Id, PinCoverage Coverage);

/// <summary>Judges PINs of the phone app and of devices by the same rules (S26).</summary>
internal sealed class PinRules(IReadOnlyList<IPinRule> rules)
{
    private const string Prefix = "pin.";

    /// <summary>The rules of the house, in the order in which pages show them.</summary>
    public static IReadOnlyList<IPinRule> House { get; } =
    [
        new BirthdayRule(), new NameRule(), new InitialsRule(), new AddressRule(), new PhoneNumberRule(), new IdentityNumberRule(),
        new PlaceRule(), new TeamRule(), new SequenceRule(), new RepetitionRule(), new KeyboardWalkRule(), new CommonRule(),
    ];

    /// <summary>Judges what was typed. Every broken rule is named, so that a person need not find them one after the other.</summary>
    public PinJudgement Judge(string? typed, PinPolicy policy, PinHolder holder)
    {
        var faults = new List<Error>();
        if (Pin.Read(typed, policy, faults) is not { } pin)
        {
            return new PinJudgement.Malformed(faults);
        }

        faults.AddRange(rules.Where(r => r.Refuses(pin, holder)).Select(r => r.Refusal));
        return faults.Count == 0 ? new PinJudgement.Accepted(pin) : new PinJudgement.Refused(faults);
    }

    /// <summary>All rules, and whether each is checked for this person or is advice only.</summary>
    public IReadOnlyList<PinAdvice> Advise(PinHolder holder) =>
        [.. rules.Select(r => new PinAdvice(r.Refusal.Code[Prefix.Length..], r.Covers(holder)))];
}
