using Countersign.Server.Features.Access.Sessions;
using Countersign.Server.Features.Confirming.Devices;
using Countersign.Server.Features.Confirming.DeviceSettings;
using Countersign.Server.Features.Ground.Audit;
using Countersign.Server.Features.Registry.Users;
using Countersign.Server.Tests.Hosting;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;

namespace Countersign.Server.Tests.Features.Confirming.Devices;

/// <summary>
/// A device is made, changed and ended in one place: once in its history, once in the audit, and with everything that ends with it.
/// </summary>
public abstract class OneLifeTests(CountersignServer server)
{
    /// <summary>An address or a number that is being verified is a credential, and no device that waits for ever.</summary>
    [Fact]
    public async Task What_was_only_verified_counts_as_no_device()
    {
        await using var own = await server.FreshAsync(("Devices:Most", "2"));
        var user = await own.UserAsync();
        using var browser = own.Browser();
        await own.SignInAsync(browser, user);
        await own.WriteAsync(async (db, ct) =>
        {
            var addresses = own.App.Services.GetRequiredService<AddressCredentials>();
            await addresses.OfAsync(db, user.Id, "email", $"user-{user.Id:N}", user.Email, ct);
            await addresses.OfAsync(db, user.Id, "sms", Guid.Empty.ToString("N"), CountersignServer.NewMobile(), ct);
            return true;
        });

        var app = await own.AddAppAsync(browser, user);

        Assert.Equal(2, (await own.RowsAsync<Device>(d => d.UserId == user.Id)).Count);
        Assert.Equal(4, (await own.RowsAsync<Credential>(c => c.OwnerId == user.Id)).Count);
        Assert.DoesNotContain("Activate now", (await browser.GetAsync("/settings/devices")).Text, StringComparison.Ordinal);
        Assert.NotEqual(Guid.Empty, app.Id);
    }

    [Fact]
    public async Task A_shared_card_reported_lost_ends_what_it_signed_in_for_the_other_user()
    {
        var card = TestCard.New();
        var (user, twin) = (await server.UserAsync(), await server.UserAsync());
        await server.OfOnePersonAsync(user, twin);
        await server.ImportCardAsync(card, user.Name, "active");
        await server.ImportCardAsync(card, twin.Name, "active");
        var (mine, theirs) = (await server.DeviceAsync(user, "code-card"), await server.DeviceAsync(twin, "code-card"));
        using var other = server.Browser();
        var asked = await CountersignServer.TypePasswordAndChooseAsync(other, twin, theirs.Id);
        Assert.Equal("/", (await CountersignServer.TypeCodeAsync(other, asked, card.AnswerTo(asked))).Path);

        await server.WriteAsync((db, ct) => server.App.Services.GetRequiredService<DeviceLife>()
            .EndAsync(db, user.Id, mine.Id, DeviceStatus.Lost, new Cause(Actor.Client(user.Id, "198.51.100.7")), ct));

        Assert.Equal("/sign-in", (await other.GetAsync("/settings")).Path);
        Assert.Equal(DeviceStatus.Lost, (await server.RowsAsync<Device>(d => d.Id == theirs.Id)).Single().Status);
        Assert.All(await server.RowsAsync<Session>(s => s.UserId == twin.Id), s => Assert.NotNull(s.EndedAt));
        Assert.Equal(CredentialStatus.Retired, (await server.CredentialOfAsync(theirs.Id)).Status);
    }

