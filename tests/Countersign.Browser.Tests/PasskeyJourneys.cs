using System.Text.Json.Nodes;
using Countersign.Browser.Tests.Hosting;
using Countersign.Testing;
using Microsoft.Playwright;

namespace Countersign.Browser.Tests;

/// <summary>Passkeys in a real browser, with an authenticator that the browser plays.</summary>
public sealed class PasskeyJourneys(DemoInBrowser demo) : IClassFixture<DemoInBrowser>
{
    private const string Form = "form[data-passkey]";
    private const string Said = "[data-passkey-said]";

    // Keeps the next answer back, so that a test can look at it and send another.
    private const string Hold = """
        const send = HTMLFormElement.prototype.requestSubmit;
        HTMLFormElement.prototype.requestSubmit = function () {
          if (sessionStorage.getItem("hold") && this.matches("[data-passkey]")) {
            window.held = this.querySelector("input[name=code]").value;
          } else {
            send.call(this);
          }
        };
        """;

    [Theory]
    [InlineData("en", "olivia.reed", "+12015550123")]
    [InlineData("zh-HK", "mei.chan", "+85251234567")]
    [InlineData("zh-CN", "tan.wei", "+6581234567")]
    public async Task A_client_adds_one_after_a_text_message_and_signs_in_with_it_in(string language, string userName, string mobile)
    {
        await using var context = await demo.ContextAsync(language, named: true);
        var page = await context.NewPageAsync();
        await VirtualPasskeys.PlugInAsync(page);
        await AddAsync(page, userName, mobile);

        await SignOutAsync(page);
        await ChoosePasskeyAsync(page, userName);

        await page.ArriveAsync(Home);
        Assert.Contains(userName, await page.InnerTextAsync("body"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task One_that_asks_for_no_pin_is_refused_and_one_that_is_there_is_not_made_again()
    {
        await using var context = await demo.ContextAsync(named: true);
        var page = await context.NewPageAsync();
        var authenticator = await VirtualPasskeys.PlugInAsync(page, verifies: false);
        await AskToAddAsync(page, "arjun.rao", "+918123456789");
        await page.ClickAsync("#code");
        await Assertions.Expect(page.Locator("[role=alert]")).ToContainTextAsync("did not ask for fingerprint");

        await authenticator.ReplaceAsync(verifies: true);
        await page.ClickAsync("#code");
        await page.ArriveAsync("**/settings/devices?done=activated");
        await page.GotoAsync("/settings/devices/add/passkey");
        await page.ClickAsync("main form button.button--primary");
        await ChooseAsync(page);
        await page.ArriveAsync("**/settings/devices/activate/**");
        await page.ClickAsync("#code");
        await Assertions.Expect(page.Locator(Said)).ToContainTextAsync("holds a passkey of yours");
        await Assertions.Expect(page.Locator("#code")).ToBeVisibleAsync();
    }

    [Fact]
    public async Task Alone_it_signs_in_only_once_the_client_has_let_it()
    {
        await using var context = await demo.ContextAsync(named: true);
        var page = await context.NewPageAsync();
        await VirtualPasskeys.PlugInAsync(page);
        var device = await AddAsync(page, "lukas.weber", "+4915123456789");
        await SignOutAsync(page);

        await page.ClickAsync($"{Form} button");
        await Assertions.Expect(page.Locator("[role=alert]")).ToContainTextAsync("does not sign in alone");
        await ChoosePasskeyAsync(page, "lukas.weber");
        await page.ArriveAsync(Home);
        await page.GotoAsync(device);
        await page.ClickAsync("a[href$='/alone']");
        await page.ClickAsync("main form button.button--primary");
        await page.ArriveAsync("**/alone?done=1");
        await SignOutAsync(page);
        await page.ClickAsync($"{Form} button");

        await page.ArriveAsync(Home);
        Assert.Contains("lukas.weber", await page.InnerTextAsync("body"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_the_browser_signs_another_implementation_takes_too_and_neither_takes_it_changed()
    {
        await using var context = await demo.ContextAsync(named: true);
        await context.AddInitScriptAsync(Hold);
        var page = await context.NewPageAsync();
        var authenticator = await VirtualPasskeys.PlugInAsync(page);
        await AskToAddAsync(page, "daniel.reed", "+12015550145");
        var (asked, made) = await HoldAsync(page, () => page.ClickAsync("#code"));
        var registered = (await SecondVerifier.LookAsync(SecondQuestion.Of("registration", made, asked, demo.NamedAddress)))[0];
        Assert.True(registered.Verified, registered.Why);
        await SendAsync(page, made);
        await page.ArriveAsync("**/settings/devices?done=activated");
        await SignOutAsync(page);

        var (options, response) = await HoldAsync(page, () => ChoosePasskeyAsync(page, "daniel.reed"));
        string[] changed =
        [
            OtherOrigin(response), OtherChallenge(response), Turned(response, "signature", -1, 0x01),
            Turned(response, "authenticatorData", 32, 0x04),
        ];
        var opinions = await SecondVerifier.LookAsync(
            [.. changed.Append(response).Select(
                r => SecondQuestion.Of("authentication", r, options, demo.NamedAddress, registered.Credential))]);
        Assert.Equal([false, false, false, false, true], opinions.Select(o => o.Verified));
        for (var i = 0; i < changed.Length; i++)
        {
            await SendAsync(page, changed[i]);
            await Assertions.Expect(page.Locator("[role=alert]")).ToContainTextAsync($"Tries left: {4 - i}");
        }

        await SendAsync(page, response);
        await page.ArriveAsync(Home);

        await page.EvaluateAsync("() => sessionStorage.removeItem('hold')");
        await SignOutAsync(page);
        await authenticator.TurnBackAsync(1);
        await ChoosePasskeyAsync(page, "daniel.reed");
        await Assertions.Expect(page.Locator("[role=alert]")).ToContainTextAsync("was not accepted");
    }

    [Fact]
    public async Task Without_scripts_or_passkeys_nothing_is_offered_that_does_not_work()
    {
        await using var plain = await demo.ContextAsync(scripts: false, named: true);
        var page = await plain.NewPageAsync();
        await page.GotoAsync("/sign-in");

        await Assertions.Expect(page.Locator($"{Form} button")).ToBeHiddenAsync();
    }

    private string Home => new Uri(demo.NamedAddress, "/").ToString();

    /// <summary>Signs in by text message and has the same phone agree to a passkey; ends on the page that makes it.</summary>
    private async Task AskToAddAsync(IPage page, string userName, string mobile)
    {
        await DemoInBrowser.TypePasswordAsync(page, userName);
        var first = await demo.CodeAsync(mobile);
        await page.FillAsync("input[name=code]", first);
        await page.PressAsync("input[name=code]", "Enter");
        await page.ArriveAsync(Home);
        await page.GotoAsync("/settings/devices/add/passkey");
        await page.ClickAsync("main form button.button--primary");

        // The known browser has a ration of its own, so the code comes at once.
        await demo.AgreeAsync(page, userName, mobile, first);
        await page.ArriveAsync("**/settings/devices/activate/**");
    }

    /// <summary>Adds a passkey; returns the address of its page.</summary>
    private async Task<string> AddAsync(IPage page, string userName, string mobile)
    {
        await AskToAddAsync(page, userName, mobile);
        await page.ClickAsync("#code");
        await page.ArriveAsync("**/settings/devices?done=activated");
        return (await page.Locator(".device:has(.icon--passkey) a").First.GetAttributeAsync("href"))!;
    }

    private static async Task ChoosePasskeyAsync(IPage page, string userName)
    {
        await page.GotoAsync("/sign-in");
        await page.FillAsync("input[name=username]", userName);
        await page.FillAsync("input[name=password]", DemoInBrowser.Password);
        await page.PressAsync("input[name=password]", "Enter");
        await ChooseAsync(page);
    }

    private static async Task ChooseAsync(IPage page)
    {
        await page.CheckAsync(".device--choice:has(.icon--passkey) input");
        await page.ClickAsync("form:has(.picker) button.button--primary");
    }

    private static async Task SignOutAsync(IPage page)
    {
        await page.Context.ClearCookiesAsync(
            new BrowserContextClearCookiesOptions { NameRegex = new System.Text.RegularExpressions.Regex("session") });
        await page.GotoAsync("/sign-in");
    }

    private static async Task<(string Options, string Response)> HoldAsync(IPage page, Func<Task> ask)
    {
        await page.EvaluateAsync("() => sessionStorage.setItem('hold', 'yes')");
        await ask();
        await page.WaitForSelectorAsync(Form);
        await page.WaitForFunctionAsync("() => window.held");
        return ((await page.GetAttributeAsync(Form, "data-passkey-options"))!, await page.EvaluateAsync<string>("() => window.held"));
    }

    /// <summary>Sends an answer with the form of the page, by the browser's own way, and waits for the page that follows.</summary>
    private static async Task SendAsync(IPage page, string response)
    {
        await page.EvaluateAsync(
            """
            response => {
                window.before = true;
                const form = document.querySelector('form[data-passkey]');
                form.querySelector('input[name=code]').value = response;
                form.submit();
            }
            """,
            response);
        await page.WaitForFunctionAsync("() => !window.before && document.readyState === 'complete'");
    }

    private static string OtherOrigin(string response) => WithClientData(response, data => data["origin"] = "http://localhost.example");

    private static string OtherChallenge(string response) =>
        WithClientData(response, data => data["challenge"] = Base64("a challenge of another day"u8.ToArray()));

    private static string WithClientData(string response, Action<JsonNode> change)
    {
        var json = JsonNode.Parse(response)!;
        var data = JsonNode.Parse(Bytes(json["response"]!["clientDataJSON"]!))!;
        change(data);
        json["response"]!["clientDataJSON"] = Base64(System.Text.Encoding.UTF8.GetBytes(data.ToJsonString()));
        return json.ToJsonString();
    }

    private static string Turned(string response, string field, int at, byte bit)
    {
        var json = JsonNode.Parse(response)!;
        var bytes = Bytes(json["response"]![field]!);
        bytes[at < 0 ? bytes.Length + at : at] ^= bit;
        json["response"]![field] = Base64(bytes);
        return json.ToJsonString();
    }

    private static byte[] Bytes(JsonNode text) => System.Buffers.Text.Base64Url.DecodeFromChars(text.GetValue<string>());

    private static string Base64(byte[] bytes) => System.Buffers.Text.Base64Url.EncodeToString(bytes);
}
