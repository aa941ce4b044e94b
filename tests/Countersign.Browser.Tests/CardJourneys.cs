using Countersign.Browser.Tests.Hosting;
using Countersign.Testing;
using Microsoft.Playwright;

namespace Countersign.Browser.Tests;

/// <summary>Signing in with a printed card, and getting one, as people do it: the card lies in the demo's device lab.</summary>
public sealed class CardJourneys(DemoInBrowser demo) : IClassFixture<DemoInBrowser>
{
    [Theory]
    [InlineData("en", "olivia.reed", true)]
    [InlineData("zh-HK", "olivia.reed", true)]
    [InlineData("zh-CN", "reed.joint", false)]
    public async Task A_client_signs_in_with_the_card_from_the_lab(string language, string user, bool scripts)
    {
        var faults = new List<string>();
        await using var context = await demo.ContextAsync(language, scripts);
        var page = await context.NewPageAsync();
        Look.Listen(page, faults);
        await DemoInBrowser.ToPickerAsync(page, user);
        await LookAsync(page, "card-picker", language, faults, scripts);
        await DemoInBrowser.ChooseAsync(page, "card");
        await LookAsync(page, "code-card", language, faults, scripts);
        var asked = await DemoInBrowser.AskedAsync(page);
        await page.FillAsync("input[name=code]", "A7K");
        await page.PressAsync("input[name=code]", "Enter");
        await page.WaitForSelectorAsync("[role=alert]");
        await LookAsync(page, "code-card-refused", language, faults, scripts);
        Assert.Equal(asked, await DemoInBrowser.AskedAsync(page));

        var lab = await context.NewPageAsync();
        Look.Listen(lab, faults);
        var values = await DemoInBrowser.LookUpAsync(lab, user, asked);
        await LookAsync(lab, "lab-card", language, faults, scripts);
        await page.FillAsync("input[name=code]", values.ToLowerInvariant());
        await page.PressAsync("input[name=code]", "Enter");

        await page.ArriveAsync(new Uri(demo.Address, "/").ToString());
        Assert.True(faults.Count == 0, string.Join(Environment.NewLine, faults));
    }

    [Fact]
    public async Task A_client_activates_a_card_that_came_by_post()
    {
        var faults = new List<string>();
        await using var context = await demo.ContextAsync("zh-CN");
        var page = await context.NewPageAsync();
        Look.Listen(page, faults);
        var first = await demo.SignInAsync(page, "tan.wei", "+6581234567");
        await page.GotoAsync("/settings/devices");
        await Look.EverywhereAsync(page, "devices-shipped", "zh-CN", faults);
        await page.Locator("li.device", new PageLocatorOptions { Has = page.Locator(".icon--card") }).Locator("a").ClickAsync();
        await page.ClickAsync("a[href='/settings/devices/add/code-card']");
        await page.FillAsync("input[name=typed]", "0000");
        await page.PressAsync("input[name=typed]", "Enter");
        await page.WaitForSelectorAsync("[role=alert]");
        await Look.EverywhereAsync(page, "device-add-card", "zh-CN", faults);
        await page.FillAsync("input[name=typed]", "sgcc 5063 0054");
        await page.PressAsync("input[name=typed]", "Enter");
        await page.WaitForSelectorAsync("input[name=code]");
        await page.FillAsync("input[name=code]", await demo.CodeAsync("+6581234567", first));
        await page.PressAsync("input[name=code]", "Enter");
        await page.WaitForSelectorAsync(".asked");
        await Look.EverywhereAsync(page, "device-activate-card", "zh-CN", faults);
        var lab = await context.NewPageAsync();
        await page.FillAsync("input[name=code]", await DemoInBrowser.LookUpAsync(lab, "tan.wei", await DemoInBrowser.AskedAsync(page)));
        await page.PressAsync("input[name=code]", "Enter");

        await page.ArriveAsync("**/settings/devices?done=activated");
        Assert.True(faults.Count == 0, string.Join(Environment.NewLine, faults));
    }

    [Fact]
    public async Task A_client_signs_in_with_the_app_of_the_lab_whose_codes_change_by_themselves()
    {
        await using var context = await demo.ContextAsync();
        var lab = await context.NewPageAsync();
        await lab.GotoAsync("/demo/devices?user=olivia.reed");
        var shown = lab.Locator(".app-code").First.Locator("[data-code]");
        var before = await shown.InnerTextAsync();
        await Assertions.Expect(shown).Not.ToHaveTextAsync(before, new LocatorAssertionsToHaveTextOptions { Timeout = 40_000 });
        var page = await context.NewPageAsync();
        await DemoInBrowser.ToPickerAsync(page, "olivia.reed");
        await DemoInBrowser.ChooseAsync(page, "authenticator");
        var label = await page.Locator(".lead").InnerTextAsync();

        // Which of the two apps the picker shows first depends on their use; its entry in the lab has the same name.
        var code = await lab.Locator(".app-code", new PageLocatorOptions
        {
            HasText = label.Contains("Tablet", StringComparison.Ordinal) ? "Tablet" : "Phone",
        }).Locator("[data-code]").InnerTextAsync();
        TestSecrets.Note(code.Replace(" ", "", StringComparison.Ordinal));
        await page.FillAsync("input[name=code]", code);
        await page.PressAsync("input[name=code]", "Enter");

        await page.ArriveAsync(new Uri(demo.Address, "/").ToString());
    }

    /// <summary>The accessibility check needs scripts; the picture does not.</summary>
    private static async Task LookAsync(IPage page, string name, string language, List<string> faults, bool scripts)
    {
        if (scripts)
        {
            await Look.EverywhereAsync(page, name, language, faults);
        }
        else
        {
            await Look.PictureAsync(page, $"{name}-no-scripts-{language}");
        }
    }
}
