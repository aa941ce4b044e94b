using System.Security.Cryptography;
using Countersign.Server.Data;
using Countersign.Server.Data.Protection;
using Countersign.Server.Features.Access.Sessions;
using Countersign.Server.Features.Confirming.Devices;
using Countersign.Server.Features.Ground.Rations;
using Countersign.Server.Features.Registry.Users;
using Countersign.Server.Tests.Guards;
using Countersign.Server.Tests.Hosting;
using Countersign.Testing;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Time.Testing;
using Npgsql;

namespace Countersign.Server.Tests.Data;

[Claim("D28")]
public abstract class StorageTests(CountersignServer server)
{
    private IWriter Writer => server.App.Services.GetRequiredService<IWriter>();

    [Fact]
    public async Task A_ciphertext_opens_in_its_own_row_and_column_only()
    {
        var protection = server.App.Services.GetRequiredService<RowProtection>();
        var (one, two) = (await server.UserAsync(), await server.UserAsync());
        var mine = (await server.RowsAsync<Credential>(c => c.OwnerId == one.Id))[0];
        var theirs = (await server.RowsAsync<Credential>(c => c.OwnerId == two.Id))[0];

        Assert.NotEmpty(protection.Unprotect(Credential.StateColumn, mine.OwnerId, mine.Id, mine.State));
        Assert.ThrowsAny<CryptographicException>(() => protection.Unprotect(Credential.StateColumn, theirs.OwnerId, theirs.Id, mine.State));
        Assert.ThrowsAny<CryptographicException>(() => protection.Unprotect(Device.HoldColumn, mine.OwnerId, mine.Id, mine.State));
    }

    /// <summary>In a rolling upgrade the release before still writes rows, without the columns that it does not know.</summary>
    [Fact]
    public async Task A_session_of_the_release_before_reaches_everything()
    {
        var user = await server.UserAsync();
        var now = server.Clock.GetUtcNow().ToUnixMicroseconds();
        var id = Guid.CreateVersion7(server.Clock.GetUtcNow());
        byte[] hash = [1];

        await Writer.RunAsync(
            (db, ct) => db.Database.ExecuteSqlAsync(
                $"""
                INSERT INTO sessions (user_id, id, token_hash, created_at, last_seen_at, expires_at,
                    device_id, device_kind, source, browser)
                VALUES ({user.Id}, {id}, {hash}, {now}, {now}, {now}, {id}, 'sms', 'x', 'x')
                """,
                ct),
            CancellationToken.None);

        Assert.Equal(SessionScope.Full, Assert.Single(await server.RowsAsync<Session>(s => s.UserId == user.Id)).Scope);
    }

    [Fact]
    public async Task A_reader_cannot_write()
    {
        await using var db = server.App.Services.GetRequiredService<Contexts>().Read();

        await Assert.ThrowsAnyAsync<Exception>(
            () => db.Set<User>().ExecuteUpdateAsync(s => s.SetProperty(u => u.TimeZone, "UTC"), TestContext.Current.CancellationToken));
    }

    [Fact]
    public async Task A_unit_that_throws_leaves_nothing_and_runs_nothing_after_it()
    {
        var owner = Guid.CreateVersion7(server.Clock.GetUtcNow());
        var after = false;

        await Assert.ThrowsAsync<InvalidTimeZoneException>(() => Writer.RunAsync<int>(
            async (db, ct) =>
            {
                db.AfterCommit(() => after = true);
                await db.Set<Ration>().Where(r => r.Owner == owner).ExecuteDeleteAsync(ct);
                db.Add(new Ration { Owner = owner, Name = "x", Used = 1, StartedAt = default, LastAt = default });
                await db.SaveChangesAsync(ct);
                throw new InvalidTimeZoneException();
            },
            CancellationToken.None));

        Assert.False(after);
        Assert.Empty(await server.RowsAsync<Ration>(r => r.Owner == owner));
    }

    [Fact]
    public async Task A_unit_inside_a_unit_throws() =>
        await Assert.ThrowsAsync<InvalidOperationException>(
            () => Writer.RunAsync<int>((_, ct) => Writer.RunAsync((_, _) => Task.FromResult(1), ct), CancellationToken.None));

    [Fact]
    public async Task What_follows_a_unit_runs_after_its_commit()
    {
        var owner = Guid.CreateVersion7(server.Clock.GetUtcNow());
        var seen = new TaskCompletionSource<int>(TaskCreationOptions.RunContinuationsAsynchronously);

        await Writer.RunAsync(
            (db, _) =>
            {
                db.Add(new Ration { Owner = owner, Name = "x", Used = 7, StartedAt = default, LastAt = default });
                db.AfterCommit(() =>
                {
                    using var read = server.App.Services.GetRequiredService<Contexts>().Read();
                    seen.SetResult(read.Set<Ration>().Single(r => r.Owner == owner).Used);
                });
                return Task.CompletedTask;
            },
            CancellationToken.None);

        Assert.Equal(7, await seen.Task);
    }

