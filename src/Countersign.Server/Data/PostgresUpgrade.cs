using System.Globalization;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Infrastructure;
using Microsoft.EntityFrameworkCore.Metadata;
using Microsoft.EntityFrameworkCore.Migrations;
using Microsoft.EntityFrameworkCore.Migrations.Operations;
using Npgsql;

namespace Countersign.Server.Data;

/// <summary>
/// Brings a PostgreSQL database up to this release while the release before serves people from it. One transaction for all would hold the
/// locks of every table that it touched while it waits for the next one: behind a backup that means that nobody signs in, and beside units
/// that touch the same tables in another order, deadlocks. So each step is a transaction of its own, which gives up after a moment of
/// waiting and tries again later; an index of a table that is there already is built without locking it out; and what was done is written
/// down beside the migrations, so that a run that was cut off goes on. No table is made for that: a backup that has just seen one fails
/// when it is gone.
/// </summary>
internal sealed class PostgresUpgrade(CountersignDbContext db, Contexts contexts, TimeProvider time)
{
    /// <summary>Of all installations of this program in one database; any number that no other program takes.</summary>
    private const long Turn = 0x436F756E74657273;

    private const string History = "\"__EFMigrationsHistory\"";

    /// <summary>How long one step stands in the way of others: who waits behind it has its answer well before Data:Deadline.</summary>
    private const string Moment = "500ms";

    private static readonly TimeSpan FirstPause = TimeSpan.FromSeconds(0.5);
    private static readonly TimeSpan LongestPause = TimeSpan.FromSeconds(15);

    /// <summary>A backup may hold its locks for long, and be behind another one.</summary>
    private static readonly TimeSpan Longest = TimeSpan.FromHours(1);

    public async Task RunAsync(CancellationToken ct)
    {
        var assembly = db.GetService<IMigrationsAssembly>();
        await RunAsync(
            (await db.Database.GetPendingMigrationsAsync(ct))
                .Select(id => (id, assembly.CreateMigration(assembly.Migrations[id], db.Database.ProviderName!))),
            ct);
    }

    /// <summary>The same with migrations that are given.</summary>
    public async Task RunAsync(IEnumerable<(string Id, Migration Migration)> pending, CancellationToken ct)
    {
        var rest = pending.ToList();
        if (rest.Count == 0)
        {
            return;
        }

        await using var turn = contexts.Listener();
        await turn.OpenAsync(ct);
        await TakeTurnAsync(turn, ct);
        await db.Database.OpenConnectionAsync(ct);
        try
        {
            foreach (var (id, migration) in rest)
            {
                await RunAsync((NpgsqlConnection)db.Database.GetDbConnection(), id, migration, ct);
            }
        }
        finally
        {
            await db.Database.CloseConnectionAsync();
        }
    }

    private async Task RunAsync(NpgsqlConnection connection, string id, Migration migration, CancellationToken ct)
    {
        // Another one that had its turn before may have done it.
        if (await IsDoneAsync(connection, id, ct))
        {
            return;
        }

        foreach (var (number, step) in StepsOf(migration).Index())
        {
            var name = string.Create(CultureInfo.InvariantCulture, $"{id}#{number}");
            if (await IsDoneAsync(connection, name, ct))
            {
                continue;
            }

            if (step.Index is { } index)
            {
                await BuildAsync(connection, index, step.Sql, ct);
                await ExecuteAsync(connection, Done(name), ct);
            }
            else
            {
                await PatientlyAsync(() => InMomentAsync(connection, [step.Sql, Done(name)], ct), id, ct);
            }
        }

        await PatientlyAsync(
            () => InMomentAsync(connection, [$"DELETE FROM {History} WHERE migration_id LIKE '{id}#%'", Done(id)], ct), id, ct);
    }

    private static Task<bool> IsDoneAsync(NpgsqlConnection connection, string name, CancellationToken ct) =>
        AnyAsync(connection, $"SELECT 1 FROM {History} WHERE migration_id = $1", [name], ct);

    /// <summary>Whoever reads the table asks for migrations that it knows: of steps nobody does but this class.</summary>
    private string Done(string name) => db.GetService<IHistoryRepository>().GetInsertScript(new HistoryRow(name, ProductInfo.GetVersion()));

