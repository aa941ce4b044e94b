namespace Countersign.Bench.Scenarios;

/// <summary>The first page that anybody sees: no session, no database.</summary>
internal sealed class PageScenario : IScenario
{
    public string Name => "page";

    public Task PrepareAsync(int operations, CancellationToken ct) => Task.CompletedTask;

    public Task EnterAsync(BenchClient client) => client.GetAsync("/sign-in");

    public async Task<bool> OnceAsync(BenchClient client)
    {
        await client.GetAsync("/sign-in");
        return true;
    }
}
