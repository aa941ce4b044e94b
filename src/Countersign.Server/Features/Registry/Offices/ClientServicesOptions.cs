using System.ComponentModel.DataAnnotations;
using Microsoft.Extensions.Options;

namespace Countersign.Server.Features.Registry.Offices;

/// <summary>Where the directory of client services comes from.</summary>
internal sealed class ClientServicesOptions
{
    public const string Section = "ClientServices";

    /// <summary>The directory, a JSON file. Empty: none, and pages say what <c>Site:ClientServices</c> says.</summary>
    [StringLength(1000)]
    public string File { get; set; } = string.Empty;
}

/// <summary>Checks <see cref="ClientServicesOptions"/> at start.</summary>
[OptionsValidator]
internal sealed partial class ClientServicesOptionsValidator : IValidateOptions<ClientServicesOptions>;
