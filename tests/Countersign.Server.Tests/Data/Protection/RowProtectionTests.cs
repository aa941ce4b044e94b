using System.Net;
using System.Security.Cryptography;
using Countersign.Server.Data.Protection;
using Countersign.Server.Features.Confirming.Challenges;
using Countersign.Server.Features.Confirming.Devices;
using Countersign.Server.Features.Ground.Audit;
using Countersign.Server.Features.Programs.Api;
using Countersign.Server.Features.Registry.PhoneNumbers;
using Countersign.Server.Features.Registry.Users;
using Countersign.Server.Http;
using Countersign.Server.Tests.Guards;
using Countersign.Server.Tests.Hosting;
using Countersign.Testing;
using Microsoft.AspNetCore.Http;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Logging.Abstractions;

namespace Countersign.Server.Tests.Data.Protection;

/// <summary>A secret opens in its own row and column and nowhere else (D28).</summary>
[Claim("D28")]
public abstract class RowProtectionTests(CountersignServer server)
{
    private static readonly Guid Owner = new("01a20cc8-0000-7000-8000-000000000001");
    private static readonly Guid Other = new("01a20cc8-0000-7000-8000-000000000002");

    [Fact]
    public void A_secret_moved_to_another_row_owner_or_column_does_not_open()
    {
        byte[] secret = [1, 2, 3];
        var closed = server.Protection.Protect(Credential.StateColumn, Owner, Other, secret);

        Assert.Equal(secret, server.Protection.Unprotect(Credential.StateColumn, Owner, Other, closed));
        Assert.ThrowsAny<CryptographicException>(() => server.Protection.Unprotect(Challenge.PromptsColumn, Owner, Other, closed));
        Assert.ThrowsAny<CryptographicException>(() => server.Protection.Unprotect(Credential.StateColumn, Owner, Owner, closed));
        Assert.ThrowsAny<CryptographicException>(() => server.Protection.Unprotect(Credential.StateColumn, Other, Other, closed));
        Assert.ThrowsAny<CryptographicException>(() => server.Protection.Unprotect(Credential.StateColumn, Other, Owner, closed));
    }

    [Fact]
    public void A_changed_secret_does_not_open()
    {
        var closed = server.Protection.Protect(Credential.StateColumn, Owner, Other, [1, 2, 3]);
        for (var i = 0; i < closed.Length; i++)
        {
            byte[] changed = [.. closed];
            changed[i] ^= 1;

            // Where the key's id was changed, it is a key that this node does not have.
            var refused = Record.Exception(() => server.Protection.Unprotect(Credential.StateColumn, Owner, Other, changed));
            Assert.True(refused is UnreadableSecretException || (refused is MasterKeyMissingException && i == 2), $"byte {i}");
        }
    }

    [Fact]
    public async Task Who_copies_his_number_over_anothers_in_the_database_gets_no_code()
    {
        var (victim, thief) = (await server.UserAsync(), await server.UserAsync());
        await CopyStateAsync(from: Assert.Single(await DevicesAsync(thief)), to: Assert.Single(await DevicesAsync(victim)));
        using var browser = server.Browser();

        var page = await CountersignServer.TypePasswordAsync(browser, victim.Name, victim.Password);

        Assert.Equal(HttpStatusCode.Forbidden, page.Status);
        Assert.Empty(server.Codes(thief));
        Assert.Empty(server.Codes(victim));
        Assert.DoesNotContain(
            await server.RowsAsync<Countersign.Server.Features.Messaging.Messages.Message>(m => m.UserId == victim.Id),
            m => m.ChallengeId is not null);
        await AuditedAsync(victim, AuditEvents.DeviceUnreadable);
    }

    [Fact]
    public async Task Whose_device_does_not_open_gets_no_account_application_instead()
    {
        var (user, other) = (await server.UserAsync(), await server.UserAsync());
        await CopyStateAsync(from: Assert.Single(await DevicesAsync(other)), to: Assert.Single(await DevicesAsync(user)));
        await WithoutNumberAsync(user);

        await IsTurnedAwayAsync(user, "None of your devices can be used");
    }

    /// <summary>Such as one that a newer node has enrolled, in an upgrade that is under way.</summary>
    [Fact]
    public async Task Whose_device_is_of_a_kind_that_this_node_does_not_know_gets_no_account_application_instead()
    {
        var user = await server.UserAsync();
        await server.WriteAsync((db, ct) => db.Set<Device>().Where(d => d.UserId == user.Id).ExecuteUpdateAsync(
            set => set.SetProperty(d => d.Kind, "telepathy"), ct));
        await WithoutNumberAsync(user);

        await IsTurnedAwayAsync(user, "None of your devices can be used");
    }

