using System.Collections.Concurrent;
using System.Net.Sockets;
using Countersign.Testing;
using Npgsql;

namespace Countersign.Server.Tests.Hosting;

/// <summary>
/// The wire between a server and its database, which can break: the server hears so at once, the database goes on with what it was sent.
/// Dispose it.
/// </summary>
internal sealed class PostgresWire : IAsyncDisposable
{
    private const string SocketName = ".s.PGSQL.5432";

    private readonly TestFolder _folder = new();
    private readonly Socket _listener = new(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
    private readonly UnixDomainSocketEndPoint _database;
    private readonly ConcurrentBag<(Socket Near, Socket Far)> _open = [];
    private readonly ConcurrentBag<Socket> _broken = [];
    private readonly Task _accepting;

    public PostgresWire(string connection)
    {
        var there = new NpgsqlConnectionStringBuilder(connection);
        _database = new UnixDomainSocketEndPoint(Path.Combine(there.Host!, SocketName));
        there.Host = _folder.Path;
        Connection = there.ConnectionString;
        _listener.Bind(new UnixDomainSocketEndPoint(Path.Combine(_folder.Path, SocketName)));
        _listener.Listen();
        _accepting = AcceptAsync();
    }

    /// <summary>Leads to the database over this wire.</summary>
    public string Connection { get; }

    /// <summary>Ends what is connected now. New connections are made as ever.</summary>
    public void Break()
    {
        while (_open.TryTake(out var pair))
        {
            pair.Near.Dispose();
            _broken.Add(pair.Far);
        }
    }

    public async ValueTask DisposeAsync()
    {
        _listener.Dispose();
        await _accepting;
        Break();
        foreach (var far in _broken)
        {
            far.Dispose();
        }

        _folder.Dispose();
    }

    private async Task AcceptAsync()
    {
        while (true)
        {
            try
            {
                var near = await _listener.AcceptAsync();
                var far = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
                await far.ConnectAsync(_database);
                _open.Add((near, far));
                _ = PassAsync(near, far);
                _ = PassAsync(far, near);
            }
            catch (SocketException)
            {
                return;
            }
            catch (ObjectDisposedException)
            {
                return;
            }
        }
    }

    /// <summary>What one side sends reaches the other, until one of them is gone.</summary>
    private static async Task PassAsync(Socket from, Socket to)
    {
        var buffer = new byte[8192];
        try
        {
            int read;
            while ((read = await from.ReceiveAsync(buffer)) > 0)
            {
                await to.SendAsync(buffer.AsMemory(0, read));
            }

            to.Shutdown(SocketShutdown.Send);
        }
        catch (Exception e) when (e is SocketException or ObjectDisposedException)
        {
            // Broken, as was asked for.
        }
    }
}
