using Countersign.Browser.Tests.Hosting;
using Countersign.Testing;
using Microsoft.Playwright;

namespace Countersign.Browser.Tests;

/// <summary>
/// The pictures of the README, as the pages are today. With COUNTERSIGN_WRITE_DOCUMENTS=1 they take the place of those in
/// <c>docs/images</c>; without it this shows that they still can be taken.
/// </summary>
public sealed class ReadmePictures(DemoInBrowser demo) : IClassFixture<DemoInBrowser>, IDisposable
{
    private readonly TestFolder _folder = new();

    private string Folder => Environment.GetEnvironmentVariable("COUNTERSIGN_WRITE_DOCUMENTS") == "1"
        ? Path.Combine(Repository.Root, "docs/images")
        : _folder.Path;

    [Fact]
    public async Task Each_page_that_the_README_shows_can_be_reached_and_taken()
    {
        await using var olivia = await demo.ContextAsync();
        var page = await olivia.NewPageAsync();
        await DemoInBrowser.ToPickerAsync(page, "olivia.reed");
        await TakeAsync(page, "picker");
        await DemoInBrowser.ChooseAsync(page, "message");
        await Assertions.Expect(page.Locator("[data-delivery-text]")).Not.ToBeEmptyAsync();
        await TakeAsync(page, "sign-in");
        await page.GotoAsync("/demo/devices?user=olivia.reed&cells=17+203");
        await TakeAsync(page, "device-lab");

        await using var mei = await demo.ContextAsync("zh-HK", dark: true);
        page = await mei.NewPageAsync();
        await demo.SignInAsync(page, "mei.chan", "+85251234567");
        await TakeAsync(page, "home-dark");

        await using var someone = await demo.ContextAsync();
        page = await someone.NewPageAsync();
        await page.GotoAsync("/operations/messages");
        await page.Locator("main form button").First.ClickAsync();
        await page.WaitForSelectorAsync("#budgets");
        await TakeAsync(page, "operations");
    }

    public void Dispose() => _folder.Dispose();

    private Task TakeAsync(IPage page, string name) =>
        page.ScreenshotAsync(new PageScreenshotOptions { Path = Path.Combine(Folder, name + ".png"), FullPage = true });
}