    /// <summary>Of two that arrive together the earlier one may come second, and the clocks of two nodes are never the same.</summary>
    [Fact]
    public async Task Who_comes_second_with_an_earlier_time_gets_some_too()
    {
        var owner = Guid.CreateVersion7(server.Clock.GetUtcNow());
        var rule = new RationRule(3, TimeSpan.FromHours(1));
        var clocks = new[] { 0, -2, 1 }.Select(s => new FakeTimeProvider(server.Clock.GetUtcNow() + TimeSpan.FromSeconds(s)));

        foreach (var clock in clocks)
        {
            Assert.True(await Writer.RunAsync(
                (db, ct) => new Rationing(clock).TakeAsync(db, owner, "skew", rule), CancellationToken.None));
        }

        var ration = (await server.RowsAsync<Ration>(r => r.Owner == owner)).Single();
        Assert.Equal((3, server.Clock.GetUtcNow() + TimeSpan.FromSeconds(1)), (ration.Used, ration.LastAt));
    }

    [Fact]
    [Race]
    public async Task Of_a_hundred_who_take_at_once_only_as_many_get_some_as_there_is()
    {
        var rationing = server.App.Services.GetRequiredService<Rationing>();
        var owner = Guid.CreateVersion7(server.Clock.GetUtcNow());
        var rule = new RationRule(7, TimeSpan.FromHours(1));

        var taken = await Task.WhenAll(Enumerable.Range(0, 100).Select(
            _ => Writer.RunAsync((db, ct) => rationing.TakeAsync(db, owner, "race", rule), CancellationToken.None)));

        Assert.Equal(7, taken.Count(t => t));
    }

    [Fact]
    public async Task Old_rows_go_and_young_ones_stay()
    {
        // Short lives: a test clock that moves over months fires every timer of those months.
        await using var own = await server.FreshAsync(
            ("Retention:Challenges", "1.00:00:00"), ("Retention:Sessions", "1.00:00:00"), ("Retention:Messages", "2.00:00:00"));
        var user = await own.UserAsync();
        using var browser = own.Browser();
        await own.SignInAsync(browser, user);
        own.Clock.Advance(TimeSpan.FromHours(25));
        var retention = own.App.Services.GetRequiredService<Retention>();

        await retention.RunOnceAsync(CancellationToken.None);

        Assert.Empty(await own.RowsAsync<Countersign.Server.Features.Confirming.Challenges.Challenge>(_ => true));
        Assert.NotEmpty(await own.RowsAsync<Countersign.Server.Features.Access.Sessions.Session>(_ => true));
        own.Clock.Advance(TimeSpan.FromHours(24));
        await retention.RunOnceAsync(CancellationToken.None);
        Assert.Empty(await own.RowsAsync<Countersign.Server.Features.Access.Sessions.Session>(_ => true));
        Assert.Empty(await own.RowsAsync<Countersign.Server.Features.Messaging.Messages.Message>(_ => true));
        Assert.NotEmpty(await own.RowsAsync<Countersign.Server.Features.Ground.Audit.AuditEvent>(_ => true));
    }
}

public sealed class StorageOnSqlite(OnSqlite server) : StorageTests(server)
{
    [Fact]
    public async Task A_unit_that_waits_for_something_else_throws() =>
        await Assert.ThrowsAsync<InvalidOperationException>(() => server.WriteAsync(async (_, ct) =>
        {
            await Task.Yield();
            return 1;
        }));
}

public sealed class StorageOnPostgres(OnPostgres server) : StorageTests(server)
{
    /// <summary>Another node counts a use while the old row is being taken away.</summary>
    [Fact]
    public async Task An_old_row_that_comes_alive_while_it_is_deleted_stays()
    {
        var database = await OnPostgres.NewDatabaseAsync();
        await using var own = await server.FreshAsync(("Data:Postgres", database));
        var (owner, old) = (Guid.CreateVersion7(own.Clock.GetUtcNow()), own.Clock.GetUtcNow() - TimeSpan.FromDays(30));
        await own.WriteAsync((db, _) => Task.FromResult(
            db.Add(new Ration { Owner = owner, Name = "rests", Used = 1, StartedAt = old, LastAt = old })));
        await using var other = NpgsqlDataSource.Create(database);
        await using var node = await other.OpenConnectionAsync(TestContext.Current.CancellationToken);
        await using var use = await node.BeginTransactionAsync(TestContext.Current.CancellationToken);
        await using var count = new NpgsqlCommand("UPDATE rations SET used = 2, last_at = $1", node, use);
        count.Parameters.Add(new NpgsqlParameter { Value = own.Clock.GetUtcNow().ToUnixMicroseconds() });
        await count.ExecuteNonQueryAsync(TestContext.Current.CancellationToken);

        var retention = own.App.Services.GetRequiredService<Retention>().RunOnceAsync(CancellationToken.None);
        await Waiting.UntilAsync(async () => await OnPostgres.WaitingForLocksAsync(other) == 1, Waiting.Ceiling);
        await use.CommitAsync(TestContext.Current.CancellationToken);
        await retention;

        Assert.Equal(2, Assert.Single(await own.RowsAsync<Ration>(r => r.Owner == owner)).Used);
    }

    [Fact]
    public async Task A_unit_that_lost_a_race_runs_again()
    {
        var runs = 0;

        var result = await server.WriteAsync(async (db, ct) =>
        {
            runs++;
            if (runs == 1)
            {
                await db.Database.ExecuteSqlRawAsync("DO $$ BEGIN RAISE EXCEPTION 'lost' USING ERRCODE = '40001'; END $$", ct);
            }

            return 42;
        });

        Assert.Equal((2, 42), (runs, result));
    }
}
