using System.ComponentModel.DataAnnotations;
using Microsoft.Extensions.Options;

namespace Countersign.Server.Features.Programs.Api;

/// <summary>Limits of the API for applications.</summary>
internal sealed class ApiOptions
{
    public const string Section = "Api";

    /// <summary>Requests of one source in a minute to the API; more get 429.</summary>
    [Range(10, 10_000_000)]
    public int RequestsPerMinute { get; set; } = 6_000;
}

/// <summary>Checks <see cref="ApiOptions"/> at start.</summary>
[OptionsValidator]
internal sealed partial class ApiOptionsValidator : IValidateOptions<ApiOptions>;
