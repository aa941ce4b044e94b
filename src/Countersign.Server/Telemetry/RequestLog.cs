using System.Diagnostics;
using Microsoft.AspNetCore.Diagnostics;

namespace Countersign.Server.Telemetry;

/// <summary>One line for each request, with the template of its address in place of the address. Off unless its level is lowered.</summary>
internal sealed partial class RequestLog(RequestDelegate next, ILogger<RequestLog> logger)
{
    public async Task InvokeAsync(HttpContext http)
    {
        if (!logger.IsEnabled(LogLevel.Debug))
        {
            await next(http);
            return;
        }

        var started = Stopwatch.GetTimestamp();
        try
        {
            await next(http);
        }
        finally
        {
            LogRequest(http.Request.Method, Template(http), http.Response.StatusCode, Stopwatch.GetElapsedTime(started).TotalMilliseconds);
        }
    }

    /// <summary>What was asked for, not the error page that answered.</summary>
    private static string Template(HttpContext http)
    {
        var endpoint = http.Features.Get<IStatusCodeReExecuteFeature>() is { } again ? again.Endpoint : http.GetEndpoint();
        return endpoint is RouteEndpoint route ? "/" + route.RoutePattern.RawText?.TrimStart('/') : "-";
    }

    [LoggerMessage(8002, LogLevel.Debug, "{Method} {Route} {Status} {Milliseconds:0.0} ms")]
    private partial void LogRequest(string method, string route, int status, double milliseconds);
}
