using System.ComponentModel.DataAnnotations;
using Microsoft.Extensions.Options;

namespace Countersign.Server.Http;

/// <summary>How the installation presents itself.</summary>
internal sealed class SiteOptions
{
    public const string Section = "Site";

    /// <summary>The broker's name, as clients know it. A colon ends it in the address that authenticator apps read.</summary>
    [Required, StringLength(40, MinimumLength = 2), RegularExpression(@"[^:\s\p{Cc}]([^:\p{Cc}]*[^:\s\p{Cc}])?")]
    public string Name { get; set; } = "Countersign";

    /// <summary>
    /// The address that clients type: its host stands in messages and on pages, never the request's own. Empty in a demo: the one that
    /// it listens on.
    /// </summary>
    public string PublicUrl { get; set; } = string.Empty;

    /// <summary>How to reach client services, as shown where nothing else helps.</summary>
    [StringLength(200)]
    public string ClientServices { get; set; } = string.Empty;

    /// <summary>Addresses of proxies whose <c>X-Forwarded-For</c> and <c>X-Forwarded-Proto</c> are believed.</summary>
    public IList<string> TrustedProxies { get; } = [];

    /// <summary>Requests of one source in a minute to pages that cost something; more get 429.</summary>
    [Range(10, 1_000_000)]
    public int RequestsPerMinute { get; set; } = 300;

    public string Host => new Uri(PublicUrl).Host;
}

/// <summary>Checks <see cref="SiteOptions"/> at start.</summary>
[OptionsValidator]
internal sealed partial class SiteOptionsValidator : IValidateOptions<SiteOptions>;

/// <summary>Checks that <see cref="SiteOptions.PublicUrl"/> is the address of a site, where it is set.</summary>
internal sealed class PublicUrlValidator : IValidateOptions<SiteOptions>
{
    public ValidateOptionsResult Validate(string? name, SiteOptions options) =>
        options.PublicUrl.Length == 0
            || (Uri.TryCreate(options.PublicUrl, UriKind.Absolute, out var site)
                && (site.Scheme == Uri.UriSchemeHttps || site.Scheme == Uri.UriSchemeHttp)
                && site is { UserInfo: "", Query: "", Fragment: "" })
            ? ValidateOptionsResult.Success
            : ValidateOptionsResult.Fail(
                $"Site:PublicUrl is the address that clients type, such as https://login.broker.example, and not: {options.PublicUrl}");
}
