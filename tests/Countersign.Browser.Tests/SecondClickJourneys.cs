using Countersign.Browser.Tests.Hosting;
using Microsoft.Playwright;

namespace Countersign.Browser.Tests;

/// <summary>People press once more when nothing seems to happen: nothing comes of it but what they wanted.</summary>
public sealed class SecondClickJourneys(DemoInBrowser demo) : IClassFixture<DemoInBrowser>
{
    /// <summary>Looks from within the page whether a button shows that it works.</summary>
    private const string NoteWork = """
        () => new MutationObserver(() => {
            if (document.querySelector('form[aria-busy] .button--working')) {
                sessionStorage.setItem('worked', (sessionStorage.getItem('worked') ?? '') + location.pathname.split('/').length);
            }
        }).observe(document.body, { subtree: true, attributes: true })
        """;

    private const string Button = "main form:has(input[name=password]) .actions button, main form:has(input[name=code]) .actions button";

    /// <summary>The first answer is lost: the browser gives it up for the second one.</summary>
    [Fact]
    public async Task Without_scripts_the_second_click_on_a_slow_page_gets_what_the_first_has_done()
    {
        await using var line = new SlowReplies(demo.Address);
        await using var context = await demo.ContextAsync(scripts: false, through: line.Address);
        var page = await context.NewPageAsync();
        await TypePasswordAsync(page, "arjun.rao");

        await ClickTwiceAsync(page, line, reach: 2);

        await page.WaitForSelectorAsync("input[name=code]");
        var code = await demo.CodeAsync("+918123456789");
        Assert.Equal(1, await demo.CodesAsync("+918123456789"));
        await page.FillAsync("input[name=code]", code);

        await ClickTwiceAsync(page, line, reach: 2);

        await page.ArriveAsync(new Uri(line.Address, "/").ToString());
        Assert.Contains("arjun.rao", await page.InnerTextAsync("body"), StringComparison.Ordinal);
        Assert.Equal(1, await SessionsAsync(page));
    }

    [Fact]
    public async Task With_scripts_the_button_shows_that_it_works_and_the_second_click_goes_nowhere()
    {
        await using var line = new SlowReplies(demo.Address);
        await using var context = await demo.ContextAsync(through: line.Address);
        var page = await context.NewPageAsync();
        await TypePasswordAsync(page, "lukas.weber");

        await ClickTwiceAsync(page, line, reach: 1);

        await page.WaitForSelectorAsync("input[name=code]");
        await page.FillAsync("input[name=code]", await demo.CodeAsync("+4915123456789"));

        await ClickTwiceAsync(page, line, reach: 1);

        await page.ArriveAsync(new Uri(line.Address, "/").ToString());
        Assert.Equal(1, await demo.CodesAsync("+4915123456789"));
        Assert.Equal(1, await SessionsAsync(page));

        // The page of the password, and that of the code, whose address has one part more.
        var worked = await page.EvaluateAsync<string>("() => sessionStorage.getItem('worked')");
        Assert.Matches("^2+3+$", worked);
    }

    [Fact]
    public async Task A_page_that_comes_back_from_the_history_can_be_used_again()
    {
        await using var context = await demo.ContextAsync();
        var page = await context.NewPageAsync();
        await TypePasswordAsync(page, "tan.wei");
        await page.Locator(Button).ClickAsync();
        await page.WaitForSelectorAsync("input[name=code]");

        await page.GoBackAsync();

        await Assertions.Expect(page.Locator("form[aria-busy], .button--working")).ToHaveCountAsync(0);
        await TypePasswordAsync(page, "tan.wei", from: null);
        await page.Locator(Button).ClickAsync();
        await page.WaitForSelectorAsync("input[name=code]");
    }

    /// <summary>The browser's clock is set on; the server's is not, so that what is asked for is not sent yet.</summary>
    [Fact]
    public async Task A_page_that_waits_for_its_code_asks_for_it_by_itself_when_the_wait_is_over()
    {
        await using var first = await demo.ContextAsync();
        var sent = await first.NewPageAsync();
        await TypePasswordAsync(sent, "mei.chan");
        await sent.Locator(Button).ClickAsync();
        await sent.WaitForSelectorAsync("input[name=code]");
        await using var second = await demo.ContextAsync();
        var waiting = await second.NewPageAsync();
        await waiting.Clock.InstallAsync();
        await TypePasswordAsync(waiting, "mei.chan");
        await waiting.Locator(Button).ClickAsync();
        await waiting.WaitForSelectorAsync("time[data-countdown-sends]");
        Assert.Equal(0, await waiting.GetByText("valid until").CountAsync());

        await waiting.RunAndWaitForRequestAsync(
            () => waiting.Clock.FastForwardAsync(120_000),
            request => request.Method == "POST" && request.Url.Contains("handler=repeat", StringComparison.Ordinal));

        Assert.Equal(1, await demo.CodesAsync("+85251234567"));
    }

    private static async Task TypePasswordAsync(IPage page, string userName, string? from = "/sign-in")
    {
        if (from is not null)
        {
            await page.GotoAsync(from);
        }

        await page.FillAsync("input[name=username]", userName);
        await page.FillAsync("input[name=password]", DemoInBrowser.Password);
    }

    /// <summary>Presses, waits until the server has done it and its answer is on the way, and presses again.</summary>
    /// <param name="reach">How many of the two clicks reach the server.</param>
    private static async Task ClickTwiceAsync(IPage page, SlowReplies line, int reach)
    {
        if (reach == 1)
        {
            await page.EvaluateAsync(NoteWork);
        }

        // By the mouse alone: all else waits for a page that is under way before it acts.
        var box = (await page.Locator(Button).BoundingBoxAsync())!;
        var (x, y) = (box.X + (box.Width / 2), box.Y + (box.Height / 2));
        line.Keep();
        await page.Mouse.ClickAsync(x, y);
        await line.KeptAsync(1);
        await page.Mouse.ClickAsync(x, y);
        await line.KeptAsync(reach);
        Assert.Equal(reach, line.Kept);
        line.LetGo();
    }

    /// <summary>How many sessions the owner sees.</summary>
    private static async Task<int> SessionsAsync(IPage page)
    {
        await page.GotoAsync("/settings/security");
        return await page.Locator("section[aria-labelledby=sessions] tbody tr").CountAsync();
    }
}
