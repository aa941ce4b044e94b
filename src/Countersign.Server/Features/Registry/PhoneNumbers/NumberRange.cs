using PhoneNumbers;

namespace Countersign.Server.Features.Registry.PhoneNumbers;

/// <summary>Where a number belongs, so that messages can be counted by range and country.</summary>
/// <param name="Range">E.164 without the last four digits: numbers that are rented together share it.</param>
/// <param name="Region">ISO 3166 code, <c>ZZ</c> when the number belongs to no country.</param>
internal sealed record NumberRange(string Range, string Region)
{
    private const int Last = 4;
    private const int Longest = 16;
    private const string Nowhere = "ZZ";

    public static NumberRange Of(string e164) => new(Cut(e164), RegionOf(e164));

    private static string Cut(string e164) => e164[..Math.Clamp(e164.Length - Last, 0, Longest)];

    private static string RegionOf(string e164)
    {
        try
        {
            var util = PhoneNumberUtil.GetInstance();
            return util.GetRegionCodeForNumber(util.Parse(e164, defaultRegion: null)) is { Length: 2 } region ? region : Nowhere;
        }
        catch (NumberParseException)
        {
            return Nowhere;
        }
    }
}