    /// <summary>A thief of the password who reports it as lost would come in by a number of their own.</summary>
    [Fact]
    public async Task Whose_device_was_lost_gets_no_account_application_instead()
    {
        var user = await server.UserAsync();
        await server.WriteAsync((db, ct) => db.Set<Device>().Where(d => d.UserId == user.Id).ExecuteUpdateAsync(
            set => set.SetProperty(d => d.Status, DeviceStatus.Lost), ct));
        await WithoutNumberAsync(user);

        await IsTurnedAwayAsync(user, "no device to confirm it with");
    }

    [Fact]
    public async Task Who_is_frozen_and_whose_device_does_not_open_leaves_the_same_row()
    {
        var (user, other) = (await server.UserAsync(), await server.UserAsync());
        await CopyStateAsync(from: Assert.Single(await DevicesAsync(other)), to: Assert.Single(await DevicesAsync(user)));
        await server.WriteAsync((db, ct) => db.Set<User>().Where(u => u.Id == user.Id).ExecuteUpdateAsync(
            set => set.SetProperty(u => u.FrozenAt, server.Clock.GetUtcNow()), ct));

        await IsTurnedAwayAsync(user, "client services");
    }

    [Fact]
    public async Task Of_two_devices_of_one_user_whose_secrets_were_swapped_neither_can_be_used()
    {
        var user = await server.UserAsync();
        using (var first = server.Browser())
        {
            await server.SignInAsync(first, user);
            await server.AddAppAsync(first, user);
        }

        var sent = server.Codes(user).Count;
        var devices = await DevicesAsync(user);
        Assert.Equal(2, devices.Count);
        await SwapStatesAsync(devices[0], devices[1]);
        using var browser = server.Browser();

        var page = await CountersignServer.TypePasswordAsync(browser, user.Name, user.Password);

        Assert.Equal(HttpStatusCode.Forbidden, page.Status);
        Assert.Equal(sent, server.Codes(user).Count);
        Assert.Equal(2, (await server.RowsAsync<AuditEvent>(e => e.UserId == user.Id && e.Event == AuditEvents.DeviceUnreadable)).Count);
    }

    [Fact]
    public async Task A_device_whose_secret_is_changed_while_its_code_is_on_the_way_answers_nothing()
    {
        var (user, other) = (await server.UserAsync(), await server.UserAsync());
        using var browser = server.Browser();
        var page = await CountersignServer.TypePasswordAsync(browser, user.Name, user.Password);
        var code = await server.CodeAsync(user);
        await CopyStateAsync(from: Assert.Single(await DevicesAsync(other)), to: Assert.Single(await DevicesAsync(user)));

        var refused = await CountersignServer.TypeCodeAsync(browser, page, code);

        await ClosedAsync(browser, refused);
        await AuditedAsync(user, AuditEvents.ChallengeUnreadable);
    }

    [Fact]
    public async Task A_challenge_with_anothers_prompts_answers_nothing()
    {
        var (user, other) = (await server.UserAsync(), await server.UserAsync());
        using var browser = server.Browser();
        using var theirs = server.Browser();
        var page = await CountersignServer.TypePasswordAsync(browser, user.Name, user.Password);
        await CountersignServer.TypePasswordAsync(theirs, other.Name, other.Password);
        await server.CodeAsync(user);
        var code = await server.CodeAsync(other);
        var prompts = Assert.Single(await server.RowsAsync<Challenge>(c => c.UserId == other.Id)).Prompts;
        await server.WriteAsync(
            (db, ct) => db.Set<Challenge>().Where(c => c.UserId == user.Id).ExecuteUpdateAsync(
                set => set.SetProperty(c => c.Prompts, prompts), ct));

        var refused = await CountersignServer.TypeCodeAsync(browser, page, code);

        await ClosedAsync(browser, refused);
        await AuditedAsync(user, AuditEvents.ChallengeUnreadable);
    }

