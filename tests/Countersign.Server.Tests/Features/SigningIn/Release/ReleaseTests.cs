using System.Net;
using Countersign.Server.Features.Confirming.Devices;
using Countersign.Server.Features.Ground.Audit;
using Countersign.Server.Features.Registry.Users;
using Countersign.Server.Features.SigningIn.Release;
using Countersign.Server.Tests.Hosting;
using Countersign.Server.Tests.Processes;
using Countersign.Testing;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;

namespace Countersign.Server.Tests.Features.SigningIn.Release;

/// <summary>What no device of the client can open, two operators can; freezing takes one.</summary>
public abstract class ReleaseTests(CountersignServer server)
{
    [Fact]
    public async Task Two_operators_release_whom_one_froze_and_one_does_not_however_often()
    {
        await using var own = await server.FreshAsync();
        var user = await own.UserAsync();
        using var browser = own.Browser();
        await own.SignInAsync(browser, user);

        Assert.Equal(Locked.Done, await FreezeAsync(own, user, "ada"));
        Assert.Equal(Locked.Already, await FreezeAsync(own, user, "ada"));

        Assert.Equal("/sign-in", (await browser.GetAsync("/settings")).Path);
        Assert.Equal(Locked.NeedsAnother, await ReleaseAsync(own, user, "ada"));
        Assert.Equal(Locked.NeedsAnother, await ReleaseAsync(own, user, "ada"));
        own.Clock.Advance(TimeSpan.FromHours(25));
        Assert.Equal(Locked.NeedsAnother, await ReleaseAsync(own, user, "ben"));
        Assert.NotNull((await own.RowsAsync<User>(u => u.Id == user.Id)).Single().FrozenAt);
        Assert.Equal(Locked.Done, await ReleaseAsync(own, user, "ada"));

        Assert.Equal("/settings/password", (await own.SignInAsync(browser, user)).Path);
        await own.SettledAsync();
        foreach (var notice in (string[])["notice-access-frozen", "notice-access-thawed"])
        {
            Assert.Single(own.Sms.To(user.Mobile), m => m.Template == notice);
            Assert.Single(own.Email.To(user.Email), m => m.Template == notice);
        }

        var ordered = await own.RowsAsync<AuditEvent>(
            e => e.UserId == user.Id && (e.Event == AuditEvents.FreezeOrdered || e.Event == AuditEvents.ReleaseOrdered));
        Assert.Equal(["ada", "ada", "ada", "ada", "ada", "ben"], ordered.Select(e => e.ActorId).Order());
        Assert.All(ordered, e => Assert.Equal(ActorKind.Operator, e.ActorKind));
        Assert.All(ordered, e => Assert.Contains("the client called", e.Details, StringComparison.Ordinal));
        Assert.Single(await own.RowsAsync<AuditEvent>(e => e.UserId == user.Id && e.Event == AuditEvents.Released));
    }

    [Fact]
    public async Task Devices_answer_again_and_wrong_passwords_are_forgotten()
    {
        await using var own = await server.FreshAsync();
        var user = await own.UserAsync();
        var place = CountersignServer.NewSource();
        for (var i = 0; i < 10; i++)
        {
            using var thief = own.Browser(place);
            await CountersignServer.TypePasswordAsync(thief, user.Name, "certainly not this one");
        }

        var device = await own.DeviceAsync(user, "sms");
        await own.WriteAsync((db, ct) => db.Set<Credential>().Where(c => c.OwnerId == user.Id).ExecuteUpdateAsync(
            set => set.SetProperty(c => c.TriesUnknown, 100), ct));
        using var browser = own.Browser(place);
        Assert.Equal(
            HttpStatusCode.TooManyRequests, (await CountersignServer.TypePasswordAsync(browser, user.Name, user.Password)).Status);

        await ReleaseAsync(own, user, "ada");
        Assert.Equal(100, await own.TriesAsync(device.Id));
        await ReleaseAsync(own, user, "ben");

        Assert.Equal(0, await own.TriesAsync(device.Id));
        Assert.Equal("/settings/password", (await own.SignInAsync(browser, user)).Path);
    }

    [Fact]
    [Race]
    public async Task Of_two_operators_at_once_one_is_the_second()
    {
        for (var i = 0; i < 10; i++)
        {
            var user = await server.UserAsync();
            await FreezeAsync(server, user, "ada");

            var ends = await Task.WhenAll(ReleaseAsync(server, user, "ada"), ReleaseAsync(server, user, "ben"));

            Assert.Equal([Locked.Done, Locked.NeedsAnother], ends.Order());
        }
    }

    private static Task<Locked> FreezeAsync(CountersignServer own, TestUser user, string by) => own.WriteAsync(
        (db, ct) => own.App.Services.GetRequiredService<OperatorLocks>().FreezeAsync(db, NameOf(user), by, "the client called", ct));

    private static Task<Locked> ReleaseAsync(CountersignServer own, TestUser user, string by) => own.WriteAsync(
        (db, ct) => own.App.Services.GetRequiredService<OperatorLocks>().ReleaseAsync(db, NameOf(user), by, "the client called", ct));

    private static UserName NameOf(TestUser user) => UserName.TryParse(user.Name, out var name) ? name : default;
}

public sealed class ReleaseOnSqlite(OnSqlite server) : ReleaseTests(server);

public sealed class ReleaseOnPostgres(OnPostgres server) : ReleaseTests(server);

/// <summary>The same by its commands.</summary>
public sealed class ReleaseCommandTests
{
    [Fact]
    public async Task They_say_what_they_need()
    {
        using var folder = new TestFolder();
        await Command.DoAsync(["db", "migrate", "--data", folder.Path]);
        await Command.RefusedAsync(
            "Site:PublicUrl is not set", ["users", "release", "nobody", "--reason", "a call", "--data", folder.Path]);
        string[] data = ["--data", folder.Path, "--set", "Site:PublicUrl=https://broker.example"];

        await Command.RefusedAsync("There is no user nobody", ["users", "release", "nobody", "--reason", "a call", .. data]);
        await Command.RefusedAsync("There is no user nobody", ["users", "freeze", "nobody", "--reason", "a call", .. data]);
        await Command.RefusedAsync("--reason takes", ["users", "freeze", "nobody", "--reason", " ", .. data]);
    }
}
