using System.Net.Http.Json;
using System.Text.Json;
using Countersign.Server.Features.Confirming.Devices;
using Countersign.Server.Features.Kinds.Passkeys;
using Countersign.Testing;

namespace Countersign.Server.Tests.Hosting;

/// <content>Passkeys: making them, answering with them, and signing in with them alone.</content>
public abstract partial class CountersignServer
{
    /// <summary>What the page gives the browser for its passkey.</summary>
    public static string PasskeyOptions(TestPage page) =>
        page.Document.QuerySelector("form[data-passkey]")?.GetAttribute("data-passkey-options")
            ?? throw new InvalidOperationException("The page asks for no passkey:\n" + page.Html);

    /// <summary>Has a device agree by text message, makes the passkey and activates it.</summary>
    public async Task<Guid> AddPasskeyAsync(TestBrowser browser, TestUser user, SoftPasskey passkey, string label = "Laptop")
    {
        var page = await BeginAddingAsync(browser, user, "passkey", label);
        var done = await TypeCodeAsync(browser, page, passkey.Make(PasskeyOptions(page)));
        Assert.Equal("/settings/devices", done.Path);
        return (await RowsAsync<Device>(d => d.UserId == user.Id && d.Label == label)).Single().Id;
    }

    /// <summary>A signed-in user with a passkey.</summary>
    public async Task<(TestUser User, TestBrowser Browser, Guid Device)> WithPasskeyAsync(SoftPasskey passkey)
    {
        var user = await UserAsync();
        var browser = Browser();
        await SignInAsync(browser, user);
        return (user, browser, await AddPasskeyAsync(browser, user, passkey));
    }

    /// <summary>Answers the page with the passkey.</summary>
    public static Task<TestPage> UsePasskeyAsync(TestBrowser browser, TestPage page, SoftPasskey passkey) =>
        TypeCodeAsync(browser, page, passkey.Use(PasskeyOptions(page)));

    /// <summary>Lets a passkey sign in alone.</summary>
    public static async Task<TestPage> LetAloneAsync(TestBrowser browser, Guid device, SoftPasskey passkey)
    {
        var page = await PressAsync(browser, await browser.GetAsync($"/settings/devices/{device}/alone"), "On");
        return await UsePasskeyAsync(browser, page, passkey);
    }

    /// <summary>
    /// What the button on the sign-in page does before it asks the browser: yields the sign-in page, the ceremony and its options.
    /// </summary>
    public static async Task<(TestPage Page, string Ceremony, string Options)> BeginAloneAsync(TestBrowser browser)
    {
        var page = await browser.GetAsync("/sign-in");
        using var request = new HttpRequestMessage(HttpMethod.Post, "/sign-in/passkey/ceremonies")
        {
            Content = new FormUrlEncodedContent(Fields(page)),
        };
        using var response = await browser.SendRawAsync(request);
        Assert.True(response.IsSuccessStatusCode, await response.Content.ReadAsStringAsync());
        var begun = await response.Content.ReadFromJsonAsync<JsonElement>();
        return (page, begun.GetProperty("ceremony").GetString()!, begun.GetProperty("publicKey").GetRawText());
    }

    /// <summary>Sends what a passkey answered without a user name.</summary>
    public static Task<TestPage> AnswerAloneAsync(TestBrowser browser, TestPage page, string ceremony, string response) =>
        browser.PostAsync("/sign-in/passkey", Fields(page, ("ceremony", ceremony), ("code", response)));

    /// <summary>The button on the sign-in page, from beginning to end.</summary>
    public static async Task<TestPage> SignInAloneAsync(TestBrowser browser, SoftPasskey passkey)
    {
        var (page, ceremony, options) = await BeginAloneAsync(browser);
        return await AnswerAloneAsync(browser, page, ceremony, passkey.Use(options));
    }

    /// <summary>What the server keeps of a passkey.</summary>
    internal async Task<PasskeyCredential> PasskeyAsync(Guid device)
    {
        var row = await CredentialOfAsync(device);
        return PasskeyCredential.Read(Protection.Unprotect(Credential.StateColumn, row.OwnerId, row.Id, row.State))!;
    }
}
