using System.Diagnostics;
using System.Net;
using System.Net.Sockets;

namespace Countersign.Testing;

/// <summary>Another program that a test needs, such as a gateway. It ends with the test, even if that is killed.</summary>
public sealed class TestDaemon : IAsyncDisposable
{
    // As with the published server: what stays in the background kills the program once our end of the input is closed.
    private const string Script = """
        exec 3<&0
        setsid sh -c 'cat <&3; kill -KILL "$0"' $$ >/dev/null 2>&1 &
        exec "$@" </dev/null 3<&-
        """;

    private static readonly TimeSpan Ceiling = Waiting.Ceiling;
    private readonly Process _process;
    private readonly TaskCompletionSource<string> _firstLine = new(TaskCreationOptions.RunContinuationsAsynchronously);

    private TestDaemon(string program, string[] arguments)
    {
        var start = new ProcessStartInfo("sh", ["-c", Script, "sh", program, .. arguments])
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            WorkingDirectory = Repository.Root,
        };
        _process = new Process { StartInfo = start };
        _process.OutputDataReceived += (_, line) => _firstLine.TrySetResult(line.Data ?? string.Empty);
        _process.Start();
        _process.BeginOutputReadLine();
        _process.BeginErrorReadLine();
    }

    public static TestDaemon Start(string program, params string[] arguments) => new(program, arguments);

    /// <summary>The first line that it writes.</summary>
    public Task<string> FirstLineAsync() => _firstLine.Task.WaitAsync(Ceiling);

    /// <summary>A port that nobody listened on a moment ago.</summary>
    public static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }

    /// <summary>Waits until somebody listens.</summary>
    public static Task ListensAsync(int port) => Waiting.UntilAsync(
        async () =>
        {
            using var client = new TcpClient();
            try
            {
                await client.ConnectAsync(IPAddress.Loopback, port);
                return true;
            }
            catch (SocketException)
            {
                return false;
            }
        },
        Ceiling);

    public async Task KillAsync()
    {
        if (!_process.HasExited)
        {
            _process.Kill();
            await _process.WaitForExitAsync().WaitAsync(Ceiling);
        }
    }

    public async ValueTask DisposeAsync()
    {
        await KillAsync();
        _process.StandardInput.Close();
        _process.Dispose();
    }
}
