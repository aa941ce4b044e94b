using System.ComponentModel.DataAnnotations;
using Microsoft.Extensions.Options;

namespace Countersign.Server.Features.Kinds.CodeCards;

/// <summary>Settings of Security Code Cards.</summary>
internal sealed class CodeCardOptions
{
    public const string Section = "CodeCards";

    /// <summary>All pairs of a card of the usual 224 cells.</summary>
    public const int PairsOfUsualCard = 24_976;

    /// <summary>Right answers after which a card is retired. Half its number of cells makes every cell single-use.</summary>
    [Range(1, PairsOfUsualCard)]
    public int MostUses { get; set; } = 400;
}

/// <summary>Checks <see cref="CodeCardOptions"/> at start.</summary>
[OptionsValidator]
internal sealed partial class CodeCardOptionsValidator : IValidateOptions<CodeCardOptions>;
