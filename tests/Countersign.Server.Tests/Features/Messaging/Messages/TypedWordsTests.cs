using Countersign.Server.Tests.Guards;
using Countersign.Server.Tests.Hosting;

namespace Countersign.Server.Tests.Features.Messaging.Messages;

/// <summary>A client's own words reach nobody by SMS, who might be somebody else (D34).</summary>
public abstract class TypedWordsTests(CountersignServer server)
{
    private const string Label = "FRAUD ALERT call +1 900 555 0100";

    [Theory]
    [InlineData("en", "“FRAUD ALERT call +1 900 555 0100” (")]
    [InlineData("zh-Hans", "“FRAUD ALERT call +1 900 555 0100”（")]
    [InlineData("zh-Hant", "「FRAUD ALERT call +1 900 555 0100」（")]
    [Claim("D34")]
    public async Task A_devices_name_stands_in_no_SMS_and_quoted_in_mail(string language, string quoted)
    {
        var user = await server.UserAsync(language: language);
        using var browser = server.Browser(language: language);
        await server.SignInAsync(browser, user);
        var app = await server.AddAppAsync(browser, user, Label);
        await server.LetMessagesGoAsync(user);

        var asked = await CountersignServer.PressAsync(
            browser, await browser.GetAsync($"/settings/devices/{app.Id}"), "Change", ("change", "suspend"));
        await CountersignServer.ChooseAsync(browser, asked, (await server.DeviceAsync(user, "sms")).Id);
        await server.SettledAsync();

        Assert.Contains(Label, asked.Text, StringComparison.Ordinal);
        Assert.NotEmpty(server.Sms.To(user.Mobile));
        Assert.All(
            server.Sms.To(user.Mobile), m => Assert.DoesNotContain("FRAUD", m.Text, StringComparison.Ordinal));
        Assert.All(
            server.Sms.To(user.Mobile), m => Assert.DoesNotContain("  ", m.Text, StringComparison.Ordinal));
        var mail = Assert.Single(server.Email.To(user.Email), m => m.Template == "notice-device-added");
        Assert.Contains(quoted, mail.Text, StringComparison.Ordinal);
    }
}

public sealed class TypedWordsOnSqlite(OnSqlite server) : TypedWordsTests(server);

public sealed class TypedWordsOnPostgres(OnPostgres server) : TypedWordsTests(server);
