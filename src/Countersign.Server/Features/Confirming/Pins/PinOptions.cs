using System.ComponentModel.DataAnnotations;
using Microsoft.Extensions.Options;

namespace Countersign.Server.Features.Confirming.Pins;

/// <summary>What PINs of the phone app are made of. The soft PIN of a card or token is four digits: the thing has no other keys.</summary>
internal sealed class PinOptions : IValidatableObject
{
    public const string Section = "Pins";

    /// <summary>Fewest characters. A regime can raise it.</summary>
    [Range(4, 12)]
    public int MinimumLength { get; set; } = 4;

    /// <summary>Most characters.</summary>
    [Range(4, 12)]
    public int MaximumLength { get; set; } = 6;

    /// <summary>Whether letters may stand beside digits.</summary>
    public bool Letters { get; set; } = true;

    public IEnumerable<ValidationResult> Validate(ValidationContext validationContext) => MaximumLength < MinimumLength
        ? [new ValidationResult(
            $"{Section}:{nameof(MaximumLength)} is less than {Section}:{nameof(MinimumLength)}.", [nameof(MaximumLength)])]
        : [];
}

/// <summary>Checks <see cref="PinOptions"/> at start.</summary>
[OptionsValidator]
internal sealed partial class PinOptionsValidator : IValidateOptions<PinOptions>;
