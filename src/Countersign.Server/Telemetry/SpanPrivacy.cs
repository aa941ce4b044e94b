using System.Collections.Frozen;
using System.Diagnostics;
using OpenTelemetry;

namespace Countersign.Server.Telemetry;

/// <summary>
/// Leaves in a span only what is known to be harmless. Addresses hold handles of challenges and links, and a library may
/// learn to add something: so it is a list of what may stay.
/// </summary>
internal sealed class SpanPrivacy : BaseProcessor<Activity>
{
    private static readonly FrozenSet<string> Kept = FrozenSet.Create(
        StringComparer.Ordinal,
        "http.request.method", "http.response.status_code", "http.route", "network.protocol.name", "network.protocol.version", "url.scheme", "error.type", "server.port");

    public override void OnEnd(Activity data)
    {
        foreach (var (name, _) in data.TagObjects.ToList())
        {
            if (!Kept.Contains(name) && !name.StartsWith("countersign.", StringComparison.Ordinal))
            {
                data.SetTag(name, null);
            }
        }

        if (data.Kind == ActivityKind.Server)
        {
            // Named after the template. What a library or a status made of the path is replaced.
            var method = data.GetTagItem("http.request.method");
            data.DisplayName = data.GetTagItem("http.route") is { } route ? $"{method} {route}" : $"{method}";
        }
    }
}
