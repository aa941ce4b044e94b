using System.Collections.Concurrent;
using System.Globalization;
using Microsoft.Extensions.Logging;

namespace Countersign.Server.Tests.Hosting;

/// <summary>Writes everything a test host logs into the folder that the run searches for secrets afterwards.</summary>
internal sealed class FileLog(string name) : ILoggerProvider
{
    private static int _hosts;
    private readonly StreamWriter? _file = Open(name);
    private readonly ConcurrentDictionary<string, ILogger> _loggers = new();

    public ILogger CreateLogger(string categoryName) => _loggers.GetOrAdd(categoryName, c => new Lines(c, _file));

    public void Dispose()
    {
        lock (_loggers)
        {
            _file?.Dispose();
        }
    }

    private static StreamWriter? Open(string name) =>
        Environment.GetEnvironmentVariable("COUNTERSIGN_TEST_LOGS") is { Length: > 0 } folder
            ? new StreamWriter(Path.Combine(folder, string.Create(CultureInfo.InvariantCulture, $"{name}-{Environment.ProcessId}-{Interlocked.Increment(ref _hosts)}.log"))) { AutoFlush = true }
            : null;

    private sealed class Lines(string category, StreamWriter? file) : ILogger
    {
        private static readonly Lock Gate = new();

        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => file is not null;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
        {
            if (file is null)
            {
                return;
            }

            lock (Gate)
            {
                file.WriteLine($"{logLevel} {category}[{eventId.Id}] {formatter(state, exception)} {exception}");
            }
        }
    }
}
