namespace Countersign.Bench.Scenarios;

/// <summary>The emptiest answer of the server: what is below any other figure.</summary>
internal sealed class FloorScenario : IScenario
{
    public string Name => "floor";

    public Task PrepareAsync(int operations, CancellationToken ct) => Task.CompletedTask;

    public Task EnterAsync(BenchClient client) => Task.CompletedTask;

    public async Task<bool> OnceAsync(BenchClient client)
    {
        await client.GetAsync("/health/live");
        return true;
    }
}
