using System.Data.Common;
using Countersign.Server.Data;
using Countersign.Server.Features.Ground.Rations;
using Countersign.Server.Tests.Hosting;
using Countersign.Testing;
using Microsoft.EntityFrameworkCore;
using Npgsql;

namespace Countersign.Server.Tests.Data;

/// <summary>The one door to a change: all of a unit, or nothing; and nobody writes beside it.</summary>
public abstract class WriterTests(CountersignServer server)
{
    private static readonly DateTimeOffset At = DateTimeOffset.UnixEpoch;
    private static readonly SqlStatement UseMissing = new("UPDATE rations SET used = 9 WHERE owner = $1 AND name = 'missing'");
    private protected static readonly SqlStatement UseThere = new("UPDATE rations SET used = 9 WHERE owner = $1 AND name = 'there'");

    protected CountersignServer Server => server;

    [Fact]
    public async Task A_unit_that_throws_leaves_nothing_and_its_caller_hears_of_it()
    {
        var owner = NewOwner();

        await Assert.ThrowsAsync<TimeZoneNotFoundException>(() => server.WriteAsync<int>(async (db, ct) =>
        {
            db.Add(Row(owner, "saved"));
            await db.SaveChangesAsync(ct);
            await db.Set<Ration>().Where(r => r.Owner == owner).ExecuteUpdateAsync(set => set.SetProperty(r => r.Used, 9), ct);
            db.Add(Row(owner, "not saved"));
            throw new TimeZoneNotFoundException();
        }));

        Assert.Empty(await server.RowsAsync<Ration>(r => r.Owner == owner));
    }

    [Fact]
    public async Task Units_that_throw_do_not_hurt_their_neighbours()
    {
        var owner = NewOwner();

        var ends = await Task.WhenAll(Enumerable.Range(0, 60).Select(n => Record.ExceptionAsync(() => server.WriteAsync(async (db, ct) =>
        {
            db.Add(Row(owner, "unit " + n));
            await db.SaveChangesAsync(ct);
            return n % 3 == 0 ? throw new TimeZoneNotFoundException() : n;
        })).AsTask()));

        Assert.Equal(20, ends.Count(e => e is TimeZoneNotFoundException));
        Assert.Equal(40, ends.Count(e => e is null));
        Assert.Equal(
            Enumerable.Range(0, 60).Where(n => n % 3 != 0).Select(n => "unit " + n).Order(),
            (await server.RowsAsync<Ration>(r => r.Owner == owner)).Select(r => r.Name).Order());
    }

    [Fact]
    public async Task A_broken_row_is_told_to_its_own_caller_only()
    {
        var owner = NewOwner();
        await server.WriteAsync((db, _) => Task.FromResult(db.Add(Row(owner, "there"))));

        var twice = server.WriteAsync((db, _) => Task.FromResult(db.Add(Row(owner, "there"))));
        var after = server.WriteAsync((db, _) => Task.FromResult(db.Add(Row(owner, "after"))));

        await Assert.ThrowsAsync<DbUpdateException>(() => twice);
        await after;
        Assert.Equal(2, (await server.RowsAsync<Ration>(r => r.Owner == owner)).Count);
    }

    [Fact]
    public async Task What_follows_a_commit_runs_after_it_and_never_without_it()
    {
        var owner = NewOwner();
        var seen = new TaskCompletionSource<int>(TaskCreationOptions.RunContinuationsAsynchronously);
        var thrown = false;

        await Assert.ThrowsAsync<TimeZoneNotFoundException>(() => server.WriteAsync<int>((db, _) =>
        {
            db.AfterCommit(() => thrown = true);
            throw new TimeZoneNotFoundException();
        }));
        await server.WriteAsync((db, _) =>
        {
            db.Add(Row(owner, "committed"));
            db.AfterCommit(() =>
            {
                using var reader = server.Reader();
                seen.SetResult(reader.Set<Ration>().Count(r => r.Owner == owner));
            });
            return Task.FromResult(0);
        });

        Assert.Equal(1, await seen.Task.WaitAsync(Waiting.Ceiling, TimeProvider.System, TestContext.Current.CancellationToken));
        Assert.False(thrown);
    }

    [Fact]
    public async Task What_follows_a_commit_and_throws_hurts_neither_the_caller_nor_what_comes_after()
    {
        var owner = NewOwner();
        var followed = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);

        await server.WriteAsync((db, _) =>
        {
            db.Add(Row(owner, "kept"));
            db.AfterCommit(() => throw new TimeZoneNotFoundException());
            db.AfterCommit(followed.SetResult);
            return Task.FromResult(0);
        });
        await followed.Task.WaitAsync(Waiting.Ceiling, TestContext.Current.CancellationToken);
        await server.WriteAsync((db, _) => Task.FromResult(db.Add(Row(owner, "the door still works")))).WaitAsync(
            Waiting.Ceiling, TestContext.Current.CancellationToken);

