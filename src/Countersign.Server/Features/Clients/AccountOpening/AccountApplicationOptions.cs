using System.ComponentModel.DataAnnotations;
using Microsoft.Extensions.Options;

namespace Countersign.Server.Features.Clients.AccountOpening;

/// <summary>Who may apply for an account, and for what.</summary>
internal sealed class AccountApplicationOptions
{
    public const string Section = "AccountApplications";

    /// <summary>Whether accounts can be applied for here. Off: the pages say where else.</summary>
    public bool Open { get; set; } = true;

    /// <summary>ISO 3166 alpha-2 codes, parted by spaces, of the countries of residence that are served.</summary>
    [Required, RegularExpression("^[A-Z]{2}( [A-Z]{2})*$")]
    public string Residences { get; set; } = "AU CA CN DE ES FR GB HK IE IN IT JP MO NL NZ SE SG TW US";

    /// <summary>ISO 4217 codes, parted by spaces, of the base currencies on offer.</summary>
    [Required, RegularExpression("^[A-Z]{3}( [A-Z]{3})*$")]
    public string Currencies { get; set; } = "USD HKD EUR GBP SGD CNH JPY INR AUD CAD";

    /// <summary>Least age of an applicant in years.</summary>
    [Range(0, 30)]
    public int MinimumAge { get; set; } = 18;

    /// <summary>Account applications that one source may begin in a day.</summary>
    [Range(1, 100_000)]
    public int PerSourceDaily { get; set; } = 20;
}

/// <summary>Checks <see cref="AccountApplicationOptions"/> at start.</summary>
[OptionsValidator]
internal sealed partial class AccountApplicationOptionsValidator : IValidateOptions<AccountApplicationOptions>;
