using System.Diagnostics;

namespace Countersign.Server.Telemetry;

/// <summary>
/// What a line of the log tells besides itself: the ids of trace, span and request. ASP.NET Core would add the request's
/// path, which holds handles of challenges and links; it is taken out here, for every provider and at every level.
/// </summary>
internal sealed class LogScopes : IExternalScopeProvider
{
    private const string RequestPath = "RequestPath";

    private readonly LoggerExternalScopeProvider _scopes = new();

    public IDisposable Push(object? state) =>
        _scopes.Push(state is IEnumerable<KeyValuePair<string, object?>> pairs && pairs.Any(IsPath)
            ? new Pairs([.. pairs.Where(p => !IsPath(p))])
            : state);

    public void ForEachScope<TState>(Action<object?, TState> callback, TState state)
    {
        if (Activity.Current is { IdFormat: ActivityIdFormat.W3C } activity)
        {
            callback(new Pairs([new("TraceId", activity.TraceId.ToHexString()), new("SpanId", activity.SpanId.ToHexString())]), state);
        }

        _scopes.ForEachScope(callback, state);
    }

    private static bool IsPath(KeyValuePair<string, object?> pair) => pair.Key == RequestPath;

    private sealed class Pairs(IReadOnlyList<KeyValuePair<string, object?>> pairs) : List<KeyValuePair<string, object?>>(pairs)
    {
        public override string ToString() => string.Join(", ", this.Select(p => $"{p.Key}:{p.Value}"));
    }
}
