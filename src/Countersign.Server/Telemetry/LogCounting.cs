using System.Diagnostics.Metrics;
using Microsoft.Extensions.DependencyInjection.Extensions;

namespace Countersign.Server.Telemetry;

/// <summary>
/// Counts warnings and errors by their event, so that every line worth an alarm is a metric too, those of background jobs above
/// all.
/// </summary>
internal sealed class LogCounting(IMeterFactory meters) : ILoggerProvider
{
    private readonly Counter<long> _lines = meters.Countersign().CreateCounter<long>(
        "countersign.log.lines", "{line}", "Lines of the log from warning upwards, by event.");

    public ILogger CreateLogger(string categoryName) =>
        new Counting(_lines, categoryName.StartsWith("Countersign.", StringComparison.Ordinal));

    public void Dispose()
    {
        // The meter is the factory's.
    }

    private sealed class Counting(Counter<long> lines, bool ours) : ILogger
    {
        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => logLevel >= LogLevel.Warning && lines.Enabled;

        public void Log<TState>(
            LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
        {
            if (IsEnabled(logLevel))
            {
                // Numbers of libraries mean nothing without the library's name, and are not ours to bound.
                lines.Add(1, new(Attributes.Event, ours ? eventId.Id : 0), new(Attributes.Level, logLevel.ToString().ToLowerInvariant()));
            }
        }
    }
}

internal static class LogCountingExtensions
{
    public static void AddLogCounting(this ILoggingBuilder logging)
    {
        logging.Services.TryAddEnumerable(ServiceDescriptor.Singleton<ILoggerProvider, LogCounting>());

        // So that no line below costs anything, whatever other providers want.
        logging.AddFilter<LogCounting>(category: null, LogLevel.Warning);
    }
}
