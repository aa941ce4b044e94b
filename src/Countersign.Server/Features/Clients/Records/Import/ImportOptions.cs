using System.ComponentModel.DataAnnotations;
using Microsoft.Extensions.Options;

namespace Countersign.Server.Features.Clients.Records.Import;

/// <summary>How an import tells the clients.</summary>
internal sealed class ImportOptions
{
    public const string Section = "Import";

    /// <summary>Clients who are told in a minute that codes come to their number from now on.</summary>
    [Range(1, 100_000)]
    public int NoticesPerMinute { get; set; } = 60;
}

/// <summary>Checks <see cref="ImportOptions"/> at start.</summary>
[OptionsValidator]
internal sealed partial class ImportOptionsValidator : IValidateOptions<ImportOptions>;
