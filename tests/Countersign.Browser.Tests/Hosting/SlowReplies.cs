using System.Net;
using System.Net.Sockets;
using Countersign.Testing;

namespace Countersign.Browser.Tests.Hosting;

/// <summary>
/// Stands between a browser and the server, and keeps the answers to forms while it is told to. What the browser does not wait for any
/// more is lost, as on a bad line.
/// </summary>
public sealed class SlowReplies : IAsyncDisposable
{
    private static readonly byte[] Post = "POST "u8.ToArray();
    private readonly TcpListener _listener = new(IPAddress.Loopback, port: 0);
    private readonly CancellationTokenSource _stop = new();
    private readonly Uri _server;
    private readonly Task _accepting;
    private TaskCompletionSource _open = Opened();
    private int _kept;

    public SlowReplies(Uri server)
    {
        _server = server;
        _listener.Start();
        _accepting = AcceptAsync();
    }

    public Uri Address => new($"http://127.0.0.1:{((IPEndPoint)_listener.LocalEndpoint).Port}");

    /// <summary>How many answers to forms came while they were to be kept: what they say is done.</summary>
    public int Kept => Volatile.Read(ref _kept);

    /// <summary>From now on answers to forms stay here.</summary>
    public void Keep()
    {
        Interlocked.Exchange(ref _kept, 0);
        Volatile.Write(ref _open, new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously));
    }

    public void LetGo() => Volatile.Read(ref _open).TrySetResult();

    /// <summary>Waits until so many are kept.</summary>
    public Task KeptAsync(int number) => Waiting.UntilAsync(() => Task.FromResult(Kept >= number), Waiting.Ceiling);

    public async ValueTask DisposeAsync()
    {
        LetGo();
        await _stop.CancelAsync();
        _listener.Stop();
        await _accepting.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        _listener.Dispose();
        _stop.Dispose();
    }

    private async Task AcceptAsync()
    {
        while (!_stop.IsCancellationRequested)
        {
            // Each lives until one of its ends is closed.
            _ = PassAsync(await _listener.AcceptTcpClientAsync(_stop.Token));
        }
    }

    private async Task PassAsync(TcpClient browser)
    {
        using (browser)
        using (var server = new TcpClient())
        {
            await server.ConnectAsync(IPAddress.Loopback, _server.Port, _stop.Token);
            var (above, below) = (browser.GetStream(), server.GetStream());
            var form = new Form();
            await Task.WhenAny(UpAsync(above, below, form), DownAsync(below, above, form));
        }
    }

    private async Task UpAsync(NetworkStream browser, NetworkStream server, Form form)
    {
        var bytes = new byte[65_536];
        while (await browser.ReadAsync(bytes, _stop.Token) is > 0 and var read)
        {
            if (bytes.AsSpan(0, read).StartsWith(Post))
            {
                form.IsUnderWay = true;
            }

            await server.WriteAsync(bytes.AsMemory(0, read), _stop.Token);
        }
    }

    private async Task DownAsync(NetworkStream server, NetworkStream browser, Form form)
    {
        var bytes = new byte[65_536];
        while (await server.ReadAsync(bytes, _stop.Token) is > 0 and var read)
        {
            var open = Volatile.Read(ref _open).Task;
            if (form.IsUnderWay && !open.IsCompleted)
            {
                Interlocked.Increment(ref _kept);
                await open.WaitAsync(_stop.Token);
            }

            form.IsUnderWay = false;
            await browser.WriteAsync(bytes.AsMemory(0, read), _stop.Token);
        }
    }

    private static TaskCompletionSource Opened()
    {
        var open = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        open.SetResult();
        return open;
    }

    /// <summary>Whether a form was sent over a connection and not answered yet.</summary>
    private sealed class Form
    {
        public volatile bool IsUnderWay;
    }
}
