using PhoneNumbers;

namespace Countersign.Server.Features.PhoneNumbers;

/// <summary>A number in E.164 form that may receive SMS.</summary>
internal readonly record struct MobileNumber
{
    private const int LongestInput = 40;
    private const int ShownDigits = 2;

    private MobileNumber(string e164) => E164 = e164;

    public string E164 { get; }

    /// <summary>Parses international form (<c>+852…</c>). False for anything that is no valid number of a type that receives SMS.</summary>
    public static bool TryParse(string? text, out MobileNumber number)
    {
        number = default;
        if (string.IsNullOrWhiteSpace(text) || text.Length > LongestInput)
        {
            return false;
        }

        try
        {
            var util = PhoneNumberUtil.GetInstance();
            var parsed = util.Parse(text, defaultRegion: null);
            if (!util.IsValidNumber(parsed) || util.GetNumberType(parsed) is not (PhoneNumberType.MOBILE or PhoneNumberType.FIXED_LINE_OR_MOBILE))
            {
                return false;
            }

            number = new MobileNumber(util.Format(parsed, PhoneNumberFormat.E164));
            return true;
        }
        catch (NumberParseException)
        {
            return false;
        }
    }

    /// <summary>The number as a page may show it: <c>···42</c>.</summary>
    public static string Mask(string e164) => "···" + e164[^ShownDigits..];

    public override string ToString() => Mask(E164);
}
