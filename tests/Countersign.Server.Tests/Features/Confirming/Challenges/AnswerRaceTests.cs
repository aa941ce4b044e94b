using System.Net;
using Countersign.Server.Features.Access.Sessions;
using Countersign.Server.Features.Confirming.Challenges;
using Countersign.Server.Features.Ground.Audit;
using Countersign.Server.Tests.Hosting;
using Countersign.Testing;

namespace Countersign.Server.Tests.Features.Confirming.Challenges;

/// <summary>What happens once happens once, however many ask at the same moment.</summary>
[Race]
public abstract class AnswerRaceTests(CountersignServer server)
{
    private const int AtOnce = 50;
    private const int TriesAllowed = 5;

    [Fact]
    public async Task Of_fifty_right_codes_at_once_one_signs_in_and_others_get_the_same()
    {
        var (user, browser, page) = await AtCodePageAsync();
        using (browser)
        {
            var code = await server.CodeAsync(user);

            var answers = await CountersignServer.TypeCodeManyAsync(browser, page, Enumerable.Repeat(code, AtOnce));

            Assert.Equal(CountersignServer.Answered, answers.Count(a => a == HttpStatusCode.Redirect));
            Assert.Equal(AtOnce - CountersignServer.Answered, answers.Count(a => a == HttpStatusCode.Conflict));
            Assert.Single(await server.RowsAsync<Session>(s => s.UserId == user.Id));
            Assert.Single(await server.RowsAsync<AuditEvent>(e => e.UserId == user.Id && e.Event == AuditEvents.SignedIn));
        }
    }

    [Fact]
    public async Task Of_fifty_wrong_codes_at_once_five_count_and_the_right_one_comes_too_late()
    {
        var (user, browser, page) = await AtCodePageAsync();
        using (browser)
        {
            var code = await server.CodeAsync(user);

            var answers = await CountersignServer.TypeCodeManyAsync(
                browser, page, Enumerable.Range(0, AtOnce).Select(n => CountersignServer.WrongCode(code, n)));

            Assert.Equal(TriesAllowed - 1, answers.Count(a => a == HttpStatusCode.UnprocessableEntity));
            Assert.Equal(AtOnce - TriesAllowed + 1, answers.Count(a => a == HttpStatusCode.Conflict));
            await FiveCountedAsync(user);
            Assert.Equal(HttpStatusCode.Conflict, Assert.Single(await CountersignServer.TypeCodeManyAsync(browser, page, [code])));
            Assert.Empty(await server.RowsAsync<Session>(s => s.UserId == user.Id));
            await FiveCountedAsync(user);
        }
    }

    [Fact]
    public async Task Of_right_and_wrong_codes_at_once_no_more_than_five_are_looked_at()
    {
        var (user, browser, page) = await AtCodePageAsync();
        using (browser)
        {
            var code = await server.CodeAsync(user);

            var answers = await CountersignServer.TypeCodeManyAsync(
                browser, page, Enumerable.Range(0, AtOnce).Select(n => n % 10 == 9 ? code : CountersignServer.WrongCode(code, n)));

            var challenge = Assert.Single(await server.RowsAsync<Challenge>(c => c.UserId == user.Id));
            var signedIn = answers.Count(a => a == HttpStatusCode.Redirect);
            var repeated = (await server.RowsAsync<AuditEvent>(e => e.UserId == user.Id && e.Event == AuditEvents.AnswerRepeated)).Count;
            var wrong = (await server.RowsAsync<AuditEvent>(e => e.UserId == user.Id && e.Event == AuditEvents.ResponseWrong)).Count;
            Assert.Equal(signedIn > 0 ? 1 : 0, (await server.RowsAsync<Session>(s => s.UserId == user.Id)).Count);
            Assert.Equal(signedIn > 0 ? ChallengeState.Used : ChallengeState.Failed, challenge.State);
            Assert.Equal(signedIn, repeated + (signedIn > 0 ? 1 : 0));
            Assert.InRange(wrong, 0, TriesAllowed);

            // One that was wrong after the right one takes a try as well, and is the last that is looked at.
            Assert.InRange(challenge.Tries - wrong - signedIn, 0, 1);
        }
    }

    [Fact]
    public async Task Of_fifty_right_codes_at_once_one_changes_the_password()
    {
        var (user, browser, page) = await AtPasswordCodePageAsync();
        using (browser)
        {
            var code = await server.CodeAsync(user, 2);

            var answers = await CountersignServer.TypeCodeManyAsync(browser, page, Enumerable.Repeat(code, AtOnce));

            Assert.Equal(CountersignServer.Answered, answers.Count(a => a == HttpStatusCode.Redirect));
            Assert.Equal(AtOnce - CountersignServer.Answered, answers.Count(a => a == HttpStatusCode.Conflict));
            Assert.Single(await server.RowsAsync<AuditEvent>(e => e.UserId == user.Id && e.Event == AuditEvents.PasswordChanged));
        }
    }

    [Fact]
    public async Task Of_fifty_wrong_codes_for_a_new_password_five_count()
    {
        var (user, browser, page) = await AtPasswordCodePageAsync();
        using (browser)
        {
            var code = await server.CodeAsync(user, 2);

            var answers = await CountersignServer.TypeCodeManyAsync(
                browser, page, Enumerable.Range(0, AtOnce).Select(n => CountersignServer.WrongCode(code, n)));

            Assert.Equal(TriesAllowed - 1, answers.Count(a => a == HttpStatusCode.UnprocessableEntity));
            await FiveCountedAsync(user);
            Assert.Equal(HttpStatusCode.Conflict, Assert.Single(await CountersignServer.TypeCodeManyAsync(browser, page, [code])));
            Assert.Empty(await server.RowsAsync<AuditEvent>(e => e.UserId == user.Id && e.Event == AuditEvents.PasswordChanged));
        }
    }

    private async Task<(TestUser User, TestBrowser Browser, TestPage Page)> AtCodePageAsync()
    {
        var user = await server.UserAsync();
        var browser = server.Browser();
        return (user, browser, await CountersignServer.TypePasswordAsync(browser, user.Name, user.Password));
    }

    private async Task<(TestUser User, TestBrowser Browser, TestPage Page)> AtPasswordCodePageAsync()
    {
        var user = await server.UserAsync();
        var browser = server.Browser();
        await server.SignInAsync(browser, user);
        return (user, browser, await CountersignServer.AskNewPasswordAsync(browser, user.Password, "quite another horse"));
    }

    private async Task FiveCountedAsync(TestUser user)
    {
        Assert.Equal(
            TriesAllowed,
            Assert.Single(await server.RowsAsync<Challenge>(c => c.UserId == user.Id && c.State == ChallengeState.Failed)).Tries);
        Assert.Equal(TriesAllowed, await server.TriesAsync(user));
        Assert.Equal(
            TriesAllowed, (await server.RowsAsync<AuditEvent>(e => e.UserId == user.Id && e.Event == AuditEvents.ResponseWrong)).Count);
        Assert.Single(await server.RowsAsync<AuditEvent>(e => e.UserId == user.Id && e.Event == AuditEvents.Failed));
    }
}

public sealed class AnswerRacesOnSqlite(OnSqlite server) : AnswerRaceTests(server);

public sealed class AnswerRacesOnPostgres(OnPostgres server) : AnswerRaceTests(server);
