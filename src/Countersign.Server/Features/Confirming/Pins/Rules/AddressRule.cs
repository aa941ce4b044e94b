using Countersign.Server.Features.Registry.People;

namespace Countersign.Server.Features.Confirming.Pins.Rules;

/// <summary>
/// No part of the home or office address: no house number or postcode in the PIN (of three characters or more), no PIN that is
/// part of one, and no word of the street, as letters or whole on the keys of a phone. The city is <see cref="PlaceRule"/>'s.
/// </summary>
internal sealed class AddressRule : IPinRule
{
    private const int ShortestNumber = 3;
    private const int ShortestWord = 4;

    public Error Refusal => PinErrors.Address;

    public PinCoverage Covers(PinHolder holder) =>
        holder.Details is { Home: { } home, Office: { } office } && IsSpelled(home) && IsSpelled(office) ? PinCoverage.Checked
        : Texts(holder).SelectMany(Spelling.Tokens).Any() ? PinCoverage.Partly
        : PinCoverage.Advice;

    public bool Refuses(Pin pin, PinHolder holder)
    {
        // A postcode is one number, however it is grouped: SW1A 1AA.
        var joined = holder.Addresses.Select(a => Spelling.Joined(a.Postcode ?? string.Empty));
        var tokens = Texts(holder).SelectMany(Spelling.Tokens).Concat(joined).Where(t => t.Any(char.IsAsciiDigit));
        return tokens.SelectMany(AsNumbers).Any(number => HasNumber(pin, number))
            || Texts(holder).SelectMany(Spelling.Words).Any(word => word.Length >= ShortestWord && (pin.Holds(word) || pin.Spells(word)))
            || (pin.IsLetters && Texts(holder).Any(text => Spelling.Joined(text).Contains(pin.Lower, StringComparison.Ordinal)));
    }

    private static bool IsSpelled(HolderAddress address) =>
        Spelling.Words(address.Street ?? string.Empty).Any()
            && Spelling.Tokens(address.Number ?? string.Empty).Length > 0
            && Spelling.Tokens(address.Postcode ?? string.Empty).Length > 0;

    private static IEnumerable<string> Texts(PinHolder holder) =>
        holder.Addresses.SelectMany(a => new[] { a.Street, a.Number, a.Postcode, a.More }).OfType<string>()
            .Concat(holder.Details.Addresses);

    /// <summary>128B is also 128.</summary>
    private static string[] AsNumbers(string token) => [token, string.Concat(token.Where(char.IsAsciiDigit))];

    private static bool HasNumber(Pin pin, string number) =>
        number.Contains(pin.Lower, StringComparison.Ordinal)
        || (number.Length >= ShortestNumber && pin.Holds(number))
        || (number.Length > 1 && pin.Lower.TrimStart('0') == number);
}
