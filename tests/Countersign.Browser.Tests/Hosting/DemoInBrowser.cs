using System.Net.Http.Json;
using System.Text.RegularExpressions;
using Countersign.Testing;
using Microsoft.Playwright;

namespace Countersign.Browser.Tests.Hosting;

/// <summary>The built program in demo mode, and a real Chromium. One for each test class, since a demo phone takes one message in two minutes.</summary>
public sealed partial class DemoInBrowser : IAsyncLifetime
{
    private static readonly TimeSpan Ceiling = TimeSpan.FromSeconds(20);
    private readonly TestFolder _folder = new();
    private PublishedServer? _server;
    private IPlaywright? _playwright;
    private IBrowser? _browser;

    public const string Password = "lantern-harbour-7";

    public Uri Address => _server!.BaseAddress;

    /// <summary>Where pictures of pages are kept for people to look at.</summary>
    public static string Pictures { get; } = Directory.CreateDirectory(
        Environment.GetEnvironmentVariable("COUNTERSIGN_SCREENSHOTS") ?? Path.Combine(Repository.Root, "artifacts", "screenshots")).FullName;

    public async ValueTask InitializeAsync()
    {
        _server = await PublishedServer.StartAsync(["serve", "--demo", "--data", _folder.Path]);
        _playwright = await Playwright.CreateAsync();
        _browser = await _playwright.Chromium.LaunchAsync(new BrowserTypeLaunchOptions
        {
            ExecutablePath = Environment.GetEnvironmentVariable("COUNTERSIGN_CHROMIUM") ?? "/usr/bin/chromium",
            Args = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking", "--disable-component-update", "--disable-sync"],
        });
    }

    public async ValueTask DisposeAsync()
    {
        if (_browser is not null)
        {
            await _browser.DisposeAsync();
        }

        _playwright?.Dispose();
        if (_server is not null)
        {
            await _server.DisposeAsync();
        }

        _folder.Dispose();
    }

    /// <summary>The same program by its host name, which passkeys need.</summary>
    public Uri NamedAddress => new UriBuilder(Address) { Host = "localhost" }.Uri;

    /// <summary>A person's browser: cookies of its own, and nothing left over from others.</summary>
    public async Task<IBrowserContext> ContextAsync(string language = "en", bool scripts = true, int width = 1280, bool dark = false, string? state = null, bool named = false)
    {
        var context = await _browser!.NewContextAsync(new BrowserNewContextOptions
        {
            BaseURL = (named ? NamedAddress : Address).ToString(),
            Locale = language,
            JavaScriptEnabled = scripts,
            ViewportSize = new ViewportSize { Width = width, Height = width < 600 ? 844 : 900 },
            ColorScheme = dark ? ColorScheme.Dark : ColorScheme.Light,
            ReducedMotion = ReducedMotion.Reduce,
            StorageState = state,
        });
        context.SetDefaultTimeout((float)Ceiling.TotalMilliseconds);
        return context;
    }

    /// <summary>The newest code on a demo phone that is not one of <paramref name="seen"/>.</summary>
    public Task<string> CodeAsync(string mobile, params IReadOnlyCollection<string> seen) => NewestAsync($"/demo/phone/messages?to={Uri.EscapeDataString(mobile)}", seen);

    /// <summary>The newest code in a demo mailbox.</summary>
    public Task<string> MailCodeAsync(string address) => NewestAsync($"/demo/mail?to={Uri.EscapeDataString(address)}", []);

    private async Task<string> NewestAsync(string path, IReadOnlyCollection<string> seen)
    {
#pragma warning disable RS0030 // A test client, on loopback.
        using var http = new HttpClient { BaseAddress = Address };
#pragma warning restore RS0030
        var code = string.Empty;
        await Waiting.UntilAsync(
            async () =>
            {
                var messages = await http.GetFromJsonAsync<List<PhoneMessage>>(path);
                code = messages!.Select(m => SixDigits().Match(m.Text).Value).FirstOrDefault(c => c.Length > 0 && !seen.Contains(c)) ?? string.Empty;
                return code.Length > 0;
            },
            Ceiling);
        TestSecrets.Note(code);
        return code;
    }

    /// <summary>Types user name and password and goes on; who has several devices chooses the text message.</summary>
    public static async Task TypePasswordAsync(IPage page, string userName, string password = Password)
    {
        await ToPickerAsync(page, userName, password);
        if (await page.Locator("input[name=device]").CountAsync() > 0)
        {
            await ChooseAsync(page, "message");
        }
    }

    /// <summary>Types user name and password; ends at the picker, or at the code where there is nothing to choose.</summary>
    public static async Task ToPickerAsync(IPage page, string userName, string password = Password)
    {
        await page.GotoAsync("/sign-in");
        await page.FillAsync("input[name=username]", userName);
        await page.FillAsync("input[name=password]", password);
        await page.PressAsync("input[name=password]", "Enter");
        await page.WaitForSelectorAsync("input[name=code], input[name=device]");
    }

    /// <summary>Chooses the first device with this picture.</summary>
    public static async Task ChooseAsync(IPage page, string icon)
    {
        await page.Locator("label.device--choice", new PageLocatorOptions { Has = page.Locator(".icon--" + icon) }).First.ClickAsync();
        await page.ClickAsync("main form:has(input[name=device]) button");
        await page.WaitForSelectorAsync("input[name=code]");
    }

    /// <summary>Both factors; returns the code that was used.</summary>
    public async Task<string> SignInAsync(IPage page, string userName, string mobile)
    {
        await TypePasswordAsync(page, userName);
        var code = await CodeAsync(mobile);
        await page.FillAsync("input[name=code]", code);
        await page.PressAsync("input[name=code]", "Enter");
        await page.WaitForURLAsync(new Uri(Address, "/").ToString());
        return code;
    }

    private sealed record PhoneMessage(string To, string Text, DateTimeOffset At, string Channel);

    [GeneratedRegex(@"\b\d{6}\b")]
    private static partial Regex SixDigits();
}
