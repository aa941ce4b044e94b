using System.Net.Sockets;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.Extensions.Options;

namespace Countersign.Server.Telemetry;

/// <summary>
/// A server of its own for whoever collects metrics: the public one has no such address that a mistake could open, and this
/// one has no page.
/// </summary>
/// <param name="answer">Adds what answers <see cref="Path"/>. No type of the SDK stands here: whoever lists the constructors of the
/// program's types would load it.</param>
internal sealed partial class MetricsListener(
    Action<IApplicationBuilder> answer,
    IOptions<TelemetryOptions> options,
    ILoggerFactory loggers,
    ILogger<MetricsListener> logger) : IHostedService, IAsyncDisposable
{
    public const string Path = "/metrics";

    private WebApplication? _app;

    public async Task StartAsync(CancellationToken cancellationToken)
    {
        // Empty: no setting of the other server reaches this one.
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.WebHost.UseKestrelCore().ConfigureKestrel(o => (o.AddServerHeader, o.Limits.MaxRequestBodySize) = (false, 0)).UseUrls(
            options.Value.MetricsUrl);
        builder.Services.AddSingleton(loggers);
        builder.Services.AddSingleton<IHostLifetime, NoSignals>();
        _app = builder.Build();
        answer(_app);
        try
        {
            await _app.StartAsync(cancellationToken);
        }
        catch (Exception e) when (e is IOException or SocketException or InvalidOperationException or FormatException)
        {
            throw new StartException(
                $"Telemetry:MetricsUrl: {options.Value.MetricsUrl} cannot be listened on. {e.Message} Name an address that is free.");
        }

        LogListening(_app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.First() + Path);
    }

    public Task StopAsync(CancellationToken cancellationToken) => _app?.StopAsync(cancellationToken) ?? Task.CompletedTask;

    public async ValueTask DisposeAsync()
    {
        if (_app is not null)
        {
            await _app.DisposeAsync();
        }
    }

    [LoggerMessage(8001, LogLevel.Information, "Metrics are at {Address}.")]
    private partial void LogListening(string address);

    /// <summary>Signals are the business of the server that this one belongs to.</summary>
    private sealed class NoSignals : IHostLifetime
    {
        public Task WaitForStartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

        public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;
    }
}
