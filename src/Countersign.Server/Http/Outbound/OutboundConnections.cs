using System.Net;
using System.Net.Sockets;

namespace Countersign.Server.Http.Outbound;

/// <summary>The name leads to no address that may be called.</summary>
internal sealed class AddressRefusedException() : Exception("The name leads to no public address.");

/// <summary>
/// Opens connections to the outside. The address is checked that is then connected to, so that a name which resolves
/// differently the second time gains nothing (D17).
/// </summary>
internal static class OutboundConnections
{
    private static readonly TimeSpan ConnectTimeout = TimeSpan.FromSeconds(5);

    /// <exception cref="AddressRefusedException">All addresses of the host are private, and they are not allowed.</exception>
    /// <exception cref="SocketException">No connection.</exception>
    /// <exception cref="TimeoutException">No connection in time.</exception>
    public static async Task<Socket> OpenAsync(string host, int port, bool allowPrivate, CancellationToken ct)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(ct);
        limit.CancelAfter(ConnectTimeout);
        var socket = new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        try
        {
            var all = await Dns.GetHostAddressesAsync(host, limit.Token);
            var allowed = allowPrivate ? all : Array.FindAll(all, PublicAddress.Is);
            if (allowed.Length == 0)
            {
                throw new AddressRefusedException();
            }

            await socket.ConnectAsync(allowed, port, limit.Token);
            return socket;
        }
        catch (OperationCanceledException) when (!ct.IsCancellationRequested)
        {
            socket.Dispose();
            throw new TimeoutException("The connection took too long.");
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }
}
