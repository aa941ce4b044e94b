using System.ComponentModel.DataAnnotations;
using Microsoft.Extensions.Options;

namespace Countersign.Server.Telemetry;

/// <summary>Where metrics and traces go. By default nowhere, and then nothing that would carry them is loaded.</summary>
internal sealed class TelemetryOptions
{
    public const string Section = "Telemetry";

    /// <summary>Address of a listener of its own that answers <c>/metrics</c> for Prometheus, and nothing else. Empty: none.</summary>
    [RegularExpression("^http://[^/\\s]+:[0-9]{1,5}/?$", ErrorMessage = "Telemetry:MetricsUrl must be like http://127.0.0.1:9464.")]
    public string MetricsUrl { get; set; } = string.Empty;

    /// <summary>
    /// Address of an OTLP collector for metrics and traces. Empty: the variable OTEL_EXPORTER_OTLP_ENDPOINT, if it is set.
    /// </summary>
    [RegularExpression("^https?://\\S+$", ErrorMessage = "Telemetry:Otlp must be an absolute address.")]
    public string Otlp { get; set; } = string.Empty;
}

/// <summary>Checks <see cref="TelemetryOptions"/> at start.</summary>
[OptionsValidator]
internal sealed partial class TelemetryOptionsValidator : IValidateOptions<TelemetryOptions>;
