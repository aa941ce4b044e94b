using Microsoft.Extensions.Options;

namespace Countersign.Server.Telemetry;

/// <summary>How the running program is seen from outside: logs, metrics, traces.</summary>
internal static class TelemetrySlice
{
    /// <summary>The variable that every OpenTelemetry program reads.</summary>
    private const string OtlpVariable = "OTEL_EXPORTER_OTLP_ENDPOINT";

    public static void AddTelemetry(this WebApplicationBuilder builder)
    {
        builder.Services.AddOptions<TelemetryOptions>().BindConfiguration(TelemetryOptions.Section).ValidateOnStart();
        builder.Services.AddSingleton<IValidateOptions<TelemetryOptions>, TelemetryOptionsValidator>();
        builder.Services.AddSingleton<IExternalScopeProvider, LogScopes>();
        builder.Logging.AddLogCounting();

        var options = new TelemetryOptions();
        builder.Configuration.GetSection(TelemetryOptions.Section).Bind(options);
        if (options.Otlp.Length > 0)
        {
            // Through the variable, so that protocol, headers and paths follow the rules that its documentation tells.
            builder.Configuration[OtlpVariable] = options.Otlp;
        }

        var otlp = !string.IsNullOrEmpty(builder.Configuration[OtlpVariable]);
        var scraped = options.MetricsUrl.Length > 0;
        if (otlp || scraped)
        {
            // Apart, so that the libraries are loaded only here.
            OpenTelemetrySetup.Add(builder.Services, otlp, scraped);
        }
    }
}