        Assert.Equal(2, (await server.RowsAsync<Ration>(r => r.Owner == owner)).Count);
    }

    [Fact]
    public async Task A_unit_inside_a_unit_throws()
    {
        var owner = NewOwner();

        await Assert.ThrowsAsync<InvalidOperationException>(
            () => server.WriteAsync(async (_, _) => await server.WriteAsync((db, _) => Task.FromResult(db.Add(Row(owner, "inner"))))));

        Assert.Empty(await server.RowsAsync<Ration>(r => r.Owner == owner));
        await server.WriteAsync((db, _) => Task.FromResult(db.Add(Row(owner, "the door still works"))));
    }

    [Fact]
    public async Task Who_has_gone_before_his_turn_changes_nothing()
    {
        var owner = NewOwner();
        using var gone = new CancellationTokenSource();
        await gone.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(
            () => server.WriteUnlessGoneAsync((db, _) => Task.FromResult(db.Add(Row(owner, "late"))), gone.Token));

        Assert.Empty(await server.RowsAsync<Ration>(r => r.Owner == owner));
    }

    [Fact]
    public async Task A_reading_context_cannot_write()
    {
        var owner = NewOwner();
        var other = NewOwner();
        await server.WriteAsync((db, _) => Task.FromResult(db.Add(Row(owner, "kept"))));
        await using (var reader = server.Reader())
        {
            reader.Add(Row(other, "smuggled"));
            await Assert.ThrowsAsync<DbUpdateException>(() => reader.SaveChangesAsync(TestContext.Current.CancellationToken));
        }

        await using (var reader = server.Reader())
        {
            await Assert.ThrowsAnyAsync<DbException>(
                () => reader.Set<Ration>().Where(r => r.Owner == owner).ExecuteDeleteAsync(TestContext.Current.CancellationToken));
        }

        Assert.Single(await server.RowsAsync<Ration>(r => r.Owner == owner));
        Assert.Empty(await server.RowsAsync<Ration>(r => r.Owner == other));
    }

    [Fact]
    public async Task A_statement_that_finds_no_row_says_so_and_the_unit_goes_by_that()
    {
        var owner = NewOwner();

        var changed = await server.WriteAsync(async (db, _) =>
        {
            db.Append(Row(owner, "appended"));
            var found = await db.ChangeOneAsync(UseMissing, owner);
            db.Add(Row(owner, found ? "found" : "not found"));
            return found;
        });

        Assert.False(changed);
        Assert.Equal(["appended", "not found"], (await server.RowsAsync<Ration>(r => r.Owner == owner)).Select(r => r.Name).Order());
    }

    [Fact]
    public async Task What_a_unit_would_throw_only_if_a_row_were_there_is_not_thrown()
    {
        var owner = NewOwner();

        Assert.Equal(0, await server.WriteAsync(
            async (db, _) => await db.ChangeOneAsync(UseMissing, owner) ? throw new TimeZoneNotFoundException() : 0));
    }

    [Fact]
    public async Task What_is_appended_and_changed_in_a_unit_that_throws_leaves_nothing()
    {
        var owner = NewOwner();
        await server.WriteAsync((db, _) => Task.FromResult(db.Add(Row(owner, "there"))));

        await Assert.ThrowsAsync<TimeZoneNotFoundException>(() => server.WriteAsync<int>(async (db, _) =>
        {
            db.Append(Row(owner, "appended"));
            await db.ChangeOneAsync(UseThere, owner);
            throw new TimeZoneNotFoundException();
        }));

        Assert.Equal(1, Assert.Single(await server.RowsAsync<Ration>(r => r.Owner == owner)).Used);
    }

    private protected static Ration Row(Guid owner, string name) =>
        new() { Owner = owner, Name = name, Used = 1, StartedAt = At, LastAt = At };

    protected static Guid NewOwner() => Guid.CreateVersion7(TimeProvider.System.GetUtcNow());
}

public sealed class WriterOnSqlite(OnSqlite server) : WriterTests(server)
{
    /// <summary>SQLite does so where the disk fails in the middle of a statement.</summary>
    [Fact]
    public async Task A_unit_that_the_database_takes_back_by_itself_leaves_nothing_to_the_next_one()
    {
        await using var own = await Server.FreshAsync();
        var owner = NewOwner();

        await Assert.ThrowsAnyAsync<Exception>(() => own.WriteAsync<int>(async (db, ct) =>
        {
            db.Add(Row(owner, "taken back"));
            await db.Database.ExecuteSqlRawAsync("ROLLBACK", ct);
            throw new TimeZoneNotFoundException();
        }));
        await own.WriteAsync((db, _) => Task.FromResult(db.Add(Row(owner, "next"))));

        Assert.Equal("next", Assert.Single(await own.RowsAsync<Ration>(r => r.Owner == owner)).Name);
    }

