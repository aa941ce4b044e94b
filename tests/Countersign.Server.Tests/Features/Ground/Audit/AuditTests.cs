using System.Net;
using Countersign.Server.Features.Ground.Audit;
using Countersign.Server.Tests.Guards;
using Countersign.Server.Tests.Hosting;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;

namespace Countersign.Server.Tests.Features.Ground.Audit;

/// <summary>What happened is written once, cannot be changed unseen, and tells no secret (D29).</summary>
public abstract class AuditTests(CountersignServer server)
{
    [Fact]
    public async Task Each_step_of_a_sign_in_is_written_once_and_genuine()
    {
        var user = await server.UserAsync();
        using var browser = server.Browser();
        await CountersignServer.TypePasswordAsync(browser, user.Name, "certainly not this one");
        var page = await CountersignServer.TypePasswordAsync(browser, user.Name, user.Password);
        var code = await server.CodeAsync(user);
        await CountersignServer.TypeCodeAsync(browser, page, CountersignServer.WrongCode(code));
        await CountersignServer.TypeCodeAsync(browser, page, "12345");
        var home = await CountersignServer.TypeCodeAsync(browser, page, code);
        await CountersignServer.SignOutAsync(browser, home);

        var rows = await server.RowsAsync<AuditEvent>(e => e.UserId == user.Id);

        string[] expected =
            [
                AuditEvents.DeviceEnrolled, AuditEvents.PasswordWrong, AuditEvents.PasswordRight, AuditEvents.Prompted,
                AuditEvents.ResponseWrong, AuditEvents.SignedIn, AuditEvents.SignedOut,
            ];
        Assert.Equal(expected.Order(), rows.Select(r => r.Event).Order());
        Assert.All(rows, row => Assert.True(server.IsGenuine(row), row.Event));
        Assert.All(rows, row => Assert.All(
            (string[])[
                code, CountersignServer.WrongCode(code), user.Password, "certainly not this one", user.Mobile, user.Mobile[1..],
                user.Email,
            ],
            secret => Assert.DoesNotContain(secret, row.Details + row.Source, StringComparison.Ordinal)));
    }

    [Fact]
    public async Task A_name_that_belongs_to_nobody_leaves_a_row_without_the_name()
    {
        using var browser = server.Browser();
        var source = CountersignServer.NewSource();
        using var stranger = server.Browser(source);

        await CountersignServer.TypePasswordAsync(stranger, "my-password-by-mistake", "my-name-by-mistake");

        var row = Assert.Single(await server.RowsAsync<AuditEvent>(e => e.Source == source));
        Assert.Equal((AuditEvents.PasswordWrong, null, "{}"), (row.Event, row.UserId, row.Details));
        Assert.True(server.IsGenuine(row));
    }

    [Fact]
    [Claim("D29")]
    public async Task A_row_changed_in_the_database_is_found()
    {
        var user = await server.UserAsync();
        var other = await server.UserAsync();
        var row = Assert.Single(await server.RowsAsync<AuditEvent>(e => e.UserId == user.Id));
        var elsewhere = Assert.Single(await server.RowsAsync<AuditEvent>(e => e.UserId == other.Id));

        await ChangedAsync(row.Id, set => set.SetProperty(e => e.Event, AuditEvents.SignedIn));
        await ChangedAsync(row.Id, set => set.SetProperty(e => e.Source, "198.51.100.1"));
        await ChangedAsync(row.Id, set => set.SetProperty(e => e.Details, "{}"));
        await ChangedAsync(row.Id, set => set.SetProperty(e => e.UserId, other.Id));
        await ChangedAsync(row.Id, set => set.SetProperty(e => e.UserId, (Guid?)null));
        await ChangedAsync(row.Id, set => set.SetProperty(e => e.At, row.At.AddMicroseconds(1)));
        await ChangedAsync(row.Id, set => set.SetProperty(e => e.KeyId, "2"));
        await ChangedAsync(row.Id, set => set.SetProperty(e => e.Mac, elsewhere.Mac));
        await ChangedAsync(row.Id, set => set.SetProperty(e => e.ActorKind, ActorKind.Agent));
        await ChangedAsync(row.Id, set => set.SetProperty(e => e.ActorId, (string?)null));
        await ChangedAsync(row.Id, set => set.SetProperty(e => e.Encoding, 2));

        // A forged row takes no node away from the clients.
        using var probe = server.Browser();
        Assert.Equal(HttpStatusCode.OK, (await probe.GetAsync("/health/ready")).Status);

        async Task ChangedAsync(Guid id, Action<Microsoft.EntityFrameworkCore.Query.UpdateSettersBuilder<AuditEvent>> change)
        {
            Assert.True(server.IsGenuine(Assert.Single(await server.RowsAsync<AuditEvent>(e => e.Id == id))));
            await server.WriteAsync((db, ct) => db.Set<AuditEvent>().Where(e => e.Id == id).ExecuteUpdateAsync(change, ct));
            Assert.False(server.IsGenuine(Assert.Single(await server.RowsAsync<AuditEvent>(e => e.Id == id))));
            await server.WriteAsync(
                (db, ct) => db.Set<AuditEvent>().Where(e => e.Id == id).ExecuteUpdateAsync(
                    set => set.SetProperty(e => e.Event, row.Event)
                        .SetProperty(e => e.Source, row.Source)
                        .SetProperty(e => e.Details, row.Details)
                        .SetProperty(e => e.UserId, row.UserId)
                            .SetProperty(e => e.At, row.At).SetProperty(e => e.KeyId, row.KeyId).SetProperty(e => e.Mac, row.Mac)
                            .SetProperty(e => e.ActorKind, row.ActorKind).SetProperty(e => e.ActorId, row.ActorId).SetProperty(
                                e => e.Encoding, row.Encoding),
                    ct));
        }
    }

