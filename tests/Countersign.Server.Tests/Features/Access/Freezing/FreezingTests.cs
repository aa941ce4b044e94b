using System.Net;
using System.Text.RegularExpressions;
using Countersign.Server.Features.Access.Sessions;
using Countersign.Server.Features.Confirming.Challenges;
using Countersign.Server.Features.Confirming.Devices;
using Countersign.Server.Features.Ground.Audit;
using Countersign.Server.Features.Messaging.Notices;
using Countersign.Server.Features.Registry.Users;
using Countersign.Server.Tests.Guards;
using Countersign.Server.Tests.Hosting;
using Countersign.Testing;
using Microsoft.EntityFrameworkCore;

namespace Countersign.Server.Tests.Features.Access.Freezing;

/// <summary>D26: whoever is told of something says that it was somebody else, and the way back.</summary>
public abstract partial class FreezingTests(CountersignServer server)
{
    [Fact]
    [Claim("D26")]
    public async Task Looking_changes_nothing_and_the_button_freezes_once()
    {
        var (user, browser, path) = await WithNoticeAsync();
        using (browser)
        {
            using var reader = server.Browser();
            var page = await reader.GetAsync(path);
            Assert.Equal(HttpStatusCode.OK, page.Status);
            Assert.Null(await FrozenAtAsync(user));

            var frozen = await reader.SubmitAsync(page, "token", new Dictionary<string, string>());
            var again = await reader.SubmitAsync(page, "token", new Dictionary<string, string>());

            // The page, the second press, and the same link in the notice to another channel.
            var elsewhere = await reader.GetAsync(path);
            Assert.Contains($"we told {user.Name}:", page.Text, StringComparison.Ordinal);
            Assert.All([frozen, again, elsewhere], p => Assert.Contains("Your access is frozen", p.Text, StringComparison.Ordinal));
            Assert.NotNull(await FrozenAtAsync(user));
            Assert.Single(await server.RowsAsync<AuditEvent>(e => e.UserId == user.Id && e.Event == AuditEvents.Frozen));
            Assert.Equal("/sign-in", (await browser.GetAsync("/settings")).Path);
            await server.SmsAsync(user, "is frozen");
            await server.EmailAsync(user, "All sessions have ended");
        }
    }

    [Fact]
    [Claim("D10")]
    public async Task Freezing_ends_everything_that_is_open()
    {
        var (user, browser, path) = await WithNoticeAsync();
        using (browser)
        {
            using var other = server.Browser();
            await server.LetMessagesGoAsync(user);
            var had = server.Codes(user).Count;
            var code = await CountersignServer.TypePasswordAsync(other, user.Name, user.Password);
            var right = await server.CodeAsync(user, had + 1);
            await FreezeAsync(path);

            var answer = await CountersignServer.TypeCodeAsync(other, code, right);

            Assert.Equal(HttpStatusCode.Conflict, answer.Status);
            Assert.DoesNotContain(await server.RowsAsync<Session>(s => s.UserId == user.Id), s => s.EndedAt is null);
            Assert.DoesNotContain(
                await server.RowsAsync<Challenge>(c => c.UserId == user.Id),
                c => c.State is ChallengeState.Pending or ChallengeState.Prompted);
        }
    }

    [Fact]
    [Race]
    [Claim("D26")]
    public async Task Of_many_at_once_one_spends_the_token()
    {
        var (user, browser, path) = await WithNoticeAsync();
        using (browser)
        {
            using var reader = server.Browser();
            var page = await reader.GetAsync(path);

            var answers = await Task.WhenAll(
                Enumerable.Range(0, 20).Select(_ => reader.SubmitAsync(page, "token", new Dictionary<string, string>())));

            Assert.All(answers, a => Assert.Contains("Your access is frozen", a.Text, StringComparison.Ordinal));
            Assert.Single(await server.RowsAsync<AuditEvent>(e => e.UserId == user.Id && e.Event == AuditEvents.Frozen));
            Assert.Single(await server.RowsAsync<Repudiation>(r => r.UserId == user.Id && r.UsedAt != null));
        }
    }

