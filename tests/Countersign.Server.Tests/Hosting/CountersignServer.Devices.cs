using System.Web;
using Countersign.Protocol.Oath;
using Countersign.Server.Features.Confirming.Devices;
using Countersign.Server.Features.Confirming.Devices.Tiers;
using Countersign.Server.Features.Ground.Rations;
using Countersign.Testing;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;

namespace Countersign.Server.Tests.Hosting;

/// <summary>An authenticator app of the tests.</summary>
public sealed record TestApp(Guid Id, string Label, IReadOnlyList<byte> Key);

/// <content>Devices: adding them, answering with them, and what the server thinks of them.</content>
public abstract partial class CountersignServer
{
    /// <summary>
    /// Asks for a device of a kind, and has the device on the code page agree to it by text message; yields the page of the
    /// activation.
    /// </summary>
    public async Task<TestPage> BeginAddingAsync(TestBrowser browser, TestUser user, string kind, string label, string? typed = null)
    {
        await LetMessagesGoAsync(user);
        var had = Codes(user).Count;
        var page = await AskToAddAsync(browser, kind, label, typed);
        return await TypeCodeAsync(browser, page, await CodeAsync(user, had + 1));
    }

    /// <summary>Fills in the form of a kind and sends it.</summary>
    public static async Task<TestPage> AskToAddAsync(TestBrowser browser, string kind, string label, string? typed = null)
    {
        var form = await browser.GetAsync($"/settings/devices/add/{kind}");
        var fields = new Dictionary<string, string> { ["label"] = label };
        if (typed is not null)
        {
            fields["typed"] = typed;
        }

        return await browser.SubmitAsync(form, "label", fields);
    }

    /// <summary>
    /// Adds an authenticator app. Its activation uses the code of the step before, so that the present one can still sign in.
    /// </summary>
    public async Task<TestApp> AddAppAsync(TestBrowser browser, TestUser user, string label = "Work phone")
    {
        var page = await BeginAddingAsync(browser, user, "totp", label);
        return await ActivateAppAsync(browser, user, page, label);
    }

    /// <summary>Scans the QR code of an activation page, in effect, and types what the app shows.</summary>
    public async Task<TestApp> ActivateAppAsync(TestBrowser browser, TestUser user, TestPage page, string label)
    {
        var key = KeyOn(page);
        var done = await TypeCodeAsync(browser, page, AppCode(key, steps: -1));
        Assert.Equal("/settings/devices", done.Path);
        var device = (await RowsAsync<Device>(d => d.UserId == user.Id && d.Label == label)).Single();
        return new TestApp(device.Id, label, key);
    }

    /// <summary>The key that an activation page shows.</summary>
    public static byte[] KeyOn(TestPage page)
    {
        var link = page.Document.QuerySelector("a[href^='otpauth:']")?.GetAttribute("href")
            ?? throw new InvalidOperationException("The page shows no key:\n" + page.Html);
        var secret = HttpUtility.ParseQueryString(new Uri(link).Query)["secret"]!;
        TestSecrets.Note(secret);
        return Base32.TryDecode(secret, out var key) ? key : throw new InvalidOperationException("The key is no Base32.");
    }

    /// <summary>What an app shows now, or some steps away from now.</summary>
    public string AppCode(IReadOnlyList<byte> key, int steps = 0) =>
        Totp.Compute([.. key], Totp.StepAt(Clock.GetUtcNow()) + steps, new TotpParameters());

    /// <summary>The clock of the shared host stands still: the minutes between two messages are taken to have passed.</summary>
    internal Task LetMessagesGoAsync(TestUser user) => WriteAsync(
        (db, ct) => db.Set<Ration>().Where(r => r.Owner == user.Id && EF.Functions.Like(r.Name, "sms/%")).ExecuteDeleteAsync(ct));

    /// <summary>The same for the steps of an app: the present one may be used once more.</summary>
    internal Task ForgetStepsAsync(TestApp app) => WriteAsync(async (db, ct) =>
    {
        var credential = await db.Set<Device>().Where(d => d.Id == app.Id).Select(d => d.CredentialId).SingleAsync(ct);
        return await db.Set<Credential>().Where(c => c.Id == credential).ExecuteUpdateAsync(set => set.SetProperty(c => c.Position, 0), ct);
    });

    /// <summary>As if all devices of the user had been there for long.</summary>
    internal Task TrustDevicesAsync(TestUser user) => WriteAsync((db, ct) =>
    {
        var past = Clock.GetUtcNow() - TimeSpan.FromDays(4);
        return db.Set<Device>().Where(d => d.UserId == user.Id).ExecuteUpdateAsync(set => set.SetProperty(d => d.TrustedAt, past), ct);
    });

    /// <summary>Chooses a device in the picker.</summary>
    public static async Task<TestPage> ChooseAsync(TestBrowser browser, TestPage page, Guid device)
    {
        var picker = page.Document.QuerySelector("input[name='device']") is null
            ? await browser.GetAsync(page.Path + "?choose=true")
            : page;
        return await PressAsync(browser, picker, "choose", ("device", device.ToString()));
    }

    /// <summary>Types the password and chooses a device; yields the page that asks for it.</summary>
    public static async Task<TestPage> TypePasswordAndChooseAsync(TestBrowser browser, TestUser user, Guid device) =>
        await ChooseAsync(browser, await TypePasswordAsync(browser, user.Name, user.Password), device);

    /// <summary>The user's device of a kind.</summary>
    internal async Task<Device> DeviceAsync(TestUser user, string kind) =>
        (await RowsAsync<Device>(d => d.UserId == user.Id && d.Kind == kind)).Single(d => d.Status == DeviceStatus.Active);

    /// <summary>What answers for a device.</summary>
    internal async Task<Credential> CredentialOfAsync(Guid device)
    {
        var id = (await RowsAsync<Device>(d => d.Id == device)).Single().CredentialId;
        return (await RowsAsync<Credential>(c => c.Id == id)).Single();
    }

    /// <summary>Wrong responses to a device since the last right one, from whatever browsers.</summary>
    internal async Task<int> TriesAsync(Guid device) =>
        await CredentialOfAsync(device) is var credential ? credential.TriesKnown + credential.TriesUnknown : 0;

    /// <summary>The same of the one device that the user has.</summary>
    internal async Task<int> TriesAsync(TestUser user) => await TriesAsync((await RowsAsync<Device>(d => d.UserId == user.Id)).Single().Id);

    /// <summary>The devices that stand for a serial number, the oldest first.</summary>
    internal async Task<IReadOnlyList<Device>> DevicesOfAsync(TestUser? user, string serial)
    {
        var credentials = (await RowsAsync<Credential>(c => c.Serial == serial)).Select(c => c.Id).ToList();
        return [.. (await RowsAsync<Device>(d => credentials.Contains(d.CredentialId)))
            .Where(d => user is null || d.UserId == user.Id)
            .OrderBy(d => d.CreatedAt)];
    }

    /// <summary>The tier that a device has at this moment.</summary>
    internal async Task<(string Name, Tier Tier)> TierAsync(TestUser user, Guid device)
    {
        await using var db = Reader();
        var view = (await DeviceViews.FindAsync(db, user.Id, device, CancellationToken.None))!;
        var tiers = App.Services.GetRequiredService<DeviceTiers>();
        return (tiers.NameOf(view), tiers.Of(view));
    }

    /// <summary>The kinds that the server is composed of.</summary>
    internal KindCatalog Kinds => App.Services.GetRequiredService<KindCatalog>();
}
