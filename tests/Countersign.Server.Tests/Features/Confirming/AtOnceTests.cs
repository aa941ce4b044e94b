using System.Globalization;
using System.Net;
using Countersign.Server.Features.Access.Freezing;
using Countersign.Server.Features.Confirming.Challenges;
using Countersign.Server.Features.Confirming.Devices;
using Countersign.Server.Features.Ground.Audit;
using Countersign.Server.Features.Registry.Users;
using Countersign.Server.Features.SigningIn.SignIn;
using Countersign.Server.Tests.Hosting;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;

namespace Countersign.Server.Tests.Features.Confirming;

/// <summary>Two acts at the same moment whose rows do not meet by themselves.</summary>
[Race]
public abstract class AtOnceTests(CountersignServer server)
{
    private const int Rounds = 10;

    [Fact]
    public async Task Opened_many_times_at_once_one_challenge_is_there()
    {
        var user = await server.UserAsync();
        var opener = Opener.Browser([1, 2, 3], CountersignServer.NewSource(), knownSince: null);

        var opened = await Task.WhenAll(Enumerable.Range(0, Rounds).Select(_ => OpenAsync(user, opener)));

        Assert.Single(opened.Distinct());
        Assert.Single(await server.RowsAsync<Challenge>(c => c.UserId == user.Id));
    }

    [Fact]
    public async Task Verified_many_times_at_once_an_address_is_one_credential()
    {
        var user = await server.UserAsync();
        var addresses = server.App.Services.GetRequiredService<AddressCredentials>();

        await Task.WhenAll(Enumerable.Range(0, Rounds).Select(
            _ => server.WriteAsync((db, ct) => addresses.OfAsync(db, user.Id, "email", "at-once", user.Email, ct))));

        Assert.Single(await server.RowsAsync<Credential>(c => c.OwnerId == user.Id && c.Serial == "at-once"));
    }

    [Fact]
    public async Task Of_two_that_are_preferred_at_once_one_is()
    {
        var user = await server.UserAsync();
        using var browser = server.Browser();
        await server.SignInAsync(browser, user);
        Guid[] devices = [(await server.DeviceAsync(user, "sms")).Id, (await server.AddAppAsync(browser, user)).Id];
        var (life, cause) = (server.App.Services.GetRequiredService<DeviceLife>(), CauseOf(user));

        for (var round = 0; round < Rounds; round++)
        {
            await Task.WhenAll(devices.Select(d => server.WriteAsync((db, ct) => life.PreferAsync(db, user.Id, d, cause, ct))));

            Assert.Single(await server.RowsAsync<Device>(d => d.UserId == user.Id && d.Preferred));
        }
    }

    /// <summary>The card may be added for the person's other user name while the first one reports it as lost.</summary>
    [Fact]
    public async Task What_is_reported_lost_while_it_is_added_elsewhere_answers_for_nobody()
    {
        var life = server.App.Services.GetRequiredService<DeviceLife>();
        for (var round = 0; round < Rounds; round++)
        {
            var (user, twin) = (await server.UserAsync(), await server.UserAsync());
            var (card, device) = await server.CardAsync(user);
            var credential = CredentialVault.Look(await server.ThingAsync(card));
            var added = server.WriteAsync(async (db, ct) =>
                await DeviceLife.HoldAsync(db, credential.Key, ct)
                && await life.MakeAsync(
                    db, new NewDevice(twin.Id, credential, "Card", DeviceStatus.Waiting, "code-card"), CauseOf(twin), ct) is not null);
            var lost = server.WriteAsync((db, ct) => life.EndAsync(db, user.Id, device, DeviceStatus.Lost, CauseOf(user), ct));

            await Task.WhenAll(added, lost);

            Assert.True(await lost);
            Assert.Equal(CredentialStatus.Retired, (await server.ThingAsync(card)).Status);
            Assert.DoesNotContain(
                await server.RowsAsync<Device>(d => d.CredentialId == credential.Key.Id), d => DeviceLife.Held.Contains(d.Status));
        }
    }

