namespace Countersign.Server.Data;

/// <summary>The only door to a change: the unit's rows are all durable, or none, before this returns.</summary>
/// <remarks>
/// A unit awaits nothing but its own context (no hash, no HTTP, no other service), touches at most 500 rows and may run
/// twice: it must have no effect outside its context. What has to happen afterwards goes through
/// <see cref="CountersignDbContext.AfterCommit"/>. A unit inside a unit throws. Cancellation works until the unit has begun.
/// </remarks>
internal interface IWriter
{
    /// <exception cref="WriterBusyException">Too many units are waiting; nothing was changed.</exception>
    Task<T> RunAsync<T>(Func<CountersignDbContext, CancellationToken, Task<T>> unit, CancellationToken ct);
}

/// <summary>The writer's queue is full. Nothing was changed; try again in a moment.</summary>
internal sealed class WriterBusyException() : Exception("Too many changes are waiting to be written.");

/// <summary>A commit was sent and its answer lost: nothing in the unit could be read back by key, or it may still be under way.</summary>
internal sealed class UnknownOutcomeException(Exception inner) : Exception("It is not known whether the change was written.", inner);

internal static class WriterExtensions
{
    /// <summary>Runs a unit that has no result.</summary>
    public static Task RunAsync(this IWriter writer, Func<CountersignDbContext, CancellationToken, Task> unit, CancellationToken ct) =>
        writer.RunAsync(
            async (db, token) =>
            {
                await unit(db, token);
                return true;
            },
            ct);
}
