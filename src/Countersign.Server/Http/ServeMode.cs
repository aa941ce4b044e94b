using System.Net;

namespace Countersign.Server.Http;

/// <summary>How the program was started.</summary>
internal sealed record ServeMode(bool Demo)
{
    public const string DefaultUrl = "http://localhost:5080";

    private static readonly string[] AnyAddress = ["*", "+", "0.0.0.0", "[::]"];

    /// <summary>Whether a demo may be reached from other machines.</summary>
    public bool Exposed { get; init; }

    /// <summary>
    /// The first address that it listens on: what the links of a demo lead to, unless <c>Site:PublicUrl</c> says otherwise.
    /// </summary>
    public string Url { get; init; } = DefaultUrl;

    /// <summary>The name of this machine for whoever sits at it, who may have a passkey then: browsers make none for an address.</summary>
    public static string PublicUrlOf(string listening)
    {
        var address = BindingAddress.Parse(listening);
        if (address.IsUnixPipe)
        {
            return DefaultUrl;
        }

        var host = AnyAddress.Contains(address.Host) || IsLoopback(address.Host) ? "localhost" : address.Host;
        return new UriBuilder(address.Scheme, host, address.Port).Uri.GetLeftPart(UriPartial.Authority);
    }

    /// <summary>Whether only this machine reaches what listens on the host, or asks for it. No server of names leads there.</summary>
    public static bool IsLoopback(string host) =>
        host.Equals("localhost", StringComparison.OrdinalIgnoreCase)
            || (IPAddress.TryParse(host.Trim('[', ']'), out var address) && IPAddress.IsLoopback(address));
}
