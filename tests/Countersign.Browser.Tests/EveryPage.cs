using Countersign.Browser.Tests.Hosting;
using Microsoft.Playwright;

namespace Countersign.Browser.Tests;

/// <summary>
/// Every page, on a phone and on a desk, light and dark, in each language: accessible, nothing wider than the window, nothing
/// that the content policy had to stop, and a picture to look at.
/// </summary>
public sealed class EveryPage(DemoInBrowser demo) : IClassFixture<DemoInBrowser>
{
    private static readonly (string Name, string Path)[] Open =
    [
        ("sign-in", "/sign-in"), ("sign-in-ended", "/sign-in?ended=1"), ("sign-in-apply", "/apply"),
        ("operations-enter", "/operations/enter"), ("help", "/help"), ("help-search", "/help?q=code"), ("help-no-code", "/help/no-code"),
        ("help-confirm-number", "/help/confirm-number"), ("help-missing", "/help/nowhere"), ("client-services", "/client-services"),
        ("regulations", "/regulations"), ("demo", "/demo"), ("demo-phone", "/demo/phone"),
        ("demo-devices", "/demo/devices?user=olivia.reed&cells=17+203"), ("demo-devices-none", "/demo/devices?user=lukas.weber"),
        ("demo-mailbox", "/demo/mailbox"), ("not-found", "/nowhere"), ("error-503", "/error/503"), ("error-400", "/error/400"),
    ];

    private static readonly (string Name, string Path)[] SignedIn =
    [
        ("home", "/"), ("settings", "/settings"), ("security", "/settings/security"), ("password", "/settings/password"),
        ("messages", "/settings/messages"),
        ("numbers", "/settings/numbers"), ("account", "/account"),
    ];

    public static TheoryData<string, string, string> Clients => new()
    {
        { "en", "lukas.weber", "+4915123456789" }, { "zh-HK", "mei.chan", "+85251234567" }, { "zh-CN", "tan.wei", "+6581234567" },
    };

    [Theory]
    [MemberData(nameof(Clients))]
    public async Task Is_accessible_fits_and_breaks_no_policy_in(string language, string userName, string mobile)
    {
        var faults = new List<string>();
        await using var person = await demo.ContextAsync(language);
        var page = await person.NewPageAsync();
        Look.Listen(page, faults);
        await page.GotoAsync("/sign-in");
        await page.FillAsync("input[name=username]", userName);
        await page.FillAsync("input[name=password]", "not the password");
        await page.PressAsync("input[name=password]", "Enter");
        await page.WaitForSelectorAsync("[role=alert]");
        await Look.EverywhereAsync(page, "sign-in-refused", language, faults);

        await DemoInBrowser.TypePasswordAsync(page, userName);
        await Assertions.Expect(page.Locator("[data-delivery-text]")).Not.ToBeEmptyAsync();
        await Look.EverywhereAsync(page, "code", language, faults);
        await page.ClickAsync("#call");
        await page.WaitForSelectorAsync(".notice[role=status]");
        await Look.EverywhereAsync(page, "code-called", language, faults);

        // Another browser waits, since a message has just gone; the code is its own, and comes later.
        await using (var elsewhere = await demo.ContextAsync(language))
        {
            var waiting = await elsewhere.NewPageAsync();
            Look.Listen(waiting, faults);
            await waiting.GotoAsync("/sign-in");
            await waiting.FillAsync("input[name=username]", userName);
            await waiting.FillAsync("input[name=password]", DemoInBrowser.Password);
            await waiting.PressAsync("input[name=password]", "Enter");
            await waiting.WaitForSelectorAsync("time[data-countdown-sends]");
            await Look.EverywhereAsync(waiting, "code-waiting", language, faults);
        }

        await page.FillAsync("input[name=code]", "12");
        await page.PressAsync("input[name=code]", "Enter");
        await page.WaitForSelectorAsync("[role=alert]");
        await Look.EverywhereAsync(page, "code-refused", language, faults);
        await page.FillAsync("input[name=code]", await demo.CodeAsync(mobile));
        await page.PressAsync("input[name=code]", "Enter");
        await page.ArriveAsync(new Uri(demo.Address, "/").ToString());
        foreach (var (name, path) in SignedIn.Concat(Open.Where(o => !o.Name.StartsWith("sign-in", StringComparison.Ordinal))))
        {
            await page.GotoAsync(path);
            await Look.EverywhereAsync(page, name, language, faults);
        }

        await page.GotoAsync("/operations/enter");
        await page.ClickAsync("main form button");
        await page.ArriveAsync("**/operations/messages");
        await Look.EverywhereAsync(page, "operations", language, faults);

        await using var stranger = await demo.ContextAsync(language);
        var outside = await stranger.NewPageAsync();
        Look.Listen(outside, faults);
        foreach (var (name, path) in Open.Where(o => o.Name.StartsWith("sign-in", StringComparison.Ordinal)))
        {
            await outside.GotoAsync(path);
            await Look.EverywhereAsync(outside, name, language, faults);
        }

        Assert.True(faults.Count == 0, string.Join(Environment.NewLine, faults));
    }
}
