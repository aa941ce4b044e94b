using System.Runtime.CompilerServices;
using OpenTelemetry.Metrics;
using OpenTelemetry.Resources;
using OpenTelemetry.Trace;

namespace Countersign.Server.Telemetry;

/// <summary>The OpenTelemetry SDK, when somebody wants to hear.</summary>
internal static class OpenTelemetrySetup
{
    private static readonly PathString[] Untraced = ["/health", MetricsListener.Path];

    [MethodImpl(MethodImplOptions.NoInlining)]
    public static void Add(IServiceCollection services, bool otlp, bool scraped)
    {
        var version = typeof(OpenTelemetrySetup).Assembly.GetName().Version?.ToString(3);
        var telemetry = services.AddOpenTelemetry()
            .ConfigureResource(r => r.AddService("countersign", serviceVersion: version).AddEnvironmentVariableDetector())
            .WithMetrics(metrics => AddMetrics(metrics, otlp, scraped));
        if (otlp)
        {
            telemetry.WithTracing(AddTraces);
        }

        if (scraped)
        {
            services.AddHostedService(
                s => ActivatorUtilities.CreateInstance<MetricsListener>(s, Answer(s.GetRequiredService<MeterProvider>())));
        }
    }

    private static void AddMetrics(MeterProviderBuilder metrics, bool otlp, bool scraped)
    {
        metrics.AddMeter(Instrumentation.Name).AddAspNetCoreInstrumentation().AddHttpClientInstrumentation().AddRuntimeInstrumentation();
        if (otlp)
        {
            metrics.AddOtlpExporter();
        }

        if (scraped)
        {
            metrics.AddPrometheusExporter();
        }
    }

    private static Action<IApplicationBuilder> Answer(MeterProvider meters) => app =>
        app.UseOpenTelemetryPrometheusScrapingEndpoint(
            meters, http => http.Request.Path == MetricsListener.Path, path: null, configureBranchedPipeline: null, optionsName: null);

    private static void AddTraces(TracerProviderBuilder traces) => traces
        .AddSource(Instrumentation.Name)
        .AddAspNetCoreInstrumentation(o =>
        {
            o.Filter = http => !Array.Exists(Untraced, path => http.Request.Path.StartsWithSegments(path, StringComparison.Ordinal));
            o.EnrichWithHttpResponse = (span, _) => SpanPrivacy.Clean(span);
        })
        .AddHttpClientInstrumentation(o =>
        {
            // At the beginning too: a call that nobody answers has no response.
            o.EnrichWithHttpRequestMessage = (span, _) => SpanPrivacy.Clean(span);
            o.EnrichWithHttpResponseMessage = (span, _) => SpanPrivacy.Clean(span);
        })
        .AddOtlpExporter();
}
