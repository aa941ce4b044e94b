using System.Net;
using Countersign.Server.Features.Access.Sessions;
using Countersign.Server.Features.Confirming.Challenges;
using Countersign.Server.Features.Ground.Audit;
using Countersign.Server.Tests.Guards;
using Countersign.Server.Tests.Hosting;
using Countersign.Testing;

namespace Countersign.Server.Tests.Features.Confirming.Challenges;

/// <summary>What was opened in a session goes on in that session alone, and ends with it (D32).</summary>
public abstract class SessionChallengeTests(CountersignServer server)
{
    private const string Wanted = "quite another horse";

    /// <summary>Whoever may use the browser next, with what the session before has left in it.</summary>
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    [Claim("D32")]
    public async Task Nobody_goes_on_with_it_in_another_session(bool ofTheSameUser)
    {
        var user = await server.UserAsync();
        using var browser = server.Browser();
        await server.SignInAsync(browser, user);
        var page = await CountersignServer.AskNewPasswordAsync(browser, user.Password, Wanted);
        var code = await server.CodeAsync(user, 2);
        var opener = Opener(browser);
        using var next = server.Browser();
        await server.LetMessagesGoAsync(user);
        await server.SignInAsync(next, ofTheSameUser ? user : await server.UserAsync());
        next.SetCookie(opener.Key, opener.Value);
        var before = await server.PasswordHashAsync(user);

        var seen = await next.GetAsync(page.Path);
        var answered = await next.PostAsync(
            page.Path + "?handler=answer",
            CountersignServer.Fields(await next.GetAsync("/settings/password"), ("prompt", "1"), ("code", code)));

        Assert.Equal((HttpStatusCode.NotFound, HttpStatusCode.NotFound), (seen.Status, answered.Status));
        Assert.Equal(before, await server.PasswordHashAsync(user));
        Assert.Equal("/settings/security", (await CountersignServer.TypeCodeAsync(browser, page, code)).Path);
    }

    [Fact]
    [Claim("D32")]
    public async Task Signing_out_ends_it()
    {
        var user = await server.UserAsync();
        using var browser = server.Browser();
        await server.SignInAsync(browser, user);
        var page = await CountersignServer.AskNewPasswordAsync(browser, user.Password, Wanted);

        await CountersignServer.SignOutAsync(browser, page);

        await AssertEndedAsync(user);
    }

    [Fact]
    [Claim("D32")]
    public async Task Ending_the_other_sessions_ends_theirs_and_leaves_ones_own()
    {
        var user = await server.UserAsync();
        using var own = server.Browser();
        await server.SignInAsync(own, user);
        await server.LetMessagesGoAsync(user);
        using var other = server.Browser();
        await server.SignInAsync(other, user);
        await server.LetMessagesGoAsync(user);
        await CountersignServer.AskNewPasswordAsync(other, user.Password, Wanted);
        var add = await CountersignServer.AskToAddAsync(own, "totp", "Tablet");

        await own.PostAsync(
            "/settings/security?handler=EndOthers", CountersignServer.Fields(await own.GetAsync("/settings/security")));

        await AssertEndedAsync(user);
        Assert.Equal(HttpStatusCode.OK, (await own.GetAsync(add.Path)).Status);
        Assert.Contains(
            await ChallengesAsync(user), c => c is { Purpose: "device-change", State: ChallengeState.Pending or ChallengeState.Prompted });
    }

    private async Task AssertEndedAsync(TestUser user)
    {
        var challenge = Assert.Single(await ChallengesAsync(user), c => c.Purpose == "password-change");
        Assert.Equal(ChallengeState.Cancelled, challenge.State);
        var session = Assert.Single(await server.RowsAsync<Session>(s => s.UserId == user.Id && s.EndedAt != null));
        var cancelled = Assert.Single(
            await server.RowsAsync<AuditEvent>(e => e.UserId == user.Id && e.Event == AuditEvents.Cancelled));
        Assert.Contains($"\"session\":\"{session.Id}\"", cancelled.Details, StringComparison.Ordinal);
    }

    private Task<IReadOnlyList<Challenge>> ChallengesAsync(TestUser user) => server.RowsAsync<Challenge>(c => c.UserId == user.Id);

    private static KeyValuePair<string, string> Opener(TestBrowser browser) =>
        browser.Cookies.Single(c => c.Key.EndsWith("opener", StringComparison.Ordinal));
}

public sealed class SessionChallengesOnSqlite(OnSqlite server) : SessionChallengeTests(server);

public sealed class SessionChallengesOnPostgres(OnPostgres server) : SessionChallengeTests(server);
