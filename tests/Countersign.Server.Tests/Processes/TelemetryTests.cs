using System.Collections.Concurrent;
using System.Net;
using System.Text;
using System.Text.Json;
using System.Text.RegularExpressions;
using Countersign.Testing;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;

namespace Countersign.Server.Tests.Processes;

/// <summary>What the built program tells of itself, to whom, and what it keeps to itself.</summary>
public sealed partial class TelemetryTests
{
    private const string User = "mei.chan";
    private const string Mobile = "+85251234567";

    [Fact]
    public async Task Metrics_have_a_listener_of_their_own_which_answers_nothing_else()
    {
        using var folder = new TestFolder();
        await DemoNode.SeedAsync(folder);
        await using var server = await StartAsync(folder, "--set", "Telemetry:MetricsUrl=http://127.0.0.1:0");
        var (outside, handle) = await SignInAsync(server);
        using var stranger = new TestBrowser(server.BaseAddress);
        using var inside = new TestBrowser(await Metrics.AddressAsync(server));

        Assert.NotEqual(server.BaseAddress.Port, (await Metrics.AddressAsync(server)).Port);
        Assert.Equal(HttpStatusCode.NotFound, (await outside.GetAsync("/metrics")).Status);
        Assert.Equal(HttpStatusCode.NotFound, (await stranger.GetAsync("/metrics")).Status);
        foreach (var path in new[] { "/", "/sign-in", "/health/live", "/metrics/more", "/demo", "/css/shell.css" })
        {
            Assert.Equal(HttpStatusCode.NotFound, (await inside.GetAsync(path)).Status);
        }

        var metrics = await inside.GetAsync("/metrics");
        Assert.Equal(HttpStatusCode.OK, metrics.Status);
        Assert.Contains("countersign_sign_ins_total", metrics.Html, StringComparison.Ordinal);
        Assert.Contains("""countersign_outcome="done"} 1""", metrics.Html, StringComparison.Ordinal);
        Assert.Contains("http_server_request_duration_seconds", metrics.Html, StringComparison.Ordinal);
        Assert.Contains("countersign_outbox_depth", metrics.Html, StringComparison.Ordinal);
        AssertNothingPersonal(metrics.Html, handle);
        Assert.Equal(0, await server.StopAsync());
    }