    [Fact]
    public async Task A_unit_that_waits_for_something_else_throws_and_leaves_nothing()
    {
        var owner = NewOwner();
        var never = new TaskCompletionSource<int>();

        await Assert.ThrowsAsync<InvalidOperationException>(() => Server.WriteAsync(async (db, ct) =>
        {
            db.Add(Row(owner, "before"));
            await db.SaveChangesAsync(ct);
            return await never.Task;
        }));

        Assert.Empty(await Server.RowsAsync<Ration>(r => r.Owner == owner));
        await Server.WriteAsync((db, _) => Task.FromResult(db.Add(Row(owner, "the door still works"))));
    }

    [Fact]
    public async Task A_full_queue_is_told_at_once_and_loses_nothing()
    {
        await using var own = await Server.FreshAsync(("Data:WriterQueue", "16"));
        var owner = NewOwner();
        using var begun = new ManualResetEventSlim();
        using var go = new ManualResetEventSlim();
        var first = own.WriteAsync((_, _) =>
        {
            begun.Set();
            go.Wait(CancellationToken.None);
            return Task.FromResult(0);
        });
        begun.Wait(TestContext.Current.CancellationToken);

        var units = Enumerable.Range(0, 40)
            .Select(n => Record.ExceptionAsync(() => own.WriteAsync((db, _) => Task.FromResult(db.Add(Row(owner, "unit " + n))))).AsTask())
            .ToList();
        go.Set();
        await first;
        var ends = await Task.WhenAll(units);

        Assert.Equal(24, ends.Count(e => e is WriterBusyException));
        Assert.Equal(16, ends.Count(e => e is null));
        Assert.Equal(16, (await own.RowsAsync<Ration>(r => r.Owner == owner)).Count);
    }
}

public sealed class WriterOnPostgres(OnPostgres server) : WriterTests(server)
{
    private static readonly SqlQuery<string> NameOf = new(_ => ("SELECT name FROM rations WHERE owner = $1", row => row.GetString(0)));
    private const string LoseRace = "DO $$ BEGIN RAISE EXCEPTION 'lost' USING ERRCODE = '40001'; END $$";

    /// <summary>Saving wraps what the database says, and EF Core wraps that once more.</summary>
    [Fact]
    [Race]
    public async Task Units_that_lock_each_other_while_saving_both_come_through()
    {
        var owner = NewOwner();

        var ends = await Task.WhenAll(Enumerable.Range(0, 40).Select(n => Record.ExceptionAsync(() => Server.WriteAsync(async (db, ct) =>
        {
            string[] names = [$"pair {n / 2} one", $"pair {n / 2} two"];
            foreach (var name in n % 2 == 0 ? names : names.Reverse())
            {
                if (!await db.Set<Ration>().AnyAsync(r => r.Owner == owner && r.Name == name, ct))
                {
                    db.Add(Row(owner, name));
                    await db.SaveChangesAsync(ct);
                }
            }

            return true;
        })).AsTask()));

        // Whoever waited for a row that is now there hears that it is.
        Assert.All(ends, e => Assert.True(
            e is null or DbUpdateException { InnerException: PostgresException { SqlState: PostgresErrorCodes.UniqueViolation } },
            e?.ToString()));
        Assert.Equal(40, (await Server.RowsAsync<Ration>(r => r.Owner == owner)).Count);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(4)]
    public async Task A_unit_that_lost_a_race_is_run_again(int losses)
    {
        await using var own = await Server.FreshAsync();
        var owner = NewOwner();
        var (runs, after) = (0, 0);

        await AdvanceUntilAsync(own, own.WriteAsync(async (db, ct) =>
        {
            db.Add(Row(owner, "once"));
            db.AfterCommit(() => Interlocked.Increment(ref after));
            return Interlocked.Increment(ref runs) <= losses ? await db.Database.ExecuteSqlRawAsync(LoseRace, ct) : 0;
        }));

        Assert.Equal((losses + 1, 1), (runs, after));
        Assert.Single(await own.RowsAsync<Ration>(r => r.Owner == owner));
    }

    [Fact]
    public async Task A_unit_that_loses_every_race_is_given_up()
    {
        await using var own = await Server.FreshAsync();
        var runs = 0;

        var end = await Record.ExceptionAsync(() => AdvanceUntilAsync(own, own.WriteAsync((db, ct) =>
        {
            Interlocked.Increment(ref runs);
            return db.Database.ExecuteSqlRawAsync(LoseRace, ct);
        })));

        Assert.Equal("40001", Assert.IsType<PostgresException>(end).SqlState);
        Assert.Equal(5, runs);
    }

