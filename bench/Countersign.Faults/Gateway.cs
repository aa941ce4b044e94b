using System.Collections.Concurrent;
using System.Text.Json;
using System.Text.RegularExpressions;
using Countersign.Testing;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace Countersign.Faults;

/// <summary>A gateway for text messages that can be away, and the phones behind it.</summary>
internal sealed partial class Gateway : IAsyncDisposable
{
    private readonly ConcurrentDictionary<string, string> _codes = new(StringComparer.Ordinal);
    private readonly int _port = TestDaemon.FreePort();
    private WebApplication? _app;

    /// <summary>By which the server finds it.</summary>
    public IReadOnlyDictionary<string, string?> Settings => new Dictionary<string, string?>
    {
        ["Messages:Gateways:0:Kind"] = "webhook",
        ["Messages:Gateways:0:Id"] = "main",
        ["Messages:Gateways:0:Url"] = $"http://127.0.0.1:{_port}/",
        ["Messages:Gateways:0:Secret"] = "webhook-secret-of-the-fault-runs-0000001",
        ["Messages:Gateways:0:AllowPrivateAddress"] = "true",
        ["Messages:Gateways:0:Receipts"] = "false",
    };

    /// <summary>The code that has come to a phone; it is read once.</summary>
    public string? Take(string mobile) => _codes.TryRemove(mobile, out var code) ? code : null;

    public async Task StartAsync()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.WebHost.UseUrls($"http://127.0.0.1:{_port}");
        builder.Logging.ClearProviders();
        _app = builder.Build();
        _app.MapPost("/", async (HttpRequest request) =>
        {
            using var message = await JsonDocument.ParseAsync(request.Body);
            var (to, text) = (message.RootElement.GetProperty("to").GetString()!, message.RootElement.GetProperty("text").GetString()!);
            _codes[to] = SixDigits().Match(text).Value;
            return Results.Ok();
        });
        await _app.StartAsync();
    }

    public async Task StopAsync()
    {
        if (_app is not null)
        {
            await _app.DisposeAsync();
            _app = null;
        }
    }

    public async ValueTask DisposeAsync() => await StopAsync();

    [GeneratedRegex(@"\b\d{6}\b")]
    private static partial Regex SixDigits();
}
