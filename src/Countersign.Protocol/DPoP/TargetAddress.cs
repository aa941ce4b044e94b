using System.Globalization;
using System.Text.RegularExpressions;

namespace Countersign.Protocol.DPoP;

/// <summary>
/// The target of a request as it is compared: without query and fragment (RFC 9449 §4.3), after the normalisation of syntax and of
/// scheme (RFC 3986 §6.2.2, §6.2.3).
/// </summary>
internal readonly partial record struct TargetAddress(string Scheme, string Host, int Port, string Path)
{
    public static TargetAddress Of(Uri address) =>
        new(
            address.Scheme,
            address.IdnHost,
            address.Port,
            Escape().Replace(address.AbsolutePath, match => match.Value.ToUpperInvariant()));

    /// <summary>The target that a proof names, or null if it names none.</summary>
    public static TargetAddress? Read(string? htu) =>
        htu is { Length: <= DPoPProof.MaxAddressLength }
        && HttpAddress().IsMatch(htu)
        && Uri.TryCreate(htu, UriKind.Absolute, out var address)
            ? Of(address)
            : null;

    /// <summary>Tells whether an address can be the target of a request.</summary>
    public static bool Is(Uri address) =>
        address.IsAbsoluteUri
        && address.UserInfo.Length == 0
        && (address.Scheme == Uri.UriSchemeHttps || address.Scheme == Uri.UriSchemeHttp);

    /// <summary>Writes the target as a proof names it; a port that the scheme implies is left out.</summary>
    public static string Write(Uri address)
    {
        var host = address.HostNameType == UriHostNameType.IPv6 ? address.Host : address.IdnHost;
        var port = address.IsDefaultPort ? "" : string.Create(CultureInfo.InvariantCulture, $":{address.Port}");
        return $"{address.Scheme}://{host}{port}{address.AbsolutePath}";
    }

    // The parser of the platform also reads backslashes, spaces and bad escapes, and would make something of them.
    [GeneratedRegex(@"\A[Hh][Tt][Tt][Pp][Ss]?://[A-Za-z0-9._~:\[\]-]+(?:[/?#](?:[A-Za-z0-9._~:/?#\[\]@!$&'()*+,;=-]|%[0-9A-Fa-f]{2})*)?\z")]
    private static partial Regex HttpAddress();

    [GeneratedRegex("%[0-9A-Fa-f]{2}")]
    private static partial Regex Escape();
}
