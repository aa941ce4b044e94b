namespace Countersign.Server.Features.Confirming.Pins.Rules;

/// <summary>
/// No PIN that consists of initials: those of one human or of several, one after the other. On the keys of a phone only those
/// of one human, alone or repeated; two digits of initials inside a PIN say nothing.
/// </summary>
internal sealed class InitialsRule : IPinRule
{
    private const int MostWords = 8;

    public Error Refusal => PinErrors.Initials;

    public PinCoverage Covers(PinHolder holder) => holder.OwnNames.SelectMany(Spelling.Words).Any()
        ? holder.RelativesAreSpelled ? PinCoverage.Checked : PinCoverage.Partly
        : PinCoverage.Advice;

    public bool Refuses(Pin pin, PinHolder holder)
    {
        var initials = holder.AllNames.SelectMany(Initials).Distinct(StringComparer.Ordinal).ToArray();
        return pin.IsLetters ? ConsistsOf(pin.Lower, initials) : pin.IsDigits && initials.Any(i => IsRepeated(pin.Lower, Spelling.Keys(i)));
    }

    /// <summary>
    /// In the order of the name, and with the first or the last word at the other end: families stand in front or behind.
    /// </summary>
    private static IEnumerable<string> Initials(string name)
    {
        var letters = string.Concat(Spelling.Tokens(name).Where(t => char.IsAsciiLetter(t[0])).Take(MostWords).Select(t => t[0]));
        return letters.Length < 2
            ? []
            : [
                letters, letters[1..] + letters[0], letters[^1] + letters[..^1], string.Concat(letters[0], letters[^1]),
                string.Concat(letters[^1], letters[0]),
            ];
    }

    private static bool ConsistsOf(string text, string[] initials) =>
        text.Length == 0 || initials.Any(i => text.StartsWith(i, StringComparison.Ordinal) && ConsistsOf(text[i.Length..], initials));

    private static bool IsRepeated(string text, string unit) =>
        text.Length % unit.Length == 0 && string.Concat(Enumerable.Repeat(unit, text.Length / unit.Length)) == text;
}
