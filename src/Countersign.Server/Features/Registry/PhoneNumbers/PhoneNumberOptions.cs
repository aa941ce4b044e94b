using System.ComponentModel.DataAnnotations;
using Microsoft.Extensions.Options;

namespace Countersign.Server.Features.Registry.PhoneNumbers;

/// <summary>Which numbers are taken.</summary>
internal sealed class PhoneNumberOptions
{
    public const string Section = "PhoneNumbers";

    /// <summary>
    /// ISO 3166 alpha-2 codes, parted by spaces, of the countries whose numbers are taken. Every other one is refused: most fraud
    /// with text messages goes to countries in which a broker has no clients.
    /// </summary>
    [Required, RegularExpression("^[A-Z]{2}( [A-Z]{2})*$")]
    public string Countries { get; set; } =
        "AT AU BE BG CA CH CN CY CZ DE DK EE ES FI FR GB GR HK HR HU IE IN IS IT JP KR LI LT LU LV MO MT MY NL NO NZ "
            + "PL PT RO SE SG SI SK TH TW US";

    /// <summary>Whether numbers of internet telephony are taken: they are rented by the minute, and anybody's by tomorrow.</summary>
    public bool AllowVirtual { get; set; }

    /// <summary>Numbers that a user may have at a time.</summary>
    [Range(1, 20)]
    public int MostNumbers { get; set; } = 5;

    /// <summary>How long a funded user's number has to be verified before a code to it may add or change a number (D1).</summary>
    [Range(typeof(TimeSpan), "00:00:00", "30.00:00:00")]
    public TimeSpan SettledAfter { get; set; } = TimeSpan.FromHours(72);
}

/// <summary>Checks <see cref="PhoneNumberOptions"/> at start.</summary>
[OptionsValidator]
internal sealed partial class PhoneNumberOptionsValidator : IValidateOptions<PhoneNumberOptions>;
