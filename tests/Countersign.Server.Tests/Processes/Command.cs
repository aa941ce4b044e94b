using System.Collections.Concurrent;
using System.Diagnostics;
using Countersign.Server.Cli;
using Countersign.Testing;
using Microsoft.Data.Sqlite;
using Microsoft.Extensions.Logging;

namespace Countersign.Server.Tests.Processes;

/// <summary>
/// The program, run for one command, by its own command line but in this process: what a process of its own costs is almost all its
/// start, and this one has started long ago.
/// </summary>
internal static class Command
{
    private static readonly TimeSpan Ceiling = Waiting.Ceiling;

    /// <param name="arguments">The command and its options.</param>
    /// <param name="environment">
    /// For what can only be told by it, such as a module that reads it when it is loaded: then it is a process of its own after all.
    /// </param>
    /// <returns>The exit code, and all that was written.</returns>
    public static async Task<(int Code, string Output)> RunAsync(
        IEnumerable<string> arguments, IReadOnlyDictionary<string, string>? environment = null)
    {
        if (environment is null)
        {
            return await RunHereAsync([.. arguments]);
        }

        var (code, output, errors) = await RunAloneAsync(arguments, environment);
        return (code, output + errors);
    }

    /// <summary>One that has to succeed; yields what it wrote.</summary>
    public static async Task<string> DoAsync(IEnumerable<string> arguments, IReadOnlyDictionary<string, string>? environment = null)
    {
        var (code, output) = await RunAsync(arguments, environment);
        Assert.True(code == 0, output);
        return output;
    }

    /// <summary>One that has to be refused with a sentence and nothing of the program's insides.</summary>
    public static async Task RefusedAsync(
        string why, IEnumerable<string> arguments, IReadOnlyDictionary<string, string>? environment = null)
    {
        var (code, output) = await RunAsync(arguments, environment);
        Assert.Equal(1, code);
        Assert.Contains(why, output, StringComparison.Ordinal);
        Assert.DoesNotContain("   at ", output, StringComparison.Ordinal);
        Assert.DoesNotContain("Exception", output, StringComparison.Ordinal);
    }

    /// <summary>The built program, as a process of its own.</summary>
    public static async Task<(int Code, string Output, string Errors)> RunAloneAsync(
        IEnumerable<string> arguments, IReadOnlyDictionary<string, string>? environment = null)
    {
        var start = new ProcessStartInfo("dotnet", [PublishedServer.ProgramPath(), .. arguments])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        foreach (var (name, value) in environment ?? new Dictionary<string, string>())
        {
            start.Environment[name] = value;
        }

        using var process = Process.Start(start)!;
        var output = process.StandardOutput.ReadToEndAsync();
        var errors = process.StandardError.ReadToEndAsync();
        await process.WaitForExitAsync().WaitAsync(Ceiling);
        return (process.ExitCode, await output, await errors);
    }

    private static async Task<(int Code, string Output)> RunHereAsync(string[] arguments)
    {
        await using var output = new StringWriter();
        await using var errors = new StringWriter();
        var log = new ConcurrentQueue<string>();
        var invocation = new Invocation
        {
            Output = output,
            Error = errors,
            Log = logging => logging.ClearProviders().AddProvider(new QueuedLog(log)),

            // Signals are the business of the process that this is.
            ProcessTerminationTimeout = null,
        };

        // A server that should have been refused and was not would run for ever.
        using var patience = new CancellationTokenSource(Ceiling, TimeProvider.System);
        var code = await CommandLine.RunAsync(arguments, invocation, patience.Token);
        Assert.False(patience.IsCancellationRequested, $"It did not end within {Ceiling.TotalSeconds} s. It wrote:\n{output}");

        // As the end of a process would: what a test does to the files next shall find nothing open.
        SqliteConnection.ClearAllPools();
        return (code, $"{output}{errors}{string.Join('\n', log)}");
    }

    /// <summary>What a command logs: a console would show it too.</summary>
    private sealed class QueuedLog(ConcurrentQueue<string> queue) : ILoggerProvider
    {
        public ILogger CreateLogger(string categoryName) => new Lines(categoryName, queue);

        public void Dispose()
        {
            // The queue is whose the command is.
        }

        private sealed class Lines(string category, ConcurrentQueue<string> queue) : ILogger
        {
            public IDisposable? BeginScope<TState>(TState state)
                where TState : notnull => null;

            public bool IsEnabled(LogLevel logLevel) => logLevel != LogLevel.None;

            public void Log<TState>(
                LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter) =>
                queue.Enqueue($"{logLevel} {category}[{eventId.Id}] {formatter(state, exception)} {exception}");
        }
    }
}