    [Fact]
    public async Task A_freeze_that_meets_the_thaw_leaves_the_user_frozen_or_says_so()
    {
        var (user, by) = (await server.UserAsync(), Actor.Client(null, "198.51.100.7"));
        var freeze = server.App.Services.GetRequiredService<FreezeAccess>();
        var view = await server.WriteAsync((db, ct) => server.App.Services.GetRequiredService<UserViews>().FindAsync(db, user.Id, ct));
        for (var round = 0; round < Rounds; round++)
        {
            await FreezeAsync();
            var thaw = server.WriteAsync((db, ct) => db.Set<User>().Where(u => u.Id == user.Id).ExecuteUpdateAsync(
                set => set.SetProperty(u => u.FrozenAt, (DateTimeOffset?)null), ct));
            await Task.WhenAll(thaw, FreezeAsync());

            // A freeze that came first was one of a frozen user, and says nothing.
            var frozen = (await server.RowsAsync<User>(u => u.Id == user.Id)).Single().FrozenAt is not null;
            var said = (await server.RowsAsync<AuditEvent>(e => e.UserId == user.Id && e.Event == AuditEvents.Frozen)).Count;
            Assert.Equal(frozen ? 2 : 1, said);
            await server.WriteAsync(async (db, ct) =>
            {
                await db.Set<User>().Where(u => u.Id == user.Id)
                    .ExecuteUpdateAsync(set => set.SetProperty(u => u.FrozenAt, (DateTimeOffset?)null), ct);
                return await db.Set<AuditEvent>().Where(e => e.UserId == user.Id).ExecuteDeleteAsync(ct);
            });
        }

        Task<bool> FreezeAsync() => server.WriteAsync(async (db, ct) =>
        {
            await freeze.RunAsync(db, view!, "sign-in", by, ct);
            return true;
        });
    }

    /// <summary>A new password ends what is open; what another node opened with the old one at that moment it could not see.</summary>
    [Fact]
    public async Task What_was_opened_before_the_password_was_set_goes_no_further()
    {
        var user = await server.UserAsync();
        using var browser = server.Browser();
        var asked = await CountersignServer.TypePasswordAsync(browser, user.Name, user.Password);
        var later = server.Clock.GetUtcNow() + TimeSpan.FromSeconds(1);
        await server.WriteAsync((db, ct) => db.Set<User>().Where(u => u.Id == user.Id).ExecuteUpdateAsync(
            set => set.SetProperty(u => u.PasswordSetAt, later), ct));

        var answered = await CountersignServer.TypeCodeAsync(browser, asked, await server.CodeAsync(user));

        Assert.NotEqual(HttpStatusCode.OK, answered.Status);
        Assert.Equal("/sign-in", (await browser.GetAsync("/settings")).Path);
    }

    private Task<Guid> OpenAsync(TestUser user, Opener opener) => server.WriteAsync(async (db, ct) =>
    {
        var view = (await server.App.Services.GetRequiredService<UserViews>().FindAsync(db, user.Id, ct))!;
        var purpose = server.App.Services.GetRequiredService<SignInPurpose>();
        var request = purpose.For(view, new SignInSubject("Firefox, Linux"), CultureInfo.GetCultureInfo("en"), opener);
        var opened = await server.App.Services.GetRequiredService<ChallengeOpening>().BeginAsync(db, request, ct);
        Assert.True(opened.Succeeded, opened.Succeeded ? null : opened.Error.Code);
        return opened.Value.Id;
    });

    private static Cause CauseOf(TestUser user) => new(Actor.Client(user.Id, "198.51.100.7"));
}

public sealed class AtOnceOnSqlite(OnSqlite server) : AtOnceTests(server);

public sealed class AtOnceOnPostgres(OnPostgres server) : AtOnceTests(server);
