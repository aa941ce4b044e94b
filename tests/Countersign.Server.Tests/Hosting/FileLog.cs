using System.Collections.Concurrent;
using System.Globalization;
using Microsoft.Extensions.Logging;

namespace Countersign.Server.Tests.Hosting;

/// <summary>Writes everything a test host logs into the folder that the run searches for secrets afterwards.</summary>
internal sealed class FileLog(string name) : ILoggerProvider
{
    private static int _hosts;
    private readonly LogFile? _file = Open(name);
    private readonly ConcurrentDictionary<string, ILogger> _loggers = new();

    public ILogger CreateLogger(string categoryName) => _loggers.GetOrAdd(categoryName, c => new Lines(c, _file));

    public void Dispose() => _file?.Dispose();

    private static LogFile? Open(string name)
    {
        if (Environment.GetEnvironmentVariable("COUNTERSIGN_TEST_LOGS") is not { Length: > 0 } folder)
        {
            return null;
        }

        var number = Interlocked.Increment(ref _hosts);
        return new LogFile(
            Path.Combine(folder, string.Create(CultureInfo.InvariantCulture, $"{name}-{Environment.ProcessId}-{number}.log")));
    }

    /// <summary>One host's file: written by all its threads, and by those that are still at work when the host has ended.</summary>
    private sealed class LogFile(string path) : IDisposable
    {
        private readonly Lock _gate = new();
        private readonly StreamWriter _writer = new(path) { AutoFlush = true };
        private bool _closed;

        public void Write(string line)
        {
            lock (_gate)
            {
                if (!_closed)
                {
                    _writer.WriteLine(line);
                }
            }
        }

        public void Dispose()
        {
            lock (_gate)
            {
                _closed = true;
                _writer.Dispose();
            }
        }
    }

    private sealed class Lines(string category, LogFile? file) : ILogger
    {
        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => file is not null;

        public void Log<TState>(
            LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter) =>
            file?.Write($"{logLevel} {category}[{eventId.Id}] {formatter(state, exception)} {exception}");
    }
}
