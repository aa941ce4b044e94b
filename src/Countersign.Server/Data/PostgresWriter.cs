using System.Diagnostics;
using Countersign.Server.Telemetry;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata;
using Npgsql;

namespace Countersign.Server.Data;

/// <summary>The door on PostgreSQL: one transaction a unit, run again when the database says that it lost a race.</summary>
internal sealed class PostgresWriter : IWriter
{
    private const int Attempts = 5;

    private static readonly AsyncLocal<bool> InUnit = new();

    private readonly Contexts _contexts;
    private readonly WriterMeasures _measures;
    private readonly AfterEffects _effects;
    private int _atWork;

    public PostgresWriter(Contexts contexts, WriterMeasures measures, AfterEffects effects)
    {
        (_contexts, _measures, _effects) = (contexts, measures, effects);
        measures.Watch(() => Volatile.Read(ref _atWork));
    }

    public async Task<T> RunAsync<T>(Func<CountersignDbContext, CancellationToken, Task<T>> unit, CancellationToken ct)
    {
        if (InUnit.Value)
        {
            throw new InvalidOperationException("A unit of work was started inside a unit of work.");
        }

        ct.ThrowIfCancellationRequested();
        using var span = Instrumentation.Source.StartActivity("unit of work");
        Interlocked.Increment(ref _atWork);
        try
        {
            return await RunUntilWonAsync(unit);
        }
        finally
        {
            Interlocked.Decrement(ref _atWork);
        }
    }

    private async Task<T> RunUntilWonAsync<T>(Func<CountersignDbContext, CancellationToken, Task<T>> unit)
    {
        var stepByStep = false;
        for (var attempt = 1; ; attempt++)
        {
            try
            {
                return await RunOnceAsync(unit, stepByStep);
            }
            catch (UnmetException) when (!stepByStep)
            {
                stepByStep = true;
            }
            catch (Exception e) when (attempt < Attempts && LostRace(e))
            {
                _measures.Repeated();

                // Real time: the other transaction needs it, whatever the clock of the domain says.
                await Task.Delay(TimeSpan.FromMilliseconds(5 << attempt), TimeProvider.System, CancellationToken.None);
            }
        }
    }

    private async Task<T> RunOnceAsync<T>(Func<CountersignDbContext, CancellationToken, Task<T>> unit, bool stepByStep)
    {
        T result;
        IReadOnlyList<Action> after;
        var started = Stopwatch.GetTimestamp();
        await using (var db = (PostgresDbContext)_contexts.Write())
        {
            await using var statements = new PostgresStatements(db, stepByStep);
            db.Statements = statements;
            db.Database.AutoSavepointsEnabled = false;

            // A pooled context may have been left by a unit that threw.
            db.TakeAfterCommit();
            result = await InsideAsync(unit, db);
            var witness = Witness(db, statements);
            try
            {
                await statements.CommitAsync();
            }
            catch (NpgsqlException e) when (e is not PostgresException)
            {
                // The answer to COMMIT was lost. Whether it happened is read back by the key of a row that the unit added.
                if (witness is not { } row)
                {
                    throw new UnknownOutcomeException(e);
                }

                if (!await WasCommittedAsync(row))
                {
                    throw;
                }
            }

            after = db.TakeAfterCommit();
        }

        _measures.Committed(1, started);
        _effects.Run(after);
        return result;
    }

    private static async Task<T> InsideAsync<T>(Func<CountersignDbContext, CancellationToken, Task<T>> unit, CountersignDbContext db)
    {
        InUnit.Value = true;
        try
        {
            return await unit(db, CancellationToken.None);
        }
        finally
        {
            InUnit.Value = false;
        }
    }

    /// <summary>The type and key of a row that the unit adds.</summary>
    private static (IEntityType Type, object?[] Key)? Witness(CountersignDbContext db, PostgresStatements statements) =>
        statements.Added
            ?? (db.ChangeTracker.Entries().FirstOrDefault(e => e.State == EntityState.Added) is { } added
                ? ((IEntityType)added.Metadata, [.. added.Metadata.FindPrimaryKey()!.Properties.Select(p => added.CurrentValues[p])])
                : null);

    private async Task<bool> WasCommittedAsync((IEntityType Type, object?[] Key) row)
    {
        await using var db = _contexts.Write();
        return await db.FindAsync(row.Type.ClrType, row.Key) is not null;
    }

    /// <remarks>At whatever depth: saving wraps it, and so does EF Core where it takes a fault for a passing one.</remarks>
    private static bool LostRace(Exception? e) =>
        e is PostgresException { SqlState: PostgresErrorCodes.SerializationFailure or PostgresErrorCodes.DeadlockDetected }
            || e is not null && LostRace(e.InnerException);
}
