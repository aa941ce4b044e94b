using System.Collections.Concurrent;
using Countersign.Testing;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.WebUtilities;
using Microsoft.Extensions.Logging;

namespace Countersign.Server.Tests.Features.Messaging.Messages.Gateways;

/// <summary>A request as the fake gateway got it.</summary>
internal sealed record GatewayCall(string Path, IReadOnlyDictionary<string, string> Headers, string Body)
{
    public string Field(string name) => QueryHelpers.ParseQuery(Body)[name].ToString();
}

/// <summary>A gateway on loopback that speaks HTTP, remembers what it was asked and answers as a test says.</summary>
internal sealed class FakeHttpGateway : IAsyncDisposable
{
    private static readonly TimeSpan Ceiling = Waiting.Ceiling;
    private readonly ConcurrentQueue<GatewayCall> _calls = new();
    private readonly WebApplication _app;

    private FakeHttpGateway()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        _app = builder.Build();
        _app.Run(HandleAsync);
    }

    /// <summary>What it answers; by itself 201 with a name for the message.</summary>
    public Func<GatewayCall, HttpResponse, Task> Answer { get; set; } = TakeAsync;

    public string Address => _app.Urls.First();

    public IReadOnlyList<GatewayCall> Calls => [.. _calls];

    public static async Task<FakeHttpGateway> StartAsync()
    {
        var gateway = new FakeHttpGateway();
        await gateway._app.StartAsync();
        return gateway;
    }

    /// <summary>The <paramref name="number"/>th call, once it has come.</summary>
    public async Task<GatewayCall> CallAsync(int number = 1)
    {
        await Waiting.UntilAsync(() => Task.FromResult(_calls.Count >= number), Ceiling);
        return Calls[number - 1];
    }

    public static Func<GatewayCall, HttpResponse, Task> Status(int status, string body = "") => async (_, response) =>
    {
        response.StatusCode = status;
        await response.WriteAsync(body);
    };

    /// <summary>The request arrives and the answer is lost.</summary>
    public static Task BreakAsync(GatewayCall call, HttpResponse response)
    {
        response.HttpContext.Abort();
        return Task.CompletedTask;
    }

    /// <summary>The request arrives and no answer comes.</summary>
    public static async Task HangAsync(GatewayCall call, HttpResponse response) =>
        await Task.Delay(Timeout.InfiniteTimeSpan, TimeProvider.System, response.HttpContext.RequestAborted).ConfigureAwait(
            ConfigureAwaitOptions.SuppressThrowing);

    public static async Task TakeAsync(GatewayCall call, HttpResponse response)
    {
        response.StatusCode = StatusCodes.Status201Created;
        await response.WriteAsync("""{"sid":"SM0123456789abcdef0123456789abcdef","id":"provider-1","status":"queued","error_code":null}""");
    }

    public async ValueTask DisposeAsync()
    {
        using var atOnce = new CancellationTokenSource(TimeSpan.Zero);
        await _app.StopAsync(atOnce.Token);
        await _app.DisposeAsync();
    }

    private async Task HandleAsync(HttpContext http)
    {
        using var reader = new StreamReader(http.Request.Body);
        var call = new GatewayCall(
            http.Request.Path + http.Request.QueryString,
            http.Request.Headers.ToDictionary(h => h.Key, h => h.Value.ToString(), StringComparer.OrdinalIgnoreCase),
            await reader.ReadToEndAsync());
        _calls.Enqueue(call);
        await Answer(call, http.Response);
    }
}
