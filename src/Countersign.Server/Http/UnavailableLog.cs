using System.Collections.Concurrent;
using System.Data.Common;
using Microsoft.AspNetCore.Diagnostics;

namespace Countersign.Server.Http;

/// <summary>
/// Says why pages answer 503: once a minute for each route and cause, so that an outage is neither silent nor a flood.
/// </summary>
internal sealed partial class UnavailableLog(TimeProvider time, ILogger<UnavailableLog> logger)
{
    private const int MostTold = 500;
    private static readonly TimeSpan Quiet = TimeSpan.FromMinutes(1);
    private readonly ConcurrentDictionary<(string Route, string Cause), DateTimeOffset> _told = new();

    public void Tell(HttpContext http, Exception exception)
    {
        var cause = exception.GetBaseException();
        var state = (Find<DbException>(exception) ?? cause as DbException)?.SqlState;
        var key = (Route(http), state ?? cause.GetType().Name);
        var now = time.GetUtcNow();
        if (_told.TryGetValue(key, out var last) && now - last < Quiet)
        {
            return;
        }

        // Routes and causes are few; what is not is not remembered for ever.
        if (_told.Count >= MostTold)
        {
            _told.Clear();
        }

        _told[key] = now;
        LogUnavailable(key.Item1, key.Item2, cause.Message.ReplaceLineEndings(" "));
    }

    /// <summary>Of the request that failed: by now nothing is routed any more.</summary>
    private static string Route(HttpContext http) =>
        (http.Features.Get<IExceptionHandlerFeature>()?.Endpoint ?? http.GetEndpoint()) is RouteEndpoint route
            ? "/" + route.RoutePattern.RawText?.TrimStart('/') : "-";

    private static T? Find<T>(Exception? e)
        where T : Exception => e is null ? null : e as T ?? Find<T>(e.InnerException);

    [LoggerMessage(8004, LogLevel.Error, "Answered 503 at {Route}, and says so once a minute: {Cause}, {Why}")]
    private partial void LogUnavailable(string route, string cause, string why);
}
