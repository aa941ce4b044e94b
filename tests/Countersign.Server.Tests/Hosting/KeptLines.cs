using System.Collections.Concurrent;
using Microsoft.Extensions.Logging;

namespace Countersign.Server.Tests.Hosting;

/// <summary>Keeps what a host logs, by event, for tests that read it.</summary>
internal sealed class KeptLines : ILoggerProvider, ILogger
{
    private readonly ConcurrentQueue<(int Event, string Line)> _lines = new();

    /// <summary>The lines of an event so far, in order.</summary>
    public IReadOnlyList<string> Of(int id) => [.. _lines.Where(l => l.Event == id).Select(l => l.Line)];

    public ILogger CreateLogger(string categoryName) => this;

    public IDisposable? BeginScope<TState>(TState state)
        where TState : notnull => null;

    public bool IsEnabled(LogLevel logLevel) => logLevel >= LogLevel.Warning;

    public void Log<TState>(
        LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter) =>
        _lines.Enqueue((eventId.Id, formatter(state, exception)));

    public void Dispose()
    {
        // The lines are read after the host has ended.
    }
}
