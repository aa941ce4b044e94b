namespace Countersign.Server.Data;

/// <summary>
/// How long one statement may take on PostgreSQL. A person waits for seconds (<see cref="DataOptions.Deadline"/>, in the connection
/// string, so that it holds for a COMMIT too); jobs and the command line work through tables, and have minutes.
/// </summary>
internal static class Patience
{
    /// <summary>For what nobody waits for. A database that does not move at all is given up even so.</summary>
    private const int UnhurriedSeconds = 600;

    private static readonly AsyncLocal<bool> Unhurried = new();

    /// <summary>Seconds for each statement from here on; null: as the connection string says.</summary>
    public static int? Seconds => Unhurried.Value ? UnhurriedSeconds : null;

    /// <summary>From here on, in the caller and what it calls, nobody waits.</summary>
    public static void Lift() => Unhurried.Value = true;
}
