using Countersign.Browser.Tests.Hosting;
using Microsoft.Playwright;

namespace Countersign.Browser.Tests;

/// <summary>E-mail and postal address, from the empty form to the notice, in two languages; each state is looked at.</summary>
public sealed class ContactJourneys(DemoInBrowser demo) : IClassFixture<DemoInBrowser>
{
    /// <summary>Whoever has only a phone would wait two minutes for the second code, and looks at the page that says so.</summary>
    public static TheoryData<string, string, string, bool> Clients => new()
    {
        { "en", "olivia.reed", "+12015550123", true }, { "zh-HK", "mei.chan", "+85251234567", false },
    };

    [Theory]
    [MemberData(nameof(Clients))]
    public async Task A_client_changes_the_e_mail_address_and_adds_a_postal_address_in(
        string language, string userName, string mobile, bool hasApp)
    {
        var faults = new List<string>();
        await using var context = await demo.ContextAsync(language);
        var page = await context.NewPageAsync();
        Look.Listen(page, faults);
        var code = await demo.SignInAsync(page, userName, mobile);
        var wanted = userName + ".new@mail.example";

        await page.GotoAsync("/settings");
        await page.ClickAsync("a[href='/settings/email']");
        await page.FillAsync("input[name=email]", "nobody at home");
        await page.PressAsync("input[name=email]", "Enter");
        await Assertions.Expect(page.Locator("[role=alert]")).ToBeVisibleAsync();
        await Assertions.Expect(page.Locator("input[name=email]")).ToHaveValueAsync("nobody at home");
        await Look.EverywhereAsync(page, "email-refused", language, faults);
        await page.FillAsync("input[name=email]", wanted);
        await page.PressAsync("input[name=email]", "Enter");
        await page.ArriveAsync("**/settings/email/confirm/**");
        await Look.EverywhereAsync(page, "email-consent", language, faults);
        await demo.AgreeAsync(page, userName, mobile, code);
        await page.ArriveAsync("**/settings/email/verify/**");
        await Look.EverywhereAsync(page, "email-verify", language, faults);

        // Looked at elsewhere meanwhile: it waits, and goes on where it stopped.
        await page.GotoAsync("/settings/email");
        await Assertions.Expect(page.GetByText(wanted)).ToBeVisibleAsync();
        await Look.EverywhereAsync(page, "email-waiting", language, faults);
        await page.ClickAsync("form[action$=Prove] button");
        await page.ArriveAsync("**/settings/email/verify/**");
        await page.FillAsync("input[name=code]", await demo.MailCodeAsync(wanted));
        await page.PressAsync("input[name=code]", "Enter");
        await page.ArriveAsync("**/settings/email?done=changed");
        await Assertions.Expect(page.Locator("[role=status]").First).ToBeVisibleAsync();
        await Look.EverywhereAsync(page, "email-changed", language, faults);

        await page.GotoAsync("/settings/address");
        await page.FillAsync("input[name=street]", "1 Harbour Road");
        await page.PressAsync("input[name=street]", "Enter");
        await Assertions.Expect(page.Locator("[role=alert]")).ToBeVisibleAsync();
        await Assertions.Expect(page.Locator("input[name=street]")).ToHaveValueAsync("1 Harbour Road");
        await Look.EverywhereAsync(page, "address-refused", language, faults);
        await page.FillAsync("input[name=more]", "Flat 12B, Wing Fung Building");
        await page.FillAsync("input[name=city]", "Wan Chai");
        await page.SelectOptionAsync("select[name=country]", "CH");
        await page.PressAsync("input[name=city]", "Enter");
        await page.ArriveAsync("**/settings/address/confirm/**");
        await Look.EverywhereAsync(page, "address-consent", language, faults);
        if (hasApp)
        {
            await demo.AgreeAsync(page, userName, mobile);
            await page.ArriveAsync("**/settings/address?done=changed");
            await Assertions.Expect(page.GetByText("Flat 12B, Wing Fung Building").First).ToBeVisibleAsync();
            await Look.EverywhereAsync(page, "address-changed", language, faults);
            await page.GotoAsync("/settings");
            await Look.EverywhereAsync(page, "settings-contacts", language, faults);
            await page.GotoAsync("/help/contacts");
            await Look.EverywhereAsync(page, "help-contacts", language, faults);
        }
        else
        {
            await Assertions.Expect(page.Locator("#resend")).ToBeVisibleAsync();
        }

        Assert.True(faults.Count == 0, string.Join(Environment.NewLine, faults));
    }
}
