namespace Countersign.Faults;

/// <summary>Something to be shown with the built program, as processes.</summary>
internal interface IRun
{
    string Name { get; }

    /// <summary>Where it applies.</summary>
    IReadOnlyList<string> Databases { get; }

    /// <returns>Whether all was as it has to be.</returns>
    Task<bool> RunAsync(string database, FaultOptions options, CancellationToken ct);
}
