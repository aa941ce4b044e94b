using System.Text.RegularExpressions;
using Countersign.Browser.Tests.Hosting;
using Microsoft.Playwright;

namespace Countersign.Browser.Tests;

/// <summary>The pages of devices in the states that they have on the way: see <see cref="EveryPage"/>.</summary>
public sealed partial class EveryDevicePage(DemoInBrowser demo) : IClassFixture<DemoInBrowser>
{
    [Theory]
    [MemberData(nameof(EveryPage.Clients), MemberType = typeof(EveryPage))]
    public async Task Is_accessible_fits_and_breaks_no_policy_in(string language, string user, string mobile)
    {
        var faults = new List<string>();
        await using var home = await demo.ContextAsync(language);
        var page = await home.NewPageAsync();
        Look.Listen(page, faults);
        var first = await demo.SignInAsync(page, user, mobile);
        await page.GotoAsync("/settings/devices/add/totp");
        await Look.EverywhereAsync(page, "device-add", language, faults);
        await page.PressAsync("input[name=label]", "Enter");
        await demo.AgreeAsync(page, user, mobile, first);
        await page.ClickAsync("summary");
        var app = AppInHand.OfBase32(await page.InnerTextAsync(".secret-key"));
        await Look.EverywhereAsync(page, "device-activate-totp", language, faults);
        await page.FillAsync("input[name=code]", await app.CodeAsync());
        await page.PressAsync("input[name=code]", "Enter");
        await page.ArriveAsync("**/settings/devices?done=activated");
        await Look.EverywhereAsync(page, "devices", language, faults);
        await page.ClickAsync("a.settings__edit >> nth=0");
        await page.ArriveAsync("**/settings/devices/*");
        await Look.EverywhereAsync(page, "device", language, faults);
        await page.ClickAsync("form:has(input[value=remove]) button");
        await page.WaitForSelectorAsync("input[name=device]");
        await Look.EverywhereAsync(page, "device-remove-picker", language, faults);

        await using var hotel = await demo.ContextAsync(language);
        var other = await hotel.NewPageAsync();
        Look.Listen(other, faults);
        await other.GotoAsync("/sign-in");
        await other.FillAsync("input[name=username]", user);
        await other.FillAsync("input[name=password]", DemoInBrowser.Password);
        await other.PressAsync("input[name=password]", "Enter");
        await other.WaitForSelectorAsync("input[name=device]");
        await Look.EverywhereAsync(other, "picker", language, faults);
        await DemoInBrowser.ChooseAsync(other, "authenticator");
        await Look.EverywhereAsync(other, "code-totp", language, faults);

        await other.GotoAsync("/not-me");
        await Look.EverywhereAsync(other, "not-me", language, faults);
        await other.GotoAsync(await NotMeAsync(user + "@mail.example"));
        await Look.EverywhereAsync(other, "not-me-ask", language, faults);
        await other.ClickAsync("main form button");
        await other.ArriveAsync("**/not-me?done=1");
        await Look.EverywhereAsync(other, "not-me-frozen", language, faults);

        Assert.True(faults.Count == 0, string.Join(Environment.NewLine, faults));
    }

    [Theory]
    [MemberData(nameof(EveryPage.Clients), MemberType = typeof(EveryPage))]
    public async Task The_pages_of_passkeys_too_in(string language, string user, string mobile)
    {
        await using var passkeys = new DemoInBrowser();
        await passkeys.InitializeAsync();
        var faults = new List<string>();
        await using var home = await passkeys.ContextAsync(language, named: true);
        var page = await home.NewPageAsync();
        Look.Listen(page, faults);
        var authenticator = await VirtualPasskeys.PlugInAsync(page);
        await DemoInBrowser.TypePasswordAsync(page, user);
        var first = await passkeys.CodeAsync(mobile);
        await page.FillAsync("input[name=code]", first);
        await page.PressAsync("input[name=code]", "Enter");
        await page.ArriveAsync(new Uri(passkeys.NamedAddress, "/").ToString());
        await page.GotoAsync("/settings/devices/add/passkey");
        await Look.EverywhereAsync(page, "device-add-passkey", language, faults);
        await page.ClickAsync("main form button.button--primary");
        await page.WaitForSelectorAsync("input[name=code]");
        await page.FillAsync("input[name=code]", await passkeys.CodeAsync(mobile, first));
        await page.PressAsync("input[name=code]", "Enter");
        await page.ArriveAsync("**/settings/devices/activate/**");
        await Look.EverywhereAsync(page, "device-activate-passkey", language, faults);
        await page.ClickAsync("#code");
        await page.ArriveAsync("**/settings/devices?done=activated");
        await page.GotoAsync((await page.Locator(".device:has(.icon--passkey) a").First.GetAttributeAsync("href"))!);
        await Look.EverywhereAsync(page, "device-passkey", language, faults);
        await page.ClickAsync("a[href$='/alone']");
        await page.ArriveAsync("**/alone");
        await Look.EverywhereAsync(page, "passkey-alone", language, faults);
        await authenticator.ReplaceAsync(verifies: true);
        await page.ClickAsync("main form button.button--primary");
        await page.ArriveAsync("**/settings/devices/alone/**");
        await Assertions.Expect(page.Locator("[data-passkey-said]")).Not.ToBeEmptyAsync();
        await Look.EverywhereAsync(page, "passkey-prompt", language, faults);
        await page.GotoAsync("/help/passkeys");
        await Look.EverywhereAsync(page, "help-passkeys", language, faults);

        Assert.True(faults.Count == 0, string.Join(Environment.NewLine, faults));
    }

    private async Task<string> NotMeAsync(string address)
    {
#pragma warning disable RS0030 // A test client, on loopback.
        using var http = new HttpClient { BaseAddress = demo.Address };
#pragma warning restore RS0030
        return Link().Match(await http.GetStringAsync(new Uri($"/demo/mail?to={Uri.EscapeDataString(address)}", UriKind.Relative))).Value;
    }

    [GeneratedRegex("/not-me/[0-9A-Z]{26}")]
    private static partial Regex Link();
}
