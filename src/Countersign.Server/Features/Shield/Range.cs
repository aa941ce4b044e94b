using PhoneNumbers;

namespace Countersign.Server.Features.Shield;

/// <summary>Blocks of numbers, as they are rented and attacked: all but the last four digits are equal.</summary>
internal static class Range
{
    private const int FreeDigits = 4;

    /// <summary>Such as <c>+8525123</c>.</summary>
    public static string Of(string e164) => e164.Length > FreeDigits + 2 ? e164[..^FreeDigits] : e164;

    /// <summary>Every prefix of a number, from one digit on: a stop of any of them holds for it.</summary>
    public static IReadOnlyList<string> PrefixesOf(string e164) => [.. Enumerable.Range(2, Math.Max(0, e164.Length - 1)).Select(length => e164[..length])];

    /// <summary>ISO 3166 alpha-2 code of the number's country; <c>ZZ</c> where there is none.</summary>
    public static string RegionOf(string e164)
    {
        try
        {
            var util = PhoneNumberUtil.GetInstance();
            return util.GetRegionCodeForNumber(util.Parse(e164, defaultRegion: null)) ?? "ZZ";
        }
        catch (NumberParseException)
        {
            return "ZZ";
        }
    }
}
