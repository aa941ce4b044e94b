using System.Diagnostics;
using System.Text.Json;
using Countersign.Bench.Scenarios;

namespace Countersign.Bench;

/// <summary>One build under measurement: it runs windows of one scenario after another, each when it is told to.</summary>
internal interface ISide : IAsyncDisposable
{
    /// <summary>What the rows call it.</summary>
    string Label { get; }

    /// <summary>Starts a server for the scenario.</summary>
    Task BeginAsync(string scenario, CancellationToken ct);

    Task<WindowResult> RunAsync(CancellationToken ct);

    /// <summary>Stops the server.</summary>
    /// <returns>The most memory that it had, in MiB.</returns>
    Task<double> EndAsync();
}

/// <summary>The build that this program was built with, or another server of the same schema.</summary>
internal sealed class OwnSide(Target target, BenchOptions options) : ISide
{
    private const int FirstGuessPerSecond = 1_000;

    private IScenario? _scenario;
    private Running? _running;
    private double _perSecond = FirstGuessPerSecond;

    public string Label => options.Label;

    /// <summary>The server's.</summary>
    public int ProcessId => _running!.Server.ProcessId;

    public async Task BeginAsync(string scenario, CancellationToken ct)
    {
        _scenario = target.Scenario(scenario);
        var server = await target.StartServerAsync();
        _running = new Running(server, new Window(target, server, _scenario, options.Clients));
        _perSecond = FirstGuessPerSecond;
    }

    public async Task<WindowResult> RunAsync(CancellationToken ct)
    {
        // A little more than the server can do, so that the time ends the window.
        await _scenario!.PrepareAsync((int)(_perSecond * options.Seconds * 1.3) + options.Clients, ct);
        var result = await _running!.Window.RunAsync(TimeSpan.FromSeconds(options.Seconds));
        _perSecond = result.PerSecond;
        return result;
    }

    public async Task<double> EndAsync()
    {
        await using var server = _running!.Server;
        var peak = ProcessUse.Memory(server.ProcessId, "VmHWM");
        await server.StopAsync();
        return peak;
    }

    public ValueTask DisposeAsync() => target.DisposeAsync();

    private sealed record Running(Countersign.Testing.PublishedServer Server, Window Window);
}

/// <summary>
/// Another build, measured by its own bench on its own database: it may have another schema, and closes what it stores in its own way.
/// </summary>
internal sealed class OtherSide : ISide
{
    /// <summary>The option by which that bench waits to be told.</summary>
    public const string Told = "--told";

    private readonly Process _process;

    private OtherSide(Process process, string label) => (_process, Label) = (process, label);

    public string Label { get; }

    public static OtherSide Start(FileInfo bench, string label, string database, BenchOptions options)
    {
        string[] command =
        [
            bench.FullName, Told, "--database", database, "--label", label, "--users", Text(options.Users),
            "--clients", Text(options.Clients), "--seconds", Text(options.Seconds),
            .. options.LightHash ? ["--light-hash"] : Array.Empty<string>(),
            .. options.OneDevice ? ["--one-device"] : Array.Empty<string>(),
        ];
        var start = new ProcessStartInfo("dotnet", command) { RedirectStandardInput = true, RedirectStandardOutput = true };
        return new OtherSide(Process.Start(start)!, label);
    }

    /// <summary>The other end: does what the lines on standard input say until there are none.</summary>
    public static async Task ObeyAsync(ISide side, CancellationToken ct)
    {
        while (await Console.In.ReadLineAsync(ct) is { } line)
        {
            var answer = line.Split(' ') switch
            {
                ["begin", var scenario] => await BeginAsync(side, scenario, ct),
                ["window"] => JsonSerializer.Serialize(await side.RunAsync(ct), ReportJson.Compact.WindowResult),
                ["end"] => JsonSerializer.Serialize(await side.EndAsync(), ReportJson.Compact.Double),
                _ => throw new InvalidOperationException($"Nobody says {line}."),
            };
            await Console.Out.WriteLineAsync(answer.AsMemory(), ct);
        }
    }

    public Task BeginAsync(string scenario, CancellationToken ct) => AskAsync($"begin {scenario}", ct);

    public async Task<WindowResult> RunAsync(CancellationToken ct) =>
        JsonSerializer.Deserialize(await AskAsync("window", ct), ReportJson.Compact.WindowResult)!;

    public async Task<double> EndAsync() =>
        JsonSerializer.Deserialize(await AskAsync("end", CancellationToken.None), ReportJson.Compact.Double);

    public async ValueTask DisposeAsync()
    {
        _process.StandardInput.Close();
        await _process.WaitForExitAsync(CancellationToken.None);
        _process.Dispose();
    }

    private async Task<string> AskAsync(string line, CancellationToken ct)
    {
        await _process.StandardInput.WriteLineAsync(line.AsMemory(), ct);
        return await _process.StandardOutput.ReadLineAsync(ct)
            ?? throw new InvalidOperationException($"The other bench ended: {line}.");
    }

    private static async Task<string> BeginAsync(ISide side, string scenario, CancellationToken ct)
    {
        await side.BeginAsync(scenario, ct);
        return string.Empty;
    }

    private static string Text(int value) => value.ToString(System.Globalization.CultureInfo.InvariantCulture);
}
