using System.Data.Common;
using Countersign.Server.Telemetry;
using Microsoft.AspNetCore.Diagnostics;

namespace Countersign.Server.Http;

/// <summary>
/// Says why pages answer 503: once a minute for each route and cause, so that an outage is neither silent nor a flood.
/// </summary>
internal sealed partial class UnavailableLog(TimeProvider time, ILogger<UnavailableLog> logger) : IDisposable
{
    private readonly OnceAMinute<(string Route, string Cause)> _minutes = new(time);

    public void Tell(HttpContext http, Exception exception)
    {
        var cause = exception.GetBaseException();
        var state = (Find<DbException>(exception) ?? cause as DbException)?.SqlState;
        var (route, name, why) = (Route(http), state ?? cause.GetType().Name, cause.Message.ReplaceLineEndings(" "));
        _minutes.Tell((route, name), count => LogUnavailable(count, route, name, why));
    }

    public void Dispose() => _minutes.Dispose();

    /// <summary>Of the request that failed: by now nothing is routed any more.</summary>
    private static string Route(HttpContext http) =>
        (http.Features.Get<IExceptionHandlerFeature>()?.Endpoint ?? http.GetEndpoint()) is RouteEndpoint route
            ? "/" + route.RoutePattern.RawText?.TrimStart('/') : "-";

    private static T? Find<T>(Exception? e)
        where T : Exception => e is null ? null : e as T ?? Find<T>(e.InnerException);

    [LoggerMessage(
        8004, LogLevel.Error, "Answered 503 at {Route}, {Count} times since the line before, and says so once a minute: {Cause}, {Why}")]
    private partial void LogUnavailable(long count, string route, string cause, string why);
}
