using System.Diagnostics;
using System.Diagnostics.Metrics;

namespace Countersign.Server.Telemetry;

/// <summary>The one meter and the one source of spans. Without a listener both cost a comparison.</summary>
internal static class Instrumentation
{
    public const string Name = "Countersign";

    public static readonly ActivitySource Source = new(Name);

    /// <summary>The meter of this host: the factory hands out the same one each time.</summary>
    public static Meter Countersign(this IMeterFactory meters) => meters.Create(Name);
}

/// <summary>Names of attributes. Their values come from closed sets in the code, never from a request.</summary>
internal static class Attributes
{
    public const string Event = "countersign.event";
    public const string Outcome = "countersign.outcome";
    public const string Purpose = "countersign.purpose";
    public const string Kind = "countersign.device.kind";
    public const string Channel = "countersign.channel";
    public const string Gateway = "countersign.gateway";
    public const string State = "countersign.state";
    public const string Column = "countersign.column";
    public const string Level = "countersign.log.level";
}
