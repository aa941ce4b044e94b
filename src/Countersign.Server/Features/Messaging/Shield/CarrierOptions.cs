using System.ComponentModel.DataAnnotations;
using Microsoft.Extensions.Options;

namespace Countersign.Server.Features.Messaging.Shield;

/// <summary>What happens to a message that a carrier would hold back.</summary>
internal enum CarrierPolicy
{
    /// <summary>It is sent; the person is warned where numbers are chosen.</summary>
    Warn,

    /// <summary>Codes are sent, other messages wait (quiet hours) or are not sent (do-not-call register).</summary>
    HoldOthers,

    /// <summary>Codes are refused as well: the page says why and offers another way.</summary>
    RefuseCodes,
}

/// <summary>Registers and hours in which carriers do not deliver (S3).</summary>
internal sealed partial class CarrierOptions : IValidatableObject
{
    public const string Section = "Carriers";

    /// <summary>What a do-not-call register means.</summary>
    public CarrierPolicy DoNotCall { get; set; } = CarrierPolicy.HoldOthers;

    /// <summary>What quiet hours mean.</summary>
    public CarrierPolicy QuietHours { get; set; } = CarrierPolicy.HoldOthers;

    /// <summary>Quiet hours by country: <c>IN</c> = <c>21:00-09:00</c>, local time of the number's country.</summary>
    public IDictionary<string, string> Quiet { get; } = new Dictionary<string, string>(StringComparer.OrdinalIgnoreCase);

    public IEnumerable<ValidationResult> Validate(ValidationContext validationContext) =>
        Quiet.Where(q => q.Key.Length != 2 || !Hours().IsMatch(q.Value))
            .Select(
                q => new ValidationResult(
                    $"{Section}:Quiet:{q.Key} is not hours such as 21:00-09:00 of a two-letter country.", [nameof(Quiet)]));

    [System.Text.RegularExpressions.GeneratedRegex("^([01][0-9]|2[0-3]):[0-5][0-9]-([01][0-9]|2[0-3]):[0-5][0-9]$")]
    private static partial System.Text.RegularExpressions.Regex Hours();
}

/// <summary>Checks <see cref="CarrierOptions"/> at start.</summary>
[OptionsValidator]
internal sealed partial class CarrierOptionsValidator : IValidateOptions<CarrierOptions>;
