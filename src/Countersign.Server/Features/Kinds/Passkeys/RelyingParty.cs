using Countersign.Server.Http;
using Microsoft.Extensions.Options;

namespace Countersign.Server.Features.Kinds.Passkeys;

/// <summary>Whom a passkey is for: the host name that clients type, and the addresses of pages that may ask for it.</summary>
internal sealed class RelyingParty(IOptions<SiteOptions> site, ServeMode mode)
{
    private const string Local = "localhost";

    /// <summary>Null where the site has no host name: browsers make no passkey for an IP address.</summary>
    public string? Id => Site.IdnHost is var host && Uri.CheckHostName(host) == UriHostNameType.Dns ? host : null;

    // Commands beside the server need not know its address, and a demo learns its port only when it listens.
    private Uri Site => field?.OriginalString == site.Value.PublicUrl ? field : field = new Uri(site.Value.PublicUrl);

    /// <summary>Whether the page that asked was ours. The demonstration listens on whatever port it was given.</summary>
    public bool Accepts(string? origin) =>
        Uri.TryCreate(origin, UriKind.Absolute, out var asked)
        && (Origin(asked) == Origin(Site) || (mode.Demo && Id == Local && asked is { Scheme: "http", IdnHost: Local }));

    private static string Origin(Uri address) =>
        address.IsDefaultPort ? $"{address.Scheme}://{address.IdnHost}" : $"{address.Scheme}://{address.IdnHost}:{address.Port}";
}