    [Fact]
    [Claim("D29")]
    public async Task Each_row_says_who_did_it_and_from_where()
    {
        var user = await server.UserAsync();
        var source = CountersignServer.NewSource();
        using var browser = server.Browser(source);
        await server.SignInAsync(browser, user);

        var rows = await server.RowsAsync<AuditEvent>(e => e.UserId == user.Id);

        Assert.Equal((ActorKind.Job, "enrolment", null), Who(rows.Single(r => r.Event == AuditEvents.DeviceEnrolled)));
        Assert.Equal((ActorKind.Client, user.Id.ToString(), source), Who(rows.Single(r => r.Event == AuditEvents.SignedIn)));

        static (ActorKind, string?, string?) Who(AuditEvent row) => (row.ActorKind, row.ActorId, row.Source);
    }

    /// <summary>A further column is one that the encoding leaves out, or writes: here it is told which.</summary>
    [Fact]
    [Claim("D29")]
    public void Every_column_but_the_MAC_and_the_transaction_stands_in_the_bytes_of_the_MAC()
    {
        using var db = server.Reader();
        var columns = db.Model.FindEntityType(typeof(AuditEvent))!.GetProperties().Select(p => p.GetColumnName());

        var covered = AuditEncodingTests.Read(AuditEncodingTests.Full()).Keys;
        Assert.Equal(columns.Except(["mac", "transaction_id"]).Order(StringComparer.Ordinal), covered.Order(StringComparer.Ordinal));
    }

    [Fact]
    public async Task A_client_without_a_device_is_told_and_the_row_says_why()
    {
        var user = await server.UserAsync(verified: false);
        await server.FundAsync(user);
        using var browser = server.Browser();

        var page = await CountersignServer.TypePasswordAsync(browser, user.Name, user.Password);

        Assert.Equal(HttpStatusCode.Forbidden, page.Status);
        Assert.Equal(
            AuditEvents.NoDevice,
            (await server.RowsAsync<AuditEvent>(e => e.UserId == user.Id)).OrderBy(e => e.Event == AuditEvents.NoDevice).Last().Event);
    }
}

public sealed class AuditOnSqlite(OnSqlite server) : AuditTests(server)
{
    [Fact]
    public async Task No_row_names_its_transaction()
    {
        var user = await server.UserAsync();

        Assert.Null(Assert.Single(await server.RowsAsync<AuditEvent>(e => e.UserId == user.Id)).TransactionId);
    }
}

public sealed class AuditOnPostgres(OnPostgres server) : AuditTests(server)
{
    /// <summary>By it a sealer sees that a row of an older transaction may still come (D29).</summary>
    [Fact]
    public async Task Each_row_names_the_transaction_that_wrote_it_outside_the_MAC()
    {
        var audit = server.App.Services.GetRequiredService<AuditTrail>();
        var userId = Guid.CreateVersion7(server.Clock.GetUtcNow());

        var first = await WriteAsync();
        var second = await WriteAsync();

        var rows = await server.RowsAsync<AuditEvent>(e => e.UserId == userId);
        Assert.Equal([first, first, second, second], rows.Select(r => r.TransactionId!.Value).Order());
        await server.WriteAsync(
            (db, ct) => db.Set<AuditEvent>().Where(e => e.UserId == userId).ExecuteUpdateAsync(
                set => set.SetProperty(e => e.TransactionId, 1), ct));
        Assert.All(await server.RowsAsync<AuditEvent>(e => e.UserId == userId), r => Assert.True(server.IsGenuine(r)));

        Task<long> WriteAsync() => server.WriteAsync(async (db, ct) =>
        {
            audit.Add(db, AuditEvents.Frozen, userId, Actor.Job("tests"));
            audit.Add(db, AuditEvents.Thawed, userId, Actor.Job("tests"));
            await db.SaveChangesAsync(ct);
            return (await db.Database.SqlQuery<long>($"SELECT pg_current_xact_id()::text::bigint AS \"Value\"").ToListAsync(ct))[0];
        });
    }
}
