using Countersign.Server.Features.Confirming.Devices;
using Countersign.Server.Features.Ground.Audit;
using Countersign.Server.Features.Messaging.Messages;
using Countersign.Server.Tests.Hosting;
using Countersign.Testing;
using Microsoft.EntityFrameworkCore;

namespace Countersign.Server.Tests.Features.Kinds.TextMessages;

/// <summary>A verified number and no device make SMS a device by itself, once (S6).</summary>
public abstract class AutomaticEnrolmentTests(CountersignServer server)
{
    [Fact]
    [Race]
    public async Task Eight_runs_at_once_enrol_once_and_tell_once()
    {
        await using var own = await server.FreshAsync();
        var users = new List<TestUser>();
        for (var i = 0; i < 5; i++)
        {
            var user = await own.UserAsync(verified: false);
            await own.VerifyNumberAsync(user);
            users.Add(user);
        }

        await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => own.EnrolAsync()));
        await own.EnrolAsync();

        foreach (var user in users)
        {
            var device = Assert.Single(await own.RowsAsync<Device>(d => d.UserId == user.Id));
            Assert.Equal(("sms", DeviceStatus.Active, "···" + user.Mobile[^2..]), (device.Kind, device.Status, device.Label));
            Assert.Single(await own.RowsAsync<AuditEvent>(e => e.UserId == user.Id && e.Event == AuditEvents.DeviceEnrolled));
            Assert.Equal(
                [MessageChannel.Sms, MessageChannel.Email],
                (await own.RowsAsync<Message>(m => m.UserId == user.Id)).Select(m => m.Channel).Order());
        }

        Assert.Empty(await own.RowsAsync<EnrolmentRequest>(_ => true));
    }

    [Fact]
    public async Task Who_has_a_device_is_left_alone()
    {
        var user = await server.UserAsync();
        var before = Assert.Single(await server.RowsAsync<Device>(d => d.UserId == user.Id));

        await server.RequestEnrolmentAsync(user);
        await EnrolAllAsync();

        Assert.Equal(before.Id, Assert.Single(await server.RowsAsync<Device>(d => d.UserId == user.Id)).Id);
        Assert.Single(await server.RowsAsync<AuditEvent>(e => e.UserId == user.Id));
    }

    [Fact]
    public async Task Who_has_no_verified_number_is_left_until_it_is_verified()
    {
        var user = await server.UserAsync(verified: false);
        await server.RequestEnrolmentAsync(user);
        await EnrolAllAsync();
        Assert.Empty(await server.RowsAsync<Device>(d => d.UserId == user.Id));
        Assert.Empty(await server.RowsAsync<Message>(m => m.UserId == user.Id));

        await server.VerifyNumberAsync(user);
        await EnrolAllAsync();

        using var browser = server.Browser();
        Assert.Equal("/", (await server.SignInAsync(browser, user)).Path);
    }

    [Fact]
    [Race]
    public async Task Who_signs_in_while_the_job_enrols_is_asked_for_a_code()
    {
        await using var own = await server.FreshAsync();
        var user = await own.UserAsync(verified: false);
        await own.VerifyNumberAsync(user);
        using var browser = own.Browser();

        var signIn = await own.WriteAsync(async (db, ct) =>
        {
            Assert.True(await own.EnrolNowAsync(db, user));
            var begun = CountersignServer.TypePasswordAsync(browser, user.Name, user.Password);
            if (db.Database.IsNpgsql())
            {
                // It has found no device, and waits for the row that the job has deleted. On SQLite it waits to write at all. Asked
                // outside the unit: a transaction sees the connections that there were when it first looked.
                await using var outside = own.Reader();
                await Waiting.UntilAsync(
                    async () => await outside.Database.SqlQuery<int>(
                        $"""
                        SELECT count(*)::int AS "Value" FROM pg_locks JOIN pg_stat_activity USING (pid)
                        WHERE NOT granted AND datname = current_database()
                        """).SingleAsync(ct) > 0,
                    CountersignServer.Ceiling);
            }

            return new Started(begun);
        });

        var page = await signIn.Page;
        Assert.Equal("/", (await CountersignServer.TypeCodeAsync(browser, page, await own.CodeAsync(user))).Path);
    }

    [Fact]
    public async Task When_the_last_device_went_another_one_takes_up_the_number_with_its_wrong_tries()
    {
        var user = await server.UserAsync();
        var before = Assert.Single(await server.RowsAsync<Device>(d => d.UserId == user.Id));
        await server.WriteAsync(
            async (db, ct) =>
            {
                await db.Set<Credential>().Where(c => c.OwnerId == user.Id).ExecuteUpdateAsync(
                    set => set.SetProperty(c => c.TriesUnknown, 7), ct);
                return await db.Set<Device>().Where(d => d.UserId == user.Id).ExecuteUpdateAsync(
                    set => set.SetProperty(d => d.Status, DeviceStatus.Revoked), ct);
            });

        await server.RequestEnrolmentAsync(user);
        await EnrolAllAsync();

        var after = Assert.Single(await server.RowsAsync<Device>(d => d.UserId == user.Id && d.Status == DeviceStatus.Active));
        Assert.Equal((before.CredentialId, 7), (after.CredentialId, await server.TriesAsync(after.Id)));
    }

    private sealed record Started(Task<TestPage> Page);

    private async Task EnrolAllAsync()
    {
        while (await server.EnrolAsync() > 0)
        {
        }
    }
}

public sealed class AutomaticEnrolmentOnSqlite(OnSqlite server) : AutomaticEnrolmentTests(server);

public sealed class AutomaticEnrolmentOnPostgres(OnPostgres server) : AutomaticEnrolmentTests(server);
