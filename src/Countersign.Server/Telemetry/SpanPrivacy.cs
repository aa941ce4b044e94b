using System.Collections.Frozen;
using System.Diagnostics;

namespace Countersign.Server.Telemetry;

/// <summary>
/// Leaves in a span only what is known to be harmless. Addresses hold handles of challenges and links, and a library may
/// learn to add something: so it is a list of what may stay.
/// </summary>
/// <remarks>
/// No processor of the SDK: a type that derives from one would be loaded, with the SDK, by whoever lists the program's types.
/// </remarks>
internal static class SpanPrivacy
{
    private static readonly FrozenSet<string> Kept = FrozenSet.Create(
        StringComparer.Ordinal,
        "http.request.method",
        "http.response.status_code",
        "http.route",
        "network.protocol.name",
        "network.protocol.version",
        "url.scheme",
        "error.type",
        "server.port");

    public static void Clean(Activity span)
    {
        foreach (var (name, _) in span.TagObjects.ToList())
        {
            if (!Kept.Contains(name))
            {
                span.SetTag(name, null);
            }
        }
    }
}