    /// <summary>
    /// Everything that can happen to a device, by clients, an import and a job: each line of the history has exactly one audit row,
    /// with the same actor. That nothing else writes a device's row is held by <c>DeviceWritingTests</c>.
    /// </summary>
    [Fact]
    public async Task Every_change_has_one_line_of_history_and_one_audit_row_with_its_actor()
    {
        await using var own = await server.FreshAsync();
        var user = await own.UserAsync();
        using var browser = own.Browser();
        await own.SignInAsync(browser, user);
        await own.BeginAddingAsync(browser, user, "totp", "Given up");
        var app = await own.AddAppAsync(browser, user);
        var printed = TestCard.New();
        await own.ImportCardAsync(printed, user.Name, "shipped");
        var card = (await own.DevicesOfAsync(user, printed.Serial)).Single();
        own.Clock.Advance(TimeSpan.FromMinutes(31));
        Assert.Equal(1, await own.App.Services.GetRequiredService<ExpireWaiting>().RunOnceAsync(CancellationToken.None));
        var (life, by) = (own.App.Services.GetRequiredService<DeviceLife>(), Actor.Client(user.Id, "198.51.100.7"));
        var key = (await own.CredentialOfAsync(app.Id)).Key;
        await own.WriteAsync(async (db, ct) =>
        {
            var view = (await own.App.Services.GetRequiredService<UserViews>().FindAsync(db, user.Id, ct))!;
            var token = own.App.Services.GetRequiredService<NewCredentials>().Add(db, user.Id, "totp", [1], "ordered");
            await life.MakeAsync(db, new NewDevice(user.Id, token, "Token", DeviceStatus.Ordered, "totp"), new Cause(by), ct);
            Assert.True(await life.ArriveAsync(db, user.Id, card.Id, "Card", new Reach("sms", 1), new Cause(by), ct));
            Assert.True(await life.ActivateAsync(db, view, card.Id, new Cause(by), ct));
            Assert.True(await life.EndAsync(db, user.Id, card.Id, DeviceStatus.Lost, new Cause(by), ct));
            await db.Set<Device>().Where(d => d.Id == card.Id).ExecuteUpdateAsync(
                set => set.SetProperty(d => d.HoldNoticeAt, own.Clock.GetUtcNow()), ct);
            Assert.True(await life.ReleaseAsync(db, user.Id, card.Id, new Cause(by), ct));
            Assert.False(await life.ReleaseAsync(db, user.Id, card.Id, new Cause(by), ct));
            Assert.True(await life.RenameAsync(db, user.Id, app.Id, "Other", new Cause(by), ct));
            Assert.True(await life.PreferAsync(db, user.Id, app.Id, new Cause(by), ct));
            Assert.True(await life.SuspendAsync(db, user.Id, app.Id, new Cause(by), ct));
            Assert.False(await life.SuspendAsync(db, user.Id, app.Id, new Cause(by), ct));
            Assert.True(await life.ResumeAsync(db, view, app.Id, new Reach("sms", 1), new Cause(by), ct));
            var limit = view.Regime.WrongResponsesInARow;
            Assert.False(await life.UnlockAsync(db, view, app.Id, new Cause(by), ct));
            await life.LockedAsync(db, key, new Cause(by), ct);
            await db.Set<Credential>().Where(c => c.Id == key.Id).ExecuteUpdateAsync(
                set => set.SetProperty(c => c.TriesKnown, limit), ct);
            Assert.True(await life.UnlockAsync(db, view, app.Id, new Cause(by), ct));
            Assert.True(await life.EndAsync(db, user.Id, app.Id, DeviceStatus.Revoked, new Cause(by), ct));
            Assert.False(await life.EndAsync(db, user.Id, app.Id, DeviceStatus.Lost, new Cause(by), ct));
            return true;
        });

        var history = await own.RowsAsync<DeviceEvent>(e => e.UserId == user.Id);
        var audited = (await own.RowsAsync<AuditEvent>(e => e.UserId == user.Id))
            .Where(e => e.Event.StartsWith("device.", StringComparison.Ordinal) && e.Event != AuditEvents.DeviceChangeAgreed)
            .ToList();

        Assert.Equal(Enum.GetValues<DeviceEventKind>(), history.Select(e => e.What).Distinct().Order());
        Assert.Equal(
            [ActorKind.Client, ActorKind.Job, ActorKind.Import], history.Select(e => e.ActorKind).Distinct().Order());
        Assert.Equal(
            history.Select(e => (e.ActorKind, e.ActorId, e.Source, e.At)).Order(),
            audited.Select(e => (e.ActorKind, e.ActorId, e.Source, e.At)).Order());
        Assert.Equal(history.Count, audited.Count);
    }

    [Fact]
    public async Task One_that_waits_too_long_expires_by_the_job_and_frees_its_place()
    {
        await using var own = await server.FreshAsync(("Devices:Most", "2"));
        var user = await own.UserAsync();
        using var browser = own.Browser();
        await own.SignInAsync(browser, user);
        await own.BeginAddingAsync(browser, user, "totp", "Given up");
        var job = own.App.Services.GetRequiredService<ExpireWaiting>();
        Assert.Equal(0, await job.RunOnceAsync(CancellationToken.None));

        own.Clock.Advance(TimeSpan.FromMinutes(31));

        Assert.Equal(1, await job.RunOnceAsync(CancellationToken.None));
        Assert.Equal(0, await job.RunOnceAsync(CancellationToken.None));
        var device = (await own.RowsAsync<Device>(d => d.UserId == user.Id && d.Label == "Given up")).Single();
        Assert.Equal(DeviceStatus.Expired, device.Status);
        var line = (await own.RowsAsync<DeviceEvent>(e => e.DeviceId == device.Id && e.What == DeviceEventKind.Expired)).Single();
        Assert.Equal((ActorKind.Job, "expire-waiting-devices"), (line.ActorKind, line.ActorId));
    }
}

public sealed class OneLivesOnSqlite(OnSqlite server) : OneLifeTests(server);

public sealed class OneLivesOnPostgres(OnPostgres server) : OneLifeTests(server);