    [Fact]
    public async Task The_strongest_trusted_device_opens_it_and_a_new_password_follows()
    {
        var (user, browser, path) = await WithNoticeAsync();
        using (browser)
        {
            await TrustAllAsync(user);
            await FreezeAsync(path);
            await server.LetMessagesGoAsync(user);
            using var other = server.Browser();
            var had = server.Codes(user).Count;

            var page = await CountersignServer.TypePasswordAsync(other, user.Name, user.Password);
            Assert.Contains("Your access is frozen", page.Text, StringComparison.Ordinal);
            var thawed = await CountersignServer.TypeCodeAsync(other, page, await server.CodeAsync(user, had + 1));

            Assert.Contains("open again", thawed.Text, StringComparison.Ordinal);
            var row = (await server.RowsAsync<User>(u => u.Id == user.Id))[0];
            Assert.Equal((null, true), (row.FrozenAt, row.MustChangePassword));
            Assert.Equal(HttpStatusCode.NotFound, (await other.GetAsync(path)).Status);
        }
    }

    [Fact]
    [Claim("D26")]
    public async Task What_was_added_a_moment_before_does_not_open_it()
    {
        var (user, browser, path) = await WithNoticeAsync();
        using (browser)
        {
            var app = await server.AddAppAsync(browser, user, "Thief");
            await FreezeAsync(path);
            using var other = server.Browser();

            var page = await CountersignServer.TypePasswordAsync(other, user.Name, user.Password);

            Assert.Equal("/sign-in", page.Path);
            Assert.Contains("is frozen, and none of your devices", page.Text, StringComparison.Ordinal);
            Assert.Contains("Call client services", page.Text, StringComparison.Ordinal);
            Assert.DoesNotContain("Sign in again", page.Text, StringComparison.Ordinal);
            Assert.NotEmpty(app.Key);
        }
    }

    [Fact]
    [Claim("D26")]
    public async Task Where_links_are_forbidden_a_code_is_typed()
    {
        await using var other = await server.FreshAsync(("Regimes:Default:LinksInNotices", "false"));
        var user = await other.UserAsync();
        using var browser = other.Browser();
        await other.SignInAsync(browser, user);
        var mail = await other.EmailAsync(user, "type this code");
        var code = Code().Match(mail).Value;
        using var reader = other.Browser();

        Assert.DoesNotContain("http", mail, StringComparison.Ordinal);
        var page = await reader.SubmitAsync(await reader.GetAsync("/not-me"), "token", new Dictionary<string, string>
        {
            ["token"] = " " + code.ToLowerInvariant().Replace('-', ' '),
        });
        var frozen = await reader.SubmitAsync(page, "token", new Dictionary<string, string>());

        Assert.Contains("Your access is frozen", frozen.Text, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("/not-me/nothing")]
    [InlineData("/not-me/00000000000000000000000000")]
    public async Task What_is_no_token_is_told_so(string path)
    {
        using var browser = server.Browser();

        var page = await browser.GetAsync(path);

        Assert.Equal(HttpStatusCode.NotFound, page.Status);
        Assert.Contains("not good any more", page.Text, StringComparison.Ordinal);
    }

    private async Task<(TestUser User, TestBrowser Browser, string Path)> WithNoticeAsync()
    {
        var user = await server.UserAsync();
        var browser = server.Browser();
        await server.SignInAsync(browser, user);
        return (user, browser, Link().Match(await server.EmailAsync(user, "/not-me/")).Value);
    }

    private async Task FreezeAsync(string path)
    {
        using var reader = server.Browser();
        await reader.SubmitAsync(await reader.GetAsync(path), "token", new Dictionary<string, string>());
    }

    private Task TrustAllAsync(TestUser user) => server.WriteAsync((db, ct) =>
    {
        var past = server.Clock.GetUtcNow() - TimeSpan.FromDays(1);
        return db.Set<Device>().Where(d => d.UserId == user.Id).ExecuteUpdateAsync(set => set.SetProperty(d => d.TrustedAt, past), ct);
    });

    private async Task<DateTimeOffset?> FrozenAtAsync(TestUser user) => (await server.RowsAsync<User>(u => u.Id == user.Id))[0].FrozenAt;

    [GeneratedRegex("/not-me/[0-9A-Z]{26}")]
    private static partial Regex Link();

    [GeneratedRegex("(?:[0-9A-Z]{5}-){5}[0-9A-Z]")]
    private static partial Regex Code();
}

public sealed class FreezingOnSqlite(OnSqlite server) : FreezingTests(server);

public sealed class FreezingOnPostgres(OnPostgres server) : FreezingTests(server);
