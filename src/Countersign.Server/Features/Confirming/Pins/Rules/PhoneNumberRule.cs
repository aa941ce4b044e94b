namespace Countersign.Server.Features.Confirming.Pins.Rules;

/// <summary>
/// Nothing of a phone number, with the country's code or with the zero that stands for it at home: no four digits in a row that
/// stand in one.
/// </summary>
internal sealed class PhoneNumberRule : IPinRule
{
    private const int Run = 4;
    private const int LongestCountryCode = 3;

    public Error Refusal => PinErrors.PhoneNumber;

    public PinCoverage Covers(PinHolder holder) => holder.PhoneNumbers.Count > 0 ? PinCoverage.Checked : PinCoverage.Advice;

    public bool Refuses(Pin pin, PinHolder holder) => holder.PhoneNumbers.SelectMany(Spellings).Any(number => pin.SharesRun(number, Run));

    /// <summary>How long the country's code is does not matter: what is refused beside is little.</summary>
    private static IEnumerable<string> Spellings(string number)
    {
        var digits = Spelling.Joined(number);
        return Enumerable.Range(1, Math.Min(LongestCountryCode, digits.Length)).Select(code => "0" + digits[code..]).Prepend(digits);
    }
}
