using Countersign.Server.Features.Access.Sessions;
using Countersign.Server.Tests.Hosting;

namespace Countersign.Server.Tests.Data;

/// <summary>
/// How often the database is asked, counted by PostgreSQL itself, how many units of work it keeps, and how many secrets are opened: a
/// figure that grows is looked at before it is accepted. What is faster lowers it.
/// </summary>
public sealed class CountedWorkTests(OnPostgres server)
{
    [Fact]
    public async Task A_right_code_and_the_home_page_after_it()
    {
        await using var own = await server.FreshAsync();
        var user = await own.UserAsync();
        using var browser = own.Browser();
        await CountersignServer.SignOutAsync(browser, await own.SignInAsync(browser, user));
        await own.LetMessagesGoAsync(user);
        var page = await CountersignServer.TypePasswordAsync(browser, user.Name, user.Password);
        var code = await own.CodeAsync(user, 2);
        await using var counted = await CountedWork.BeginAsync(own);

        var home = await CountersignServer.TypeCodeAsync(browser, page, code);

        Assert.Equal("/", home.Path);
        await counted.IsAsync(statements: 13, commits: 1, opened: 3);
    }

    /// <summary>The former session ends in the unit that makes the new one: no crash leaves two.</summary>
    [Fact]
    public async Task A_right_code_in_a_browser_that_is_in_a_session()
    {
        await using var own = await server.FreshAsync();
        var (user, former) = (await own.UserAsync(), await own.UserAsync());
        using var browser = own.Browser();
        await CountersignServer.SignOutAsync(browser, await own.SignInAsync(browser, user));
        var home = await own.SignInAsync(browser, former);
        var page = await browser.PostAsync(
            "/sign-in", CountersignServer.Fields(home, ("username", user.Name), ("password", user.Password)));
        var code = await own.CodeAsync(user, 2);
        await own.SettledAsync();
        await using var counted = await CountedWork.BeginAsync(own);

        using var answer = await browser.PostRawAsync(
            new Uri(page.Address, page.Path + "?handler=answer"), CountersignServer.Fields(page, ("prompt", "1"), ("code", code)));

        Assert.Equal("/", answer.Headers.Location?.OriginalString);
        await counted.IsAsync(statements: 15, commits: 1, opened: 3);
        Assert.NotNull((await own.RowsAsync<Session>(s => s.UserId == former.Id)).Single().EndedAt);
    }

    [Fact]
    public async Task The_home_page()
    {
        await using var own = await server.FreshAsync();
        var user = await own.UserAsync();
        using var browser = own.Browser();
        await own.SignInAsync(browser, user);
        await using var counted = await CountedWork.BeginAsync(own);

        await browser.GetAsync("/");

        await counted.IsAsync(statements: 7, commits: 0, opened: 0);
    }

    [Fact]
    public async Task A_right_password_and_the_page_of_the_code_after_it()
    {
        await using var own = await server.FreshAsync();
        var user = await own.UserAsync();
        using var browser = own.Browser();
        await CountersignServer.SignOutAsync(browser, await own.SignInAsync(browser, user));
        await own.LetMessagesGoAsync(user);
        await using var counted = await CountedWork.BeginAsync(own);

        await CountersignServer.TypePasswordAsync(browser, user.Name, user.Password);

        await counted.IsAsync(statements: 28, commits: 4, opened: 6);
    }

    /// <summary>D19. The embedded database runs the same code.</summary>
    [Fact]
    public async Task Known_and_unknown_names_cost_the_same_statements()
    {
        await using var own = await server.FreshAsync();
        var user = await own.UserAsync();
        await own.SettledAsync();

        var known = await OfWrongPasswordAsync(own, user.Name);
        var unknown = await OfWrongPasswordAsync(own, new string('x', user.Name.Length));

        Assert.True(known.Count > 3, $"{known.Count} statements");
        Assert.Equal(known, unknown);
    }

    private static async Task<IReadOnlyList<CountedStatements.Counted>> OfWrongPasswordAsync(CountersignServer own, string name)
    {
        using var browser = own.Browser();
        var form = await browser.GetAsync("/sign-in");
        await using var counted = await CountedStatements.BeginAsync(own);
        await browser.SubmitAsync(
            form, "password", new Dictionary<string, string> { ["username"] = name, ["password"] = "certainly not this one" });
        return await counted.SeenAsync();
    }
}