    /// <summary>Before a device is chosen nobody needs the prompts; choosing one does.</summary>
    [Fact]
    public async Task A_challenge_whose_prompts_are_junk_takes_no_device()
    {
        var user = await server.UserAsync();
        using (var first = server.Browser())
        {
            await server.SignInAsync(first, user);
            await server.AddAppAsync(first, user);
        }

        using var browser = server.Browser();
        var picker = await CountersignServer.TypePasswordAsync(browser, user.Name, user.Password);
        await server.WriteAsync(
            (db, ct) => db.Set<Challenge>().Where(c => c.UserId == user.Id && c.State == ChallengeState.Pending).ExecuteUpdateAsync(
                set => set.SetProperty(c => c.Prompts, new byte[40]), ct));

        var refused = await CountersignServer.PressAsync(
            browser, picker, "choose", ("device", (await DevicesAsync(user))[0].Id.ToString()));

        await ClosedAsync(browser, refused);
    }

    /// <summary>The net under everything that opens a secret: no failure, but what to do.</summary>
    [Fact]
    public async Task Where_nobody_has_thought_of_it_the_answer_says_what_to_do()
    {
        var http = new DefaultHttpContext();
        using var log = new UnavailableLog(TimeProvider.System, NullLogger<UnavailableLog>.Instance);
        var handled = await new UnavailableHandler(log).TryHandleAsync(
            http, new UnreadableSecretException(new CryptographicException()), CancellationToken.None);
        using var browser = server.Browser();
        var page = await browser.GetAsync($"/error/{http.Response.StatusCode}");

        Assert.True(handled);
        Assert.Equal(HttpStatusCode.Conflict, page.Status);
        Assert.Contains("does not open", page.Text, StringComparison.Ordinal);
        Assert.Contains("Contact client services", page.Text, StringComparison.Ordinal);
        Assert.Equal("api.unreadable", ApiErrors.Of(http.Response.StatusCode).Code);
    }

    private Task<int> WithoutNumberAsync(TestUser user) =>
        server.WriteAsync((db, ct) => db.Set<PhoneNumber>().Where(n => n.UserId == user.Id).ExecuteUpdateAsync(
            set => set.SetProperty(n => n.VerifiedAt, (DateTimeOffset?)null), ct));

    private async Task IsTurnedAwayAsync(TestUser user, string words)
    {
        using var browser = server.Browser();

        var page = await CountersignServer.TypePasswordAsync(browser, user.Name, user.Password);

        Assert.Equal(HttpStatusCode.Forbidden, page.Status);
        Assert.Contains(words, page.Text, StringComparison.Ordinal);
        Assert.Single(await server.RowsAsync<AuditEvent>(e => e.UserId == user.Id && e.Event == AuditEvents.NoDevice));
    }

    private static async Task ClosedAsync(TestBrowser browser, TestPage refused)
    {
        Assert.InRange((int)refused.Status, 400, 499);
        Assert.Contains("does not fit", refused.Text, StringComparison.Ordinal);
        Assert.Equal("/sign-in", (await browser.GetAsync("/settings")).Path);
    }

    private async Task AuditedAsync(TestUser user, string name)
    {
        var rows = await server.RowsAsync<AuditEvent>(e => e.UserId == user.Id && e.Event == name);
        Assert.Single(rows);
        Assert.DoesNotContain(await server.RowsAsync<AuditEvent>(e => e.UserId == user.Id), e => e.Event == AuditEvents.SignedIn);
    }

    private async Task<IReadOnlyList<Device>> DevicesAsync(TestUser user) => await server.RowsAsync<Device>(d => d.UserId == user.Id);

    private async Task SwapStatesAsync(Device one, Device other)
    {
        var (first, second) = ((await server.CredentialOfAsync(one.Id)).State, (await server.CredentialOfAsync(other.Id)).State);
        await server.WriteAsync(async (db, ct) =>
        {
            await db.Set<Credential>().Where(c => c.Id == one.CredentialId).ExecuteUpdateAsync(
                set => set.SetProperty(c => c.State, second), ct);
            return await db.Set<Credential>().Where(c => c.Id == other.CredentialId).ExecuteUpdateAsync(
                set => set.SetProperty(c => c.State, first), ct);
        });
    }

    private async Task CopyStateAsync(Device from, Device to)
    {
        var state = (await server.CredentialOfAsync(from.Id)).State;
        await server.WriteAsync(
            (db, ct) => db.Set<Credential>().Where(c => c.OwnerId == to.CredentialOwner && c.Id == to.CredentialId).ExecuteUpdateAsync(
                set => set.SetProperty(c => c.State, state), ct));
    }
}

public sealed class RowProtectionOnSqlite(OnSqlite server) : RowProtectionTests(server);

public sealed class RowProtectionOnPostgres(OnPostgres server) : RowProtectionTests(server);
