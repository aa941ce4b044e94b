using Countersign.Testing;

namespace Countersign.Server.Tests.Hosting;

/// <summary>Somebody who applies for an account, in a browser without scripts.</summary>
public sealed class Applicant(CountersignServer server, TestBrowser browser) : IDisposable
{
    private static int _count;

    public TestBrowser Browser => browser;

    public string Email { get; } = $"applicant{Interlocked.Increment(ref _count)}@mail.example";

    public string Password { get; } = "a lamp beside the open window";

    public string Mobile { get; } = CountersignServer.NewMobile();

    /// <summary>Once the status page was seen.</summary>
    public string UserName { get; private set; } = string.Empty;

    public void Dispose() => browser.Dispose();

    /// <summary>The door: address, letters of a user name, password.</summary>
    public async Task<TestPage> BeginAsync(string letters = "lampe")
    {
        TestSecrets.Note(Password);
        var page = await browser.GetAsync("/apply");
        return await browser.SubmitAsync(
            page, "email", new Dictionary<string, string> { ["email"] = Email, ["username"] = letters, ["new-password"] = Password });
    }

    /// <summary>The door, and the code that comes by e-mail: the first step.</summary>
    public async Task<TestPage> BeginAndConfirmEmailAsync()
    {
        var page = await BeginAsync();
        page = await CountersignServer.TypeCodeAsync(browser, page, await server.EmailCodeAsync(Email));
        UserName = (await StatusAsync()).Document.QuerySelector("main strong")!.TextContent;
        return page;
    }

    public Task<TestPage> StatusAsync() => browser.GetAsync("/apply/status");

    /// <summary>One step's fields, sent.</summary>
    public async Task<TestPage> StepAsync(string step, params (string Name, string Value)[] fields) =>
        await browser.PostAsync("/apply/" + step, CountersignServer.Fields(await browser.GetAsync("/apply/" + step), fields));

    /// <summary>Steps one to three, well filled in.</summary>
    public async Task<TestPage> FillInAsync()
    {
        await StepAsync("about", ("full-name", "Lam Pe"), ("residence", "HK"), ("birthday", "1990-05-31"));
        await StepAsync("address", ("street", "1 Harbour Road"), ("city", "Hong Kong"), ("postcode", ""));
        return await StepAsync("account", ("currency", "USD"), ("experience", "some"));
    }

    /// <summary>The number, from a page of the application: yields the page that asks for the code.</summary>
    public async Task<TestPage> SendNumberAsync(string returnTo = "/apply/status", string? typed = null)
    {
        var page = await browser.GetAsync("/apply/mobile?return=" + returnTo);
        return await browser.SubmitAsync(page, "tel", new Dictionary<string, string> { ["tel"] = typed ?? Mobile, ["country"] = "HK" });
    }

    /// <summary>The number and its code.</summary>
    public async Task<TestPage> ConfirmNumberAsync(string returnTo = "/apply/status") =>
        await CountersignServer.TypeCodeAsync(browser, await SendNumberAsync(returnTo), await server.CodeToAsync(Mobile));
}