    /// <summary>Statements in order; an index that is dropped goes last, when what takes its place is there.</summary>
    private List<Step> StepsOf(Migration migration)
    {
        var (steps, generator, model) = (new List<Step>(), db.GetService<IMigrationsSqlGenerator>(), TargetOf(migration));
        var made = migration.UpOperations.OfType<CreateTableOperation>().Select(o => o.Name).ToHashSet(StringComparer.Ordinal);
        var indexes = migration.UpOperations.OfType<CreateIndexOperation>().Select(o => o.Name).ToHashSet(StringComparer.Ordinal);
        foreach (var operation in migration.UpOperations.OrderBy(o => o is DropIndexOperation drop && !indexes.Contains(drop.Name)))
        {
            var index = operation is CreateIndexOperation create && !made.Contains(create.Table) ? create.Name : null;
            if (index is not null)
            {
                operation["Npgsql:CreatedConcurrently"] = true;
            }

            steps.AddRange(generator.Generate([operation], model).Select(command => new Step(command.CommandText, index)));
        }

        return steps;
    }

    private IModel TargetOf(Migration migration)
    {
        var model = migration.TargetModel;
        return db.GetService<IModelRuntimeInitializer>().Initialize(
            model is IMutableModel open ? open.FinalizeModel() : model, designTime: true, validationLogger: null);
    }

    /// <summary>
    /// Two that migrate at once would do each step twice. Asked for again and again: who waits inside a statement holds up the building of
    /// indexes.
    /// </summary>
    private async Task TakeTurnAsync(NpgsqlConnection connection, CancellationToken ct)
    {
        while (!await AnyAsync(connection, "SELECT 1 WHERE pg_try_advisory_lock($1)", [Turn], ct))
        {
            await Task.Delay(FirstPause, time, ct);
        }
    }

    /// <summary>It waits for whoever reads the table, and nobody waits for it. One that was cut off leaves a ruin behind.</summary>
    private static async Task BuildAsync(NpgsqlConnection connection, string index, string sql, CancellationToken ct)
    {
        const string Is = "SELECT 1 FROM pg_index WHERE indexrelid = to_regclass(quote_ident($1))";
        if (await AnyAsync(connection, Is + " AND indisvalid", [index], ct))
        {
            return;
        }

        if (await AnyAsync(connection, Is, [index], ct))
        {
            await ExecuteAsync(connection, $"DROP INDEX CONCURRENTLY \"{index}\"", ct);
        }

        await ExecuteAsync(connection, sql, ct);
    }

    private static async Task InMomentAsync(NpgsqlConnection connection, IReadOnlyList<string> statements, CancellationToken ct)
    {
        await using var transaction = await connection.BeginTransactionAsync(ct);
        await ExecuteAsync(connection, $"SET LOCAL lock_timeout = '{Moment}'", ct);
        foreach (var statement in statements)
        {
            await ExecuteAsync(connection, statement, ct);
        }

        await transaction.CommitAsync(ct);
    }

    private async Task PatientlyAsync(Func<Task> step, string id, CancellationToken ct)
    {
        var (pause, since) = (FirstPause, time.GetTimestamp());
        while (true)
        {
            try
            {
                await step();
                return;
            }
            catch (PostgresException e) when (e.SqlState is PostgresErrorCodes.LockNotAvailable or PostgresErrorCodes.DeadlockDetected)
            {
                if (time.GetElapsedTime(since) > Longest)
                {
                    throw new StartException(
                        $"The migration {id} has waited an hour for a lock that somebody holds, such as a backup: look at "
                            + "pg_stat_activity, and run it again. What was done stays done.");
                }

                await Task.Delay(pause, time, ct);
                pause = pause * 2 < LongestPause ? pause * 2 : LongestPause;
            }
        }
    }

    private static async Task<bool> AnyAsync(NpgsqlConnection connection, string sql, object[] values, CancellationToken ct)
    {
        await using var command = Command(connection, sql);
        foreach (var value in values)
        {
            command.Parameters.Add(new NpgsqlParameter { Value = value });
        }

        return await command.ExecuteScalarAsync(ct) is not null;
    }

    private static async Task ExecuteAsync(NpgsqlConnection connection, string sql, CancellationToken ct)
    {
        await using var command = Command(connection, sql);
        await command.ExecuteNonQueryAsync(ct);
    }

    /// <summary>Nobody waits for it but who migrates: an index takes as long as it takes.</summary>
    private static NpgsqlCommand Command(NpgsqlConnection connection, string sql) =>
#pragma warning disable CA2100 // Texts of this file, names of migrations, and what Entity Framework makes of them.
        new(sql, connection) { CommandTimeout = 0 };
#pragma warning restore CA2100

    /// <param name="Index">The index that it builds beside those who use the table; null: a step in a transaction.</param>
    private sealed record Step(string Sql, string? Index);
}