    [Fact]
    public async Task Nothing_of_the_libraries_is_loaded_unless_somebody_wants_to_hear()
    {
        using var folder = new TestFolder();
        await DemoNode.SeedAsync(folder);
        await using var silent = await StartAsync(folder);
        await SignInAsync(silent);
        Assert.DoesNotContain("OpenTelemetry", await LoadedAsync(silent), StringComparison.Ordinal);
        await silent.StopAsync();

        await using var heard = await StartAsync(folder, "--set", "Telemetry:MetricsUrl=http://127.0.0.1:0");
        Assert.Contains("OpenTelemetry", await LoadedAsync(heard), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Spans_name_templates_and_neither_addresses_nor_persons()
    {
        using var folder = new TestFolder();
        await DemoNode.SeedAsync(folder);
        var received = new ConcurrentBag<string>();
        await using var collector = await CollectAsync(received);
        var environment = new Dictionary<string, string> { ["OTEL_EXPORTER_OTLP_PROTOCOL"] = "http/protobuf" };
        await using var server = await PublishedServer.StartAsync(
            [
                "serve", "--demo", "--data", folder.Path, "--set", "Telemetry:Otlp=" + collector.Urls.First(), "--set",
                "Passwords:MemoryKiB=8",
            ],
            environment);
        var (browser, handle) = await SignInAsync(server);
        await browser.GetAsync($"/challenges/{handle}/?token={handle}");
        Assert.Equal(0, await server.StopAsync());

        var all = string.Join('\n', received);
        Assert.Contains("/challenges/{handle}", all, StringComparison.Ordinal);
        Assert.Contains("unit of work", all, StringComparison.Ordinal);
        Assert.Contains("hash password", all, StringComparison.Ordinal);
        Assert.Contains("countersign.sign_ins", all, StringComparison.Ordinal);
        AssertNothingPersonal(all, handle);
    }

    [Fact]
    public async Task The_log_as_JSON_has_ids_of_traces_and_neither_handles_nor_names()
    {
        using var folder = new TestFolder();
        await DemoNode.SeedAsync(folder);
        await using var server = await StartAsync(
            folder, "--set", "Logging:Console:FormatterName=json", "--set", "Logging:Console:FormatterOptions:IncludeScopes=true",
            "--set", "Logging:LogLevel:Default=Debug");
        var (browser, handle) = await SignInAsync(server);
        await browser.GetAsync($"/challenges/{handle}/");
        Assert.Equal(0, await server.StopAsync());

        var log = server.Output[server.Output.IndexOf("Ready: ", StringComparison.Ordinal)..];
        AssertNothingPersonal(log, handle);
        var requests = log.Split('\n')
            .Skip(1)
            .Where(l => l.Length > 0)
            .Select(l => JsonDocument.Parse(l).RootElement)
            .Where(l => l.GetProperty("EventId").GetInt32() == 8002)
            .ToList();
        Assert.Contains(
            requests, l => l.GetProperty("Message").GetString()!.StartsWith("GET /challenges/{handle}", StringComparison.Ordinal));
        Assert.Contains(requests, l => l.GetProperty("Message").GetString()!.StartsWith("POST /sign-in 302", StringComparison.Ordinal));
        Assert.All(requests, l =>
        {
            var scopes = l.GetProperty("Scopes").ToString();
            Assert.Matches(TraceId(), scopes);
            Assert.Contains("RequestId", scopes, StringComparison.Ordinal);
            Assert.DoesNotContain("RequestPath", scopes, StringComparison.Ordinal);
        });
    }

    [Theory]
    [InlineData("Telemetry:MetricsUrl=nowhere", "MetricsUrl")]
    [InlineData("Telemetry:Otlp=collector", "Otlp")]
    public async Task A_wrong_address_is_named(string setting, string named)
    {
        using var folder = new TestFolder();

        var (code, output) = await Command.RunAsync(
            ["serve", "--demo", "--data", folder.Path, "--urls", "http://127.0.0.1:0", "--set", setting]);

        Assert.Equal(1, code);
        Assert.Contains(named, output, StringComparison.Ordinal);
    }

    private static Task<PublishedServer> StartAsync(TestFolder folder, params string[] more) =>
        PublishedServer.StartAsync(
            ["serve", "--demo", "--data", folder.Path, "--set", "Passwords:MemoryKiB=8", "--set", "Passwords:Passes=1", .. more]);

    private static async Task<(TestBrowser Browser, string Handle)> SignInAsync(PublishedServer server)
    {
        var browser = new TestBrowser(server.BaseAddress);
        var page = await DemoNode.TypePasswordAsync(browser, User);
        Assert.Equal("/", (await DemoNode.TypeCodeAsync(browser, page, await DemoNode.CodeAsync(server, Mobile))).Path);
        return (browser, page.Path.Split('/')[^1]);
    }

    /// <summary>A collector that keeps what it is sent. In protobuf texts stand as they are.</summary>
    private static async Task<WebApplication> CollectAsync(ConcurrentBag<string> received)
    {
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.WebHost.UseKestrelCore().UseUrls("http://127.0.0.1:0");
        var app = builder.Build();
        app.Run(async http =>
        {
            using var body = new MemoryStream();
            await http.Request.Body.CopyToAsync(body);
            received.Add(Encoding.Latin1.GetString(body.ToArray()));
        });
        await app.StartAsync();
        return app;
    }

    private static Task<string> LoadedAsync(PublishedServer server) => File.ReadAllTextAsync($"/proc/{server.ProcessId}/maps");

    private static void AssertNothingPersonal(string text, string handle)
    {
        Assert.DoesNotContain(handle, text, StringComparison.Ordinal);
        Assert.DoesNotContain(User, text, StringComparison.OrdinalIgnoreCase);
        Assert.DoesNotContain(Mobile[1..], text, StringComparison.Ordinal);
    }

    [GeneratedRegex("\"TraceId\": ?\"[0-9a-f]{32}\"")]
    private static partial Regex TraceId();
}
