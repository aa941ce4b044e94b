using Countersign.Browser.Tests.Hosting;
using Countersign.Testing;
using Microsoft.Playwright;

namespace Countersign.Browser.Tests;

/// <summary>
/// An account is applied for as people do it: in three languages, with and without scripts, the number confirmed at once or later.
/// </summary>
public sealed class ApplicationJourneys(DemoInBrowser demo) : IClassFixture<DemoInBrowser>
{
    private const string Password = "a lamp beside the open window";
    private static int _people;

    [Theory]
    [InlineData("en", "+852 6234 0001")]
    [InlineData("zh-HK", "+852 6234 0002")]
    [InlineData("zh-CN", "+852 6234 0003")]
    public async Task With_scripts_the_code_goes_out_by_itself_in_step_one(string language, string mobile)
    {
        var faults = new List<string>();
        await using var context = await demo.ContextAsync(language);
        var page = await context.NewPageAsync();
        page.PageError += (_, error) => faults.Add(error);
        await BeginAsync(page);
        await page.FillAsync("[name=full-name]", "Lam Pe");
        await LookAsync(page, "apply-about", language, faults);

        await page.ClickAsync("[data-number-dialog]");
        await page.SelectOptionAsync("dialog [name=country]", "HK");
        await page.Locator("dialog input[type=tel]").PressSequentiallyAsync(mobile);
        await Assertions.Expect(page.Locator("dialog [name=code]")).ToBeVisibleAsync();
        await LookAsync(page, "apply-dialog", language, faults);
        var code = await demo.CodeAsync(mobile.Replace(" ", "", StringComparison.Ordinal));
        await page.FillAsync("dialog [name=code]", code == "000000" ? "111111" : "000000");
        await page.PressAsync("dialog [name=code]", "Enter");
        await Assertions.Expect(page.Locator("dialog [data-part=code-error]")).ToBeVisibleAsync();
        await page.FillAsync("dialog [name=code]", code);
        await page.PressAsync("dialog [name=code]", "Enter");
        await Assertions.Expect(page.Locator("dialog [data-part=done]")).ToBeVisibleAsync();
        await page.ClickAsync("dialog [data-close]");

        // Nothing typed behind the dialog is lost, and the bar is gone.
        await Assertions.Expect(page.Locator("[name=full-name]")).ToHaveValueAsync("Lam Pe");
        await Assertions.Expect(page.Locator("[data-number-bar]")).ToHaveCountAsync(0);
        await FillInAsync(page, language, faults);
        await page.CheckAsync("[name=agreed]");
        await page.ClickAsync("#step .button--primary");
        await page.ArriveAsync("**/apply/status**");
        await LookAsync(page, "apply-status", language, faults);
        Assert.Empty(faults);
    }

    [Theory]
    [InlineData("en", "+85262340011")]
    [InlineData("zh-HK", "+85262340012")]
    [InlineData("zh-CN", "+85262340013")]
    public async Task Without_scripts_the_number_is_confirmed_in_step_four(string language, string mobile)
    {
        await using var context = await demo.ContextAsync(language, scripts: false);
        var page = await context.NewPageAsync();
        await BeginAsync(page);
        await page.FillAsync("[name=full-name]", "Lam Pe");
        await FillInAsync(page, language, faults: null);

        await page.CheckAsync("[name=agreed]");
        await page.ClickAsync(".notice-bar__action");
        await page.SelectOptionAsync("[name=country]", "HK");
        await page.FillAsync("[name=tel]", mobile[4..]);
        await page.ClickAsync("main .button--primary");
        await page.FillAsync("[name=code]", await demo.CodeAsync(mobile));
        await page.ClickAsync("main .button--primary");
        await page.ArriveAsync("**/apply/review**");
        await Assertions.Expect(page.Locator("[name=agreed]")).ToBeCheckedAsync();
        await page.ClickAsync("#step .button--primary");

        await page.ArriveAsync("**/apply/status**");
        await Assertions.Expect(page.Locator("[data-number-bar]")).ToHaveCountAsync(0);
    }

    [Fact]
    public async Task Days_later_the_number_is_confirmed_on_the_status_page_and_the_portal_opens()
    {
        const string Mobile = "+85262340021";
        await using var context = await demo.ContextAsync();
        var page = await context.NewPageAsync();
        await BeginAsync(page);
        await page.GotoAsync("/apply/status");
        var userName = await page.InnerTextAsync("main strong");
        await page.ClickAsync(".masthead__links button");

        await using var later = await demo.ContextAsync();
        var again = await later.NewPageAsync();
        await again.GotoAsync("/sign-in");
        await again.FillAsync("input[name=username]", userName);
        await again.FillAsync("input[name=password]", Password);
        await again.PressAsync("input[name=password]", "Enter");
        await again.ArriveAsync("**/apply/status");
        await again.ClickAsync("[data-number-dialog]");
        await again.FillAsync("dialog input[type=tel]", Mobile);
        await again.PressAsync("dialog input[type=tel]", "Enter");
        var code = await demo.CodeAsync(Mobile);
        await again.FillAsync("dialog [name=code]", code);
        await again.PressAsync("dialog [name=code]", "Enter");
        await again.ArriveAsync("**/apply/status?done=mobile");
        await again.GotoAsync("/apply/about");
        await again.FillAsync("[name=full-name]", "Lam Pe");
        await FillInAsync(again, "en", faults: null);
        await again.CheckAsync("[name=agreed]");
        await again.ClickAsync("#step .button--primary");
        await again.ArriveAsync("**/apply/status?done=submitted");
        await again.ClickAsync("main form button");

        await DemoInBrowser.TypePasswordAsync(again, userName, Password);
        await again.FillAsync("input[name=code]", await demo.CodeAsync(Mobile, code));
        await again.PressAsync("input[name=code]", "Enter");
        await again.ArriveAsync(new Uri(demo.Address, "/").ToString());
    }

    private async Task BeginAsync(IPage page)
    {
        var email = $"lam{Interlocked.Increment(ref _people)}@mail.example";
        TestSecrets.Note(Password);
        await page.GotoAsync("/apply");
        await page.FillAsync("[name=email]", email);
        await page.FillAsync("[name=username]", "lampe");
        await page.FillAsync("[name=new-password]", Password);
        await page.PressAsync("[name=new-password]", "Enter");
        await page.FillAsync("[name=code]", await demo.MailCodeAsync(email));
        await page.PressAsync("[name=code]", "Enter");
        await page.ArriveAsync("**/apply/about");
    }

    private static async Task FillInAsync(IPage page, string language, List<string>? faults)
    {
        await page.SelectOptionAsync("[name=residence]", "HK");
        await page.FillAsync("[name=birthday]", "1990-05-31");
        await page.ClickAsync("#step .button--primary");
        await page.FillAsync("[name=street]", "1 Harbour Road");
        await page.FillAsync("[name=city]", "Hong Kong");
        await LookAsync(page, "apply-address", language, faults);
        await page.ClickAsync("#step .button--primary");
        await page.SelectOptionAsync("[name=currency]", "USD");
        await page.SelectOptionAsync("[name=experience]", "some");
        await page.ClickAsync("#step .button--primary");
        await page.ArriveAsync("**/apply/review");
        await LookAsync(page, "apply-review", language, faults);
    }

    private static Task LookAsync(IPage page, string name, string language, List<string>? faults) =>
        faults is null ? Task.CompletedTask : Look.EverywhereAsync(page, name, language, faults);
}
