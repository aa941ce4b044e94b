using System.Data.Common;
using System.Diagnostics;
using Countersign.Server.Telemetry;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata;
using Npgsql;

namespace Countersign.Server.Data;

/// <summary>
/// The door on PostgreSQL: one transaction a unit, run again when the database says that it lost a race, and when something was not as it
/// had taken for granted.
/// </summary>
internal sealed class PostgresWriter : IWriter
{
    private const int Attempts = 5;

    /// <summary>How often it is looked whether a lost commit is over, each a tenth of a second after the one before.</summary>
    private const int Looks = 50;

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
        var (stepByStep, attempt) = (false, 1);
        while (true)
        {
            try
            {
                return await RunOnceAsync(unit, stepByStep);
            }
            catch (UnmetException) when (!stepByStep)
            {
                _measures.Repeated();
                stepByStep = true;
            }
            catch (Exception e) when (attempt < Attempts && FaultOf(e) is { } fault && (LostRace(fault) || StalePlan.Is(fault)))
            {
                attempt++;
                _measures.Repeated();
                if (StalePlan.Is(fault))
                {
                    _contexts.ForgetIdle();
                }

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
            result = await InsideAsync(unit, db, statements);
            var witness = Witness(db, statements);
            await statements.PrepareAsync();
            var backend = statements.ProcessId;
            try
            {
                await statements.CommitAsync();
            }
            catch (NpgsqlException e) when (e is not PostgresException)
            {
                // The answer to COMMIT was lost. Whether it happened is read back by the key of a row that the unit added.
                if (!await WasCommittedAsync(witness, backend, e))
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

    private static async Task<T> InsideAsync<T>(
        Func<CountersignDbContext, CancellationToken, Task<T>> unit, CountersignDbContext db, PostgresStatements statements)
    {
        InUnit.Value = true;
        try
        {
            return await unit(db, CancellationToken.None);
        }
        catch (Exception e) when (statements.Assumes)
        {
            // It may have come to this only because of what was taken for granted.
            throw new UnmetException(e);
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

    /// <summary>
    /// Whether the server's process is through with what it was sent, made so if need be: it may wait for a row, not knowing that nobody
    /// listens any more, and commit later.
    /// </summary>
    private async Task<bool> IsOverAsync(int? backend)
    {
        await using var db = _contexts.Write();
        for (var look = 0; look < Looks; look++)
        {
            if (!await db.Database.SqlQuery<bool>(
                $"""
                SELECT pg_terminate_backend(pid) AS "Value" FROM pg_stat_activity
                WHERE pid = {backend} AND datname = current_database() AND usename = current_user AND state <> 'idle'
                """).AnyAsync(CancellationToken.None))
            {
                return true;
            }

            await Task.Delay(TimeSpan.FromMilliseconds(100), TimeProvider.System, CancellationToken.None);
        }

        return false;
    }

    /// <exception cref="UnknownOutcomeException">Nobody can tell; whatever went wrong with the look, the unit is not run again.</exception>
    private async Task<bool> WasCommittedAsync((IEntityType Type, object?[] Key)? witness, int? backend, Exception lost)
    {
        try
        {
            if (witness is not { } row || !await IsOverAsync(backend))
            {
                throw new UnknownOutcomeException(lost);
            }

            await using var db = _contexts.Write();
            return await db.FindAsync(row.Type.ClrType, row.Key) is not null;
        }
        catch (Exception e) when (e is DbException or InvalidOperationException)
        {
            // Entity Framework wraps what it takes for a passing fault.
            throw new UnknownOutcomeException(lost);
        }
    }

    private static bool LostRace(PostgresException fault) =>
        fault.SqlState is PostgresErrorCodes.SerializationFailure or PostgresErrorCodes.DeadlockDetected;

    /// <summary>At whatever depth: saving wraps it, and so does EF Core where it takes a fault for a passing one.</summary>
    private static PostgresException? FaultOf(Exception? e) => e is null ? null : e as PostgresException ?? FaultOf(e.InnerException);
}
