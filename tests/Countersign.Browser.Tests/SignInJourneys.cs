using Countersign.Browser.Tests.Hosting;
using Microsoft.Playwright;

namespace Countersign.Browser.Tests;

/// <summary>Signing in, as people do it.</summary>
public sealed class SignInJourneys(DemoInBrowser demo) : IClassFixture<DemoInBrowser>
{
    [Theory]
    [InlineData("en", "olivia.reed", "+12015550123", "Security code")]
    [InlineData("zh-HK", "mei.chan", "+85251234567", "保安編碼")]
    [InlineData("zh-CN", "tan.wei", "+6581234567", "安全码")]
    public async Task A_client_signs_in_in(string language, string userName, string mobile, string _)
    {
        await using var context = await demo.ContextAsync(language);
        var page = await context.NewPageAsync();

        await demo.SignInAsync(page, userName, mobile);

        Assert.Contains(userName, await page.InnerTextAsync("body"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_client_signs_in_without_scripts()
    {
        await using var context = await demo.ContextAsync(scripts: false);
        var page = await context.NewPageAsync();

        await demo.SignInAsync(page, "arjun.rao", "+918123456789");

        Assert.Contains("arjun.rao", await page.InnerTextAsync("body"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_page_says_by_itself_that_the_message_was_delivered_and_a_wrong_code_leaves_the_place()
    {
        await using var context = await demo.ContextAsync();
        var page = await context.NewPageAsync();
        await DemoInBrowser.TypePasswordAsync(page, "lukas.weber");

        await Assertions.Expect(page.Locator("[data-delivery-text]")).ToContainTextAsync("delivered");
        await Assertions.Expect(page.Locator("#resend")).ToBeDisabledAsync();
        var code = await demo.CodeAsync("+4915123456789");
        await page.FillAsync("input[name=code]", code == "123456" ? "654321" : "123456");
        await page.PressAsync("input[name=code]", "Enter");
        await Assertions.Expect(page.Locator("[role=alert]")).ToBeFocusedAsync();
        await page.FillAsync("input[name=code]", code[..3] + " " + code[3..]);
        await page.PressAsync("input[name=code]", "Enter");
        await page.ArriveAsync(new Uri(demo.Address, "/").ToString());

        // The back button does not lead to a dead code page.
        await page.GoBackAsync();
        await page.ArriveAsync(new Uri(demo.Address, "/").ToString());
    }

    [Fact]
    public async Task A_second_tab_that_waits_moves_on_when_the_first_has_signed_in()
    {
        await using var context = await demo.ContextAsync();
        var first = await context.NewPageAsync();
        await DemoInBrowser.TypePasswordAsync(first, "daniel.reed");
        var second = await context.NewPageAsync();
        await second.GotoAsync(first.Url);

        await first.FillAsync("input[name=code]", await demo.CodeAsync("+12015550145"));
        await first.PressAsync("input[name=code]", "Enter");

        await second.ArriveAsync(new Uri(demo.Address, "/").ToString());
    }
}
