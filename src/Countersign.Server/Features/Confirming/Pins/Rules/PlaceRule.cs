using Countersign.Server.Features.Confirming.Pins.Lists;

namespace Countersign.Server.Features.Confirming.Pins.Rules;

/// <summary>
/// No city: none of the list that ships and not the person's own, as letters, with or without digits, or whole on the keys of a
/// phone.
/// </summary>
internal sealed class PlaceRule : IPinRule
{
    private const int ShortestWord = 4;

    public Error Refusal => PinErrors.Place;

    public PinCoverage Covers(PinHolder holder) =>
        holder.Addresses.Any() && holder.Addresses.All(a => Spelling.Words(a.City ?? string.Empty).Any())
            ? PinCoverage.Checked
            : PinCoverage.Partly;

    public bool Refuses(Pin pin, PinHolder holder) =>
        PinLists.Cities.HasLettersOf(pin) || PinLists.Cities.IsOnKeys(pin) || holder.Addresses.Any(a => IsIn(pin, a.City ?? string.Empty));

    private static bool IsIn(Pin pin, string city) => Spelling.Words(city).Append(Spelling.Joined(city)).Any(word =>
        word.Length >= ShortestWord
            && (pin.Holds(word) || pin.Spells(word) || (pin.IsLetters && word.StartsWith(pin.Lower, StringComparison.Ordinal))));
}
