using Countersign.Server.Telemetry;

namespace Countersign.Server.Features.Messaging.Messages;

/// <summary>
/// Says that a gateway does not do what it should: once a minute for each gateway and cause, since while one is away every message fails
/// the same way, and again at each round. Which message waits for what stands in its row.
/// </summary>
internal sealed partial class GatewayLog(TimeProvider time, ILogger<GatewayLog> logger) : IDisposable
{
    private readonly OnceAMinute<(int Event, string Gateway, string Cause)> _minutes = new(time);

    public void NotTaken(string gateway, string code) =>
        _minutes.Tell((2002, gateway, code), count => LogNotTaken(gateway, count, code));

    public void Broken(string gateway, Exception exception) =>
        _minutes.Tell((2004, gateway, exception.GetType().Name), count => LogBroken(exception, gateway, count));

    public void Overdue(string gateway, string code) =>
        _minutes.Tell((2005, gateway, code), count => LogOverdue(gateway, count, code));

    public void Dispose() => _minutes.Dispose();

    [LoggerMessage(2002, LogLevel.Warning, "Gateway {Gateway} did not take {Count} messages since the line before ({Code}).")]
    private partial void LogNotTaken(string gateway, long count, string code);

    [LoggerMessage(
        2004, LogLevel.Error, "Gateway {Gateway} failed in a way that it should not, with {Count} messages since the line before.")]
    private partial void LogBroken(Exception exception, string gateway, long count);

    [LoggerMessage(
        2005, LogLevel.Warning, "Gateway {Gateway} left {Count} messages without a word since the line before ({Code}).")]
    private partial void LogOverdue(string gateway, long count, string code);
}
