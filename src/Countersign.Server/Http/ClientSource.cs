using System.Net;
using System.Net.Sockets;

namespace Countersign.Server.Http;

/// <summary>Where a request comes from, as rations count it: an IPv4 address, or the /64 of an IPv6 address (D18).</summary>
internal static class ClientSource
{
    private const int PrefixBytes = 8;

    public static string Of(HttpContext http) => Of(http.Connection.RemoteIpAddress);

    public static string Of(IPAddress? address)
    {
        if (address is null)
        {
            return "unknown";
        }

        if (address.IsIPv4MappedToIPv6)
        {
            address = address.MapToIPv4();
        }

        if (address.AddressFamily != AddressFamily.InterNetworkV6)
        {
            return address.ToString();
        }

        var bytes = address.GetAddressBytes();
        Array.Clear(bytes, PrefixBytes, bytes.Length - PrefixBytes);
        return new IPAddress(bytes) + "/64";
    }
}
