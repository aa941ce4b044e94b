using System.Globalization;
using System.Net.Http.Json;
using System.Text.RegularExpressions;
using Countersign.Testing;
using Microsoft.Playwright;

namespace Countersign.Browser.Tests.Hosting;

/// <summary>
/// The built program in demo mode, and a real Chromium. One for each test class, since a demo phone takes one message in two
/// minutes.
/// </summary>
public sealed partial class DemoInBrowser : IAsyncLifetime
{
    private static readonly TimeSpan Ceiling = Waiting.Ceiling;
    private readonly TestFolder _folder = new();
    private readonly Dictionary<(string User, string Label), AppInHand> _apps = [];
    private PublishedServer? _server;
    private IPlaywright? _playwright;
    private IBrowser? _browser;

    public const string Password = "lantern-harbour-7";

    public Uri Address => _server!.BaseAddress;

    public async ValueTask InitializeAsync()
    {
        _server = await PublishedServer.StartAsync(["serve", "--demo", "--data", _folder.Path]);
        _playwright = await Playwright.CreateAsync();
        _browser = await _playwright.Chromium.LaunchAsync(new BrowserTypeLaunchOptions
        {
            ExecutablePath = Environment.GetEnvironmentVariable("COUNTERSIGN_CHROMIUM") ?? "/usr/bin/chromium-headless-shell",
            Args =
            [
                "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
                "--disable-component-update", "--disable-sync",
            ],
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
    /// <param name="through">What stands in front of the server; null: nothing.</param>
    public async Task<IBrowserContext> ContextAsync(
        string language = "en", bool scripts = true, int width = 1280, bool dark = false, string? state = null, bool named = false,
        Uri? through = null)
    {
        var context = await _browser!.NewContextAsync(new BrowserNewContextOptions
        {
            BaseURL = (through ?? (named ? NamedAddress : Address)).ToString(),
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
    public Task<string> CodeAsync(string mobile, params IReadOnlyCollection<string> seen) =>
        NewestAsync($"/demo/phone/messages?to={Uri.EscapeDataString(mobile)}", seen);

    /// <summary>How many codes have come to a demo phone.</summary>
    public async Task<int> CodesAsync(string mobile)
    {
#pragma warning disable RS0030 // A test client, on loopback.
        using var http = new HttpClient { BaseAddress = Address };
#pragma warning restore RS0030
        var messages = await http.GetFromJsonAsync<List<PhoneMessage>>($"/demo/phone/messages?to={Uri.EscapeDataString(mobile)}");
        return messages!.Count(m => SixDigits().IsMatch(m.Text));
    }

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
                code = messages!.Select(m => SixDigits().Match(m.Text).Value).FirstOrDefault(c => c.Length > 0 && !seen.Contains(c))
                    ?? string.Empty;
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

    /// <summary>The first authenticator app of a persona. It remembers which codes it has given.</summary>
    public async Task<AppInHand> AppOfAsync(string userName, string label = "Phone")
    {
        if (!_apps.TryGetValue((userName, label), out var app))
        {
#pragma warning disable RS0030 // A test client, on loopback.
            using var http = new HttpClient { BaseAddress = Address };
#pragma warning restore RS0030
            var personas = await http.GetFromJsonAsync<System.Text.Json.JsonElement>("/demo/personas");
            var devices = personas.EnumerateArray().Single(p => p.GetProperty("username").GetString() == userName).GetProperty("devices");
            var key = devices.EnumerateArray()
                .Single(d => d.GetProperty("kind").GetString() == "totp" && d.GetProperty("label").GetString() == label)
                .GetProperty("key_hex")
                .GetString()!;
            _apps[(userName, label)] = app = AppInHand.OfHex(key);
        }

        return app;
    }

    /// <summary>Has the strongest device agree: the app where the page has a picker, else the phone that was sent a code.</summary>
    public async Task AgreeAsync(IPage page, string userName, string mobile, params IReadOnlyCollection<string> seen)
    {
        await page.WaitForSelectorAsync("input[name=code], input[name=device]");
        var choices = await page.Locator("input[name=device]").CountAsync() > 0;
        if (choices)
        {
            await ChooseAsync(page, "authenticator");
        }

        await page.FillAsync("input[name=code]", choices ? await (await AppOfAsync(userName)).CodeAsync() : await CodeAsync(mobile, seen));
        await page.PressAsync("input[name=code]", "Enter");
    }

    /// <summary>The numbers that a page asks for, as one types them.</summary>
    public static async Task<string> AskedAsync(IPage page) =>
        string.Join(' ', (await page.Locator(".asked__index").AllInnerTextsAsync()).Select(t =>
            int.Parse(string.Concat(t.Where(char.IsAsciiDigit)), CultureInfo.InvariantCulture).ToString(CultureInfo.InvariantCulture)));

    /// <summary>Types the numbers into the lab's search and reads the two values.</summary>
    public static async Task<string> LookUpAsync(IPage lab, string user, string asked)
    {
        await lab.GotoAsync("/demo/devices?user=" + user);
        await lab.FillAsync("input[name=cells]", asked);
        await lab.PressAsync("input[name=cells]", "Enter");
        await lab.WaitForSelectorAsync(".code-card__found");
        var values = string.Concat(await lab.Locator(".code-card__answer strong").AllInnerTextsAsync());
        TestSecrets.Note(values);
        return values;
    }

    /// <summary>Both factors; returns the code that was used.</summary>
    public async Task<string> SignInAsync(IPage page, string userName, string mobile)
    {
        await TypePasswordAsync(page, userName);
        var code = await CodeAsync(mobile);
        await page.FillAsync("input[name=code]", code);
        await page.PressAsync("input[name=code]", "Enter");
        await page.ArriveAsync(new Uri(Address, "/").ToString());
        return code;
    }

    private sealed record PhoneMessage(string To, string Text, DateTimeOffset At, string Channel);

    [GeneratedRegex(@"\b\d{6}\b")]
    private static partial Regex SixDigits();
}
