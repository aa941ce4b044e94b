namespace Countersign.Server.Features.Ground.Jobs;

/// <summary>
/// Something that the server does by itself, again and again. Safe on several nodes at once, leased or not: a lease may run out under
/// its holder.
/// </summary>
internal interface IJob
{
    /// <summary>As the log and the table of leases call it; never renamed.</summary>
    string Name { get; }

    /// <summary>From one turn to the next, unless there is more to do at once.</summary>
    TimeSpan Every { get; }

    /// <summary>Whether one node has the turns at a time: for what is merely a waste when all of them do it.</summary>
    bool Leased => false;

    /// <summary>Whether the first turn comes after one period: for what need not be done while the first pages are served.</summary>
    bool WaitsFirst => false;

    /// <summary>Whether its statements may take minutes: it goes through tables, and nobody waits for it.</summary>
    bool Unhurried => false;

    /// <summary>One turn. Returns how many things it has done: after some, the next turn comes at once.</summary>
    Task<int> RunOnceAsync(CancellationToken ct);

    /// <summary>By which others on this node say that there is something to do before the next turn is due. Null: nobody does.</summary>
    JobSignal? Signal => null;

    /// <summary>After the last turn: finishes what is still under way.</summary>
    Task EndAsync() => Task.CompletedTask;
}

/// <summary>A job whose turn is a method of something that knows no jobs.</summary>
internal sealed class Turns(string name, TimeSpan every, Func<CancellationToken, Task<int>> turn, bool unhurried = false) : IJob
{
    public bool Unhurried => unhurried;

    public string Name => name;

    public TimeSpan Every => every;

    public bool WaitsFirst => true;

    public Task<int> RunOnceAsync(CancellationToken ct) => turn(ct);
}
