using System.Diagnostics;
using System.Text;

namespace Countersign.Testing;

/// <summary>The built program as a process of its own, for tests that kill it or need two of them.</summary>
public sealed class PublishedServer : IAsyncDisposable
{
    private const string ReadyPrefix = "Ready: ";

    // The shell becomes the program. What it leaves in the background kills the program once our end of the input
    // is closed, which the kernel does even if the test process is killed. What was published whole is a program by itself.
    private const string Script = """
        exec 3<&0
        setsid sh -c 'cat <&3; kill -KILL "$0"' $$ >/dev/null 2>&1 &
        case $1 in *.dll) set -- dotnet "$@" ;; esac
        exec "$@" </dev/null 3<&-
        """;

    private static readonly TimeSpan Ceiling = Waiting.Ceiling;

    private readonly Process _process;
    private readonly StringBuilder _output = new();
    private readonly StreamWriter? _log;
    private readonly Lock _gate = new();
    private readonly TaskCompletionSource<Uri> _ready = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private bool _logging;

    private PublishedServer(ProcessStartInfo start)
    {
        _process = new Process { StartInfo = start, EnableRaisingEvents = true };
        _process.OutputDataReceived += (_, line) => Take(line.Data);
        _process.ErrorDataReceived += (_, line) => Take(line.Data);

        var logs = Environment.GetEnvironmentVariable("COUNTERSIGN_TEST_LOGS");
        if (!string.IsNullOrEmpty(logs))
        {
            var name = $"server-{Guid.CreateVersion7(TimeProvider.System.GetUtcNow()):N}.log";
            _log = new StreamWriter(Path.Combine(logs, name)) { AutoFlush = true };
        }

        // The demonstration prints its passwords on purpose before it is ready; all that follows is log.
        _logging = !start.ArgumentList.Contains("--demo");
    }

    public Uri BaseAddress => _ready.Task.Result;

    public int ProcessId => _process.Id;

    /// <summary>All that the program has written so far.</summary>
    public string Output
    {
        get
        {
            lock (_gate)
            {
                return _output.ToString();
            }
        }
    }

    /// <summary>The program that was built, or that the run was told to try.</summary>
    public static string ProgramPath() =>
        Environment.GetEnvironmentVariable("COUNTERSIGN_SERVER_DLL") is { Length: > 0 } given
            ? given
            : BuiltPath("Countersign.Server", "countersign.dll");

    /// <summary>Starts the program on a free port and waits until it is ready.</summary>
    /// <param name="arguments">The command and its options, without --urls.</param>
    /// <param name="environment">Settings as environment variables, such as SignIn__Lifetime.</param>
    /// <param name="port">Where it listens, if it is to be found again after a restart.</param>
    public static Task<PublishedServer> StartAsync(
        IEnumerable<string> arguments, IReadOnlyDictionary<string, string>? environment = null, int port = 0) =>
        StartAsync([ProgramPath(), .. arguments, "--urls", $"http://127.0.0.1:{port}"], environment ?? new Dictionary<string, string>());

    /// <summary>Starts the samples' program, which listens on a free port, and waits until it is ready.</summary>
    public static Task<PublishedServer> StartSamplesAsync(IReadOnlyDictionary<string, string> environment) =>
        StartAsync([BuiltPath("Countersign.SampleKind", "Countersign.SampleKind.dll")], environment);

    private static async Task<PublishedServer> StartAsync(string[] program, IReadOnlyDictionary<string, string> environment)
    {
        string[] command = ["-c", Script, "sh", .. program];
        var start = new ProcessStartInfo("sh", command)
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            WorkingDirectory = Repository.Root,
        };
        foreach (var (name, value) in environment)
        {
            start.Environment[name] = value;
        }

        var server = new PublishedServer(start);
        await server.StartAsync();
        return server;
    }

    /// <summary>Ends the program as a power cut would.</summary>
    public async Task KillAsync()
    {
        _process.Kill();
        await _process.WaitForExitAsync().WaitAsync(Ceiling);
    }

    /// <summary>Asks the program to end (SIGTERM) and waits for it.</summary>
    /// <returns>Its exit code.</returns>
    public async Task<int> StopAsync()
    {
        // .NET can only kill; the shell can ask.
        using var asking = Process.Start("sh", ["-c", "kill -TERM \"$0\"", $"{_process.Id}"]);
        await _process.WaitForExitAsync().WaitAsync(Ceiling);
        return _process.ExitCode;
    }

    public async ValueTask DisposeAsync()
    {
        if (!_process.HasExited)
        {
            await KillAsync();
        }

        _process.StandardInput.Close();
        _process.Dispose();
        if (_log is not null)
        {
            await _log.DisposeAsync();
        }
    }

    private static string BuiltPath(string project, string file)
    {
        var path = Path.Combine(Repository.Root, "artifacts/bin", project, "release", file);
        return File.Exists(path) ? path : throw new FileNotFoundException($"No program at {path}. Build {project} in Release first.");
    }

    private async Task StartAsync()
    {
        _process.Start();
        _process.BeginOutputReadLine();
        _process.BeginErrorReadLine();

        using var noWaiting = new CancellationTokenSource();
        var ended = _process.WaitForExitAsync(noWaiting.Token);
        var first = await Task.WhenAny(_ready.Task, ended, Task.Delay(Ceiling, TimeProvider.System, noWaiting.Token));
        await noWaiting.CancelAsync();
        if (first == _ready.Task)
        {
            return;
        }

        var what = first == ended ? $"ended with code {_process.ExitCode}" : $"was not ready within {Ceiling.TotalSeconds} s";
        await DisposeAsync();
        throw new InvalidOperationException($"The server {what}. It wrote:\n{Output}");
    }

    private void Take(string? line)
    {
        if (line is null)
        {
            return;
        }

        lock (_gate)
        {
            _output.AppendLine(line);
            if (_logging)
            {
                _log?.WriteLine(line);
            }

            if (line.StartsWith(ReadyPrefix, StringComparison.Ordinal))
            {
                _logging = true;
                _ready.TrySetResult(new Uri(line[ReadyPrefix.Length..]));
            }
        }
    }
}