    /// <summary>It waits for a row, and could be kept long after its caller has heard that it failed.</summary>
    [Fact]
    public async Task A_unit_whose_answer_is_lost_while_it_waits_is_not_kept_later()
    {
        var direct = await OnPostgres.NewDatabaseAsync();
        await using var wire = new PostgresWire(direct);
        await using var own = await Server.FreshAsync(("Data:Postgres", wire.Connection));
        var owner = NewOwner();
        await own.WriteAsync((db, _) => Task.FromResult(db.Add(Row(owner, "there"))));
        await using var other = NpgsqlDataSource.Create(direct);
        await using var holder = await other.OpenConnectionAsync(TestContext.Current.CancellationToken);
        await using var held = await holder.BeginTransactionAsync(TestContext.Current.CancellationToken);
        await using var hold = new NpgsqlCommand("SELECT 1 FROM rations WHERE name = 'there' FOR UPDATE", holder, held);
        await hold.ExecuteNonQueryAsync(TestContext.Current.CancellationToken);
        var unit = Record.ExceptionAsync(() => own.WriteAsync(async (db, _) =>
        {
            db.Append(Row(owner, "late"));
            return await db.ChangeOneAsync(UseThere, owner);
        }));
        await Waiting.UntilAsync(async () => await OnPostgres.WaitingForLocksAsync(other) == 1, Waiting.Ceiling);

        wire.Break();
        var end = await unit.AsTask().WaitAsync(Waiting.Ceiling, TestContext.Current.CancellationToken);
        var still = await OnPostgres.WaitingForLocksAsync(other);
        await held.RollbackAsync(TestContext.Current.CancellationToken);

        Assert.IsAssignableFrom<NpgsqlException>(end);
        Assert.Equal(0, still);
        Assert.Equal("there", Assert.Single(await own.RowsAsync<Ration>(r => r.Owner == owner)).Name);
    }

    /// <summary>As an upgrade does beside a running server.</summary>
    [Fact]
    public async Task What_was_prepared_before_a_column_changed_is_prepared_anew()
    {
        const int UntilPreparedOnEachConnection = 60;
        await using var own = await Server.FreshAsync();
        var owner = NewOwner();
        await own.WriteAsync((db, _) => Task.FromResult(db.Add(Row(owner, "there"))));
        for (var i = 0; i < UntilPreparedOnEachConnection; i++)
        {
            await BothReadAsync(own, owner);
        }

        await own.WriteAsync((db, ct) => db.Database.ExecuteSqlRawAsync("ALTER TABLE rations ALTER COLUMN name TYPE varchar(999)", ct));

        Assert.Equal(("there", "there"), await BothReadAsync(own, owner));
    }

    private static async Task<(string? Outside, string? InUnit)> BothReadAsync(CountersignServer own, Guid owner)
    {
        await using var reader = own.Reader();
        return (
            await reader.ReadOneAsync(NameOf, [owner], CancellationToken.None),
            await own.WriteAsync((db, ct) => db.ReadOneAsync(NameOf, [owner], ct).AsTask()));
    }

    [Fact]
    public async Task Options_of_the_operator_hold_on_connections_that_write_and_that_read()
    {
        var database = new NpgsqlConnectionStringBuilder(await OnPostgres.NewDatabaseAsync()) { Options = "-c statement_timeout=77s" };
        await using var own = await Server.FreshAsync(("Data:Postgres", database.ConnectionString));
        await using var reader = own.Reader();

        Assert.Equal(("77s", "off"), await own.WriteAsync((db, _) => SettingsAsync(db)));
        Assert.Equal(("77s", "on"), await SettingsAsync(reader));
    }

    private static async Task<(string Timeout, string ReadOnly)> SettingsAsync(CountersignDbContext db) => (
        await db.Database.SqlQuery<string>($"SELECT current_setting('statement_timeout') AS \"Value\"").SingleAsync(),
        await db.Database.SqlQuery<string>($"SELECT current_setting('transaction_read_only') AS \"Value\"").SingleAsync());

    /// <summary>The wait between two runs is on the host's clock.</summary>
    private static async Task AdvanceUntilAsync(CountersignServer own, Task<int> unit)
    {
        await Waiting.UntilAsync(
            () =>
            {
                own.Clock.Advance(TimeSpan.FromSeconds(1));
                return Task.FromResult(unit.IsCompleted);
            },
            Waiting.Ceiling);
        await unit;
    }
}
