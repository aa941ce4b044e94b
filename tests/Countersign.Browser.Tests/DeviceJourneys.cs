using Countersign.Browser.Tests.Hosting;
using Microsoft.Playwright;

namespace Countersign.Browser.Tests;

/// <summary>Getting another device, choosing among several, and losing one, as people see it.</summary>
public sealed class DeviceJourneys(DemoInBrowser demo) : IClassFixture<DemoInBrowser>
{
    [Theory]
    [InlineData("en", "lukas.weber", "+4915123456789", true)]
    [InlineData("zh-HK", "mei.chan", "+85251234567", true)]
    [InlineData("zh-CN", "tan.wei", "+6581234567", false)]
    public async Task A_client_connects_an_app_and_signs_in_with_it_through_the_picker(
        string language, string user, string mobile, bool scripts)
    {
        await using var home = await demo.ContextAsync(language, scripts);
        var page = await home.NewPageAsync();
        var app = await ConnectAsync(page, user, mobile, "App 1");
        await Look.PictureAsync(page, $"journey-app-active-{language}");
        await using var hotel = await demo.ContextAsync(language, scripts, width: 390);
        var other = await hotel.NewPageAsync();

        await AtPickerAsync(other, user);
        await Look.PictureAsync(other, $"journey-picker-{language}");
        await other.Locator("label.device--choice", new PageLocatorOptions { HasText = "App 1" }).ClickAsync();
        await other.ClickAsync("main form:has(input[name=device]) button");
        await other.FillAsync("input[name=code]", await app.CodeAsync());
        await other.PressAsync("input[name=code]", "Enter");

        await other.ArriveAsync(new Uri(demo.Address, "/").ToString());
    }

    /// <summary>Text message, card, two apps and a passkey: each is in the picker, and each signs in (S8, S9).</summary>
    [Fact]
    public async Task Of_five_devices_two_of_one_kind_each_signs_in()
    {
        const string User = "olivia.reed";
        await using var home = await demo.ContextAsync(named: true);
        var page = await home.NewPageAsync();
        await VirtualPasskeys.PlugInAsync(page);
        await DemoInBrowser.TypePasswordAsync(page, User);
        var first = await demo.CodeAsync("+12015550123");
        await page.FillAsync("input[name=code]", first);
        await page.PressAsync("input[name=code]", "Enter");
        await page.ArriveAsync(new Uri(demo.NamedAddress, "/").ToString());
        await page.GotoAsync("/settings/devices/add/passkey");
        await page.ClickAsync("main form button.button--primary");
        await demo.AgreeAsync(page, User, "+12015550123", first);
        await page.ArriveAsync("**/settings/devices/activate/**");
        await page.ClickAsync("#code");
        await page.ArriveAsync("**/settings/devices?done=activated");
        var lab = await home.NewPageAsync();
        await OutAsync(page);

        await AtPickerAsync(page, User);
        Assert.Equal(5, await page.Locator("input[name=device]").CountAsync());
        await Look.PictureAsync(page, "journey-five-devices");
        await page.Locator("label.device--choice", new PageLocatorOptions { Has = page.Locator(".icon--passkey") }).ClickAsync();
        await page.ClickAsync("main form:has(input[name=device]) button");
        await InAsync(page);
        foreach (var label in new[] { "Phone", "Tablet" })
        {
            await AtPickerAsync(page, User);
            await page.Locator("label.device--choice", new PageLocatorOptions { HasText = label }).ClickAsync();
            await page.ClickAsync("main form:has(input[name=device]) button");
            await AnswerAsync(page, await (await demo.AppOfAsync(User, label)).CodeAsync());
        }

        await AtPickerAsync(page, User);
        await DemoInBrowser.ChooseAsync(page, "card");
        await AnswerAsync(page, await DemoInBrowser.LookUpAsync(lab, User, await DemoInBrowser.AskedAsync(page)));

        // The browser is known by now, and has a ration of its own: the message comes at once.
        await AtPickerAsync(page, User);
        await DemoInBrowser.ChooseAsync(page, "message");
        await AnswerAsync(page, await demo.CodeAsync("+12015550123", first));
    }

    private async Task AnswerAsync(IPage page, string answer)
    {
        await page.FillAsync("input[name=code]", answer);
        await page.PressAsync("input[name=code]", "Enter");
        await InAsync(page);
    }

    /// <summary>Signed in; and out again, in a browser that is known.</summary>
    private async Task InAsync(IPage page)
    {
        await page.ArriveAsync(new Uri(demo.NamedAddress, "/").ToString());
        await OutAsync(page);
    }

    private static Task OutAsync(IPage page) => page.Context.ClearCookiesAsync(
        new BrowserContextClearCookiesOptions { NameRegex = new System.Text.RegularExpressions.Regex("session") });

    /// <summary>Adds an app to a user who is not signed in yet; ends on the page of the devices.</summary>
    internal async Task<AppInHand> ConnectAsync(IPage page, string user, string mobile, string label)
    {
        var first = await demo.SignInAsync(page, user, mobile);
        await page.GotoAsync("/settings/devices");
        await page.ClickAsync("a[href='/settings/devices/add/totp']");
        await page.FillAsync("input[name=label]", label);
        await page.PressAsync("input[name=label]", "Enter");
        await demo.AgreeAsync(page, user, mobile, first);
        await page.WaitForSelectorAsync(".qr svg");
        await page.ClickAsync("summary");
        var app = AppInHand.OfBase32(await page.InnerTextAsync(".secret-key"));
        await page.FillAsync("input[name=code]", await app.CodeAsync());
        await page.PressAsync("input[name=code]", "Enter");
        await page.ArriveAsync("**/settings/devices?done=activated");
        return app;
    }

    private static async Task AtPickerAsync(IPage page, string user)
    {
        await page.GotoAsync("/sign-in");
        await page.FillAsync("input[name=username]", user);
        await page.FillAsync("input[name=password]", DemoInBrowser.Password);
        await page.PressAsync("input[name=password]", "Enter");
        await page.WaitForSelectorAsync("input[name=device]");
    }
}
