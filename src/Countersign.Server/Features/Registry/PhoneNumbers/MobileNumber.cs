using PhoneNumbers;

namespace Countersign.Server.Features.Registry.PhoneNumbers;

/// <summary>A number in E.164 form that may receive SMS.</summary>
internal readonly record struct MobileNumber
{
    private const int LongestInput = 40;
    private const int ShownDigits = 2;

    private MobileNumber(string e164, string region)
    {
        E164 = e164;
        Region = region;
    }

    public string E164 { get; }

    /// <summary>ISO 3166 alpha-2 code of the country.</summary>
    public string Region { get; }

    /// <summary>
    /// Reads what a person types: international form, or the form used in <paramref name="region"/>; spaces, brackets and
    /// full-width digits are theirs to use.
    /// </summary>
    public static Result<MobileNumber> Read(string? text, string? region, bool allowVirtual = false)
    {
        if (string.IsNullOrWhiteSpace(text))
        {
            return NumberErrors.Missing;
        }

        if (text.Length > LongestInput)
        {
            return NumberErrors.TooLong;
        }

        var util = PhoneNumberUtil.GetInstance();
        global::PhoneNumbers.PhoneNumber parsed;
        try
        {
            parsed = util.Parse(text, region);
        }
        catch (NumberParseException e)
        {
            return e.ErrorType switch
            {
                ErrorType.TOO_LONG => NumberErrors.TooLong,
                ErrorType.TOO_SHORT_NSN or ErrorType.TOO_SHORT_AFTER_IDD => NumberErrors.TooShort,
                _ => NumberErrors.Unreadable,
            };
        }

        return Judge(util, parsed, allowVirtual) is { } fault
            ? fault
            : new MobileNumber(util.Format(parsed, PhoneNumberFormat.E164), util.GetRegionCodeForNumber(parsed) ?? "ZZ");
    }

    /// <summary>Whether it is not the beginning of a longer number.</summary>
    public bool IsFinal()
    {
        var util = PhoneNumberUtil.GetInstance();
        var e164 = E164;
        return !"0123456789".Any(digit => util.IsValidNumber(util.Parse(e164 + digit, defaultRegion: null)));
    }

    /// <summary>Reads international form (<c>+852…</c>).</summary>
    public static bool TryParse(string? text, out MobileNumber number)
    {
        var read = Read(text, region: null);
        number = read.Value;
        return read.Succeeded;
    }

    /// <summary>The number as a page may show it: <c>···42</c>.</summary>
    public static string Mask(string e164) => "···" + e164[^ShownDigits..];

    /// <summary>The number as its owner writes it for people abroad: <c>+852 5123 4567</c>.</summary>
    public static string International(string e164)
    {
        var util = PhoneNumberUtil.GetInstance();
        return util.Format(util.Parse(e164, defaultRegion: null), PhoneNumberFormat.INTERNATIONAL);
    }

    /// <summary>The country's calling code, such as <c>+852</c>.</summary>
    public static string CallingCode(string region) => string.Create(
        System.Globalization.CultureInfo.InvariantCulture, $"+{PhoneNumberUtil.GetInstance().GetCountryCodeForRegion(region)}");

    public override string ToString() => Mask(E164);

    private static Error? Judge(PhoneNumberUtil util, global::PhoneNumbers.PhoneNumber parsed, bool allowVirtual)
    {
        if (parsed.HasExtension)
        {
            return NumberErrors.NoTextMessages;
        }

        var possible = util.IsPossibleNumberWithReason(parsed);
        if (possible is not (PhoneNumberUtil.ValidationResult.IS_POSSIBLE or PhoneNumberUtil.ValidationResult.IS_POSSIBLE_LOCAL_ONLY))
        {
            return possible == PhoneNumberUtil.ValidationResult.TOO_SHORT ? NumberErrors.TooShort
                : possible == PhoneNumberUtil.ValidationResult.TOO_LONG ? NumberErrors.TooLong : NumberErrors.NotInUse;
        }

        return !util.IsValidNumber(parsed) ? NumberErrors.NotInUse : util.GetNumberType(parsed) switch
        {
            PhoneNumberType.MOBILE or PhoneNumberType.FIXED_LINE_OR_MOBILE => null,
            PhoneNumberType.VOIP => allowVirtual ? null : NumberErrors.Virtual,
            _ => NumberErrors.NoTextMessages,
        };
    }
}
