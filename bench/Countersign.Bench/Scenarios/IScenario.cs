namespace Countersign.Bench.Scenarios;

/// <summary>Something that is done again and again.</summary>
internal interface IScenario
{
    string Name { get; }

    /// <summary>Makes ready what one window needs, for at least this many operations if it can.</summary>
    Task PrepareAsync(int operations, CancellationToken ct);

    /// <summary>Makes a client ready, before the clock runs.</summary>
    Task EnterAsync(BenchClient client);

    /// <summary>Does it once and throws unless it came out right. False: nothing is left of what was prepared.</summary>
    Task<bool> OnceAsync(BenchClient client);
}
