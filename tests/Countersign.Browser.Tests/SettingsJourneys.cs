using Countersign.Browser.Tests.Hosting;
using Microsoft.Playwright;

namespace Countersign.Browser.Tests;

/// <summary>Sessions and password, as people see them.</summary>
public sealed class SettingsJourneys(DemoInBrowser demo) : IClassFixture<DemoInBrowser>
{
    private const string NewPassword = "slow river under stone bridge";

    [Fact]
    public async Task A_client_ends_another_browser_s_session()
    {
        await using var home = await demo.ContextAsync();
        var page = await home.NewPageAsync();
        var first = await demo.SignInAsync(page, "mei.chan", "+85251234567");
        await using var hotel = await demo.ContextAsync(state: await home.StorageStateAsync());
        await hotel.ClearCookiesAsync(
            new BrowserContextClearCookiesOptions { NameRegex = new System.Text.RegularExpressions.Regex("session") });
        var other = await hotel.NewPageAsync();
        await DemoInBrowser.TypePasswordAsync(other, "mei.chan");
        await other.FillAsync("input[name=code]", await demo.CodeAsync("+85251234567", first));
        await other.PressAsync("input[name=code]", "Enter");
        await other.ArriveAsync(new Uri(demo.Address, "/").ToString());
        await page.GotoAsync("/settings/security");

        await page.ClickAsync("form:has(input[name=session]) button");
        await other.ReloadAsync();

        await other.ArriveAsync("**/sign-in**");
    }

    [Fact]
    public async Task A_client_changes_the_password_with_the_phone_and_signs_in_with_the_new_one()
    {
        await using var context = await demo.ContextAsync();
        var page = await context.NewPageAsync();
        var first = await demo.SignInAsync(page, "lukas.weber", "+4915123456789");
        await page.GotoAsync("/settings/password");
        await page.FillAsync("input[name=current-password]", DemoInBrowser.Password);
        await page.FillAsync("input[name=new-password]", NewPassword);
        await page.PressAsync("input[name=new-password]", "Enter");

        // The known browser has a ration of its own, so the code comes at once.
        await page.FillAsync("input[name=code]", await demo.CodeAsync("+4915123456789", first));
        await page.PressAsync("input[name=code]", "Enter");
        await page.ArriveAsync("**/settings/security**");
        await Assertions.Expect(page.Locator("[role=status]").First).ToBeVisibleAsync();

        await using var fresh = await demo.ContextAsync();
        var again = await fresh.NewPageAsync();
        await again.GotoAsync("/sign-in");
        await again.FillAsync("input[name=username]", "lukas.weber");
        await again.FillAsync("input[name=password]", DemoInBrowser.Password);
        await again.PressAsync("input[name=password]", "Enter");
        await Assertions.Expect(again.Locator("[role=alert]")).ToBeVisibleAsync();
        await Assertions.Expect(again.Locator("input[name=username]")).ToHaveValueAsync("lukas.weber");
        await again.FillAsync("input[name=password]", NewPassword);
        await again.PressAsync("input[name=password]", "Enter");

        // An unknown browser had a message less than two minutes ago: the page says so and lets the person wait.
        await Assertions.Expect(again.Locator("#resend")).ToBeDisabledAsync();
    }

    [Fact]
    public async Task Language_and_theme_are_chosen_once_and_kept()
    {
        await using var context = await demo.ContextAsync();
        var page = await context.NewPageAsync();
        await page.GotoAsync("/sign-in");
        await page.FillAsync("input[name=username]", "mei.chan");

        await page.ClickAsync("button[name=language][value=zh-Hant]");
        Assert.Equal("zh-Hant", await page.GetAttributeAsync("html", "lang"));
        await page.ClickAsync("button[name=theme][value=dark]");
        await page.GotoAsync("/help");

        Assert.Equal("zh-Hant", await page.GetAttributeAsync("html", "lang"));
        Assert.Equal("dark", await page.GetAttributeAsync("html", "data-theme"));
    }

    [Fact]
    public async Task The_keyboard_alone_is_enough_to_sign_in()
    {
        await using var context = await demo.ContextAsync();
        var page = await context.NewPageAsync();
        await page.GotoAsync("/sign-in");
        await TabToAsync(page, "username");
        await page.Keyboard.TypeAsync("tan.wei");
        await TabToAsync(page, "password");
        await page.Keyboard.TypeAsync(DemoInBrowser.Password);
        await page.Keyboard.PressAsync("Enter");
        await page.WaitForSelectorAsync("input[name=code]");
        var code = await demo.CodeAsync("+6581234567");
        await TabToAsync(page, "code");
        await page.Keyboard.TypeAsync(code);
        await page.Keyboard.PressAsync("Enter");

        await page.ArriveAsync(new Uri(demo.Address, "/").ToString());
    }

    private static async Task TabToAsync(IPage page, string name)
    {
        for (var i = 0; i < 30; i++)
        {
            if (await page.EvaluateAsync<string?>("() => document.activeElement && document.activeElement.name") == name)
            {
                return;
            }

            await page.Keyboard.PressAsync("Tab");
        }

        Assert.Fail($"The field {name} is not reached by the keyboard.");
    }
}
