using Countersign.Server.Features.Confirming.Pins.Lists;

namespace Countersign.Server.Features.Confirming.Pins.Rules;

/// <summary>
/// No first or last name of the person or a relative: as letters, with or without digits, or whole on the keys of a phone.
/// Names that many people have are refused as letters even where no name is known; on keys they would refuse too much.
/// </summary>
internal sealed class NameRule : IPinRule
{
    private const int ShortestPart = 3;
    private const int ShortestBeginning = 4;

    public Error Refusal => PinErrors.Name;

    public PinCoverage Covers(PinHolder holder) =>
        holder.RelativesAreSpelled && holder.OwnNames.SelectMany(Spelling.Words).Any() ? PinCoverage.Checked : PinCoverage.Partly;

    public bool Refuses(Pin pin, PinHolder holder) =>
        PinLists.Names.HasLettersOf(pin) || holder.AllNames.Any(name => IsNameIn(pin, [.. Spelling.Words(name)]));

    private static bool IsNameIn(Pin pin, string[] words) =>
        words.Any(word => IsWordIn(pin, word)) || Pairs(words).Any(pair => pin.Letters == pair || pin.Spells(pair));

    private static bool IsWordIn(Pin pin, string word) =>
        (word.Length > 1 && pin.Letters == word)
        || pin.Spells(word)
        || (word.Length >= ShortestPart && pin.Holds(word))
        || (pin.IsLetters && pin.Lower.Length >= ShortestBeginning && word.StartsWith(pin.Lower, StringComparison.Ordinal));

    /// <summary>Two words as one, such as the given name <c>Tai Man</c> or <c>liwei</c>.</summary>
    private static IEnumerable<string> Pairs(string[] words) =>
        from first in words from second in words where first != second && first.Length > 1 && second.Length > 1 select first + second;
}
