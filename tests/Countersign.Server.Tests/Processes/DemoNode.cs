using System.Net.Http.Json;
using System.Text.Json;
using System.Text.RegularExpressions;
using Countersign.Protocol.Oath;
using Countersign.Server.Http;
using Countersign.Server.Tests.Hosting;
using Countersign.Testing;
using Microsoft.Data.Sqlite;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Logging;

namespace Countersign.Server.Tests.Processes;

/// <summary>The built program in demo mode, and what its personas do with it.</summary>
internal static partial class DemoNode
{
    public const string Password = "lantern-harbour-7";
    private static readonly TimeSpan Ceiling = Waiting.Ceiling;

    // The least gap that the settings allow, so that rounds need not wait long, and no ration that many sign-ins would use up.
    private static readonly string[] Quick =
        [
            "--set", "Regimes:Default:MessageGap=00:00:30", "--set", "Regimes:Default:MessagesPerDay=100", "--set",
            "Regimes:Default:ChallengesPerHour=1000", "--set", "Passwords:MemoryKiB=8", "--set", "Passwords:Passes=1",
        ];

    // What every first start makes is made once, in this process; copied, it spares a node a third of its start.
    private static readonly Lazy<Task<TestFolder>> Template = new(MakeTemplateAsync);

    /// <summary>Puts the database of a demonstration that has been started before into an empty folder.</summary>
    public static Task SeedAsync(TestFolder folder) => SeedIntoAsync(folder.Path);

    /// <summary>The same, into a folder that need not be there.</summary>
    public static async Task SeedIntoAsync(string folder)
    {
        Directory.CreateDirectory(folder);
        foreach (var file in Directory.EnumerateFiles((await Template.Value).Path))
        {
            File.Copy(file, Path.Combine(folder, Path.GetFileName(file)));
        }
    }

    public static Task<PublishedServer> OnSqliteAsync(string folder) =>
        PublishedServer.StartAsync(["serve", "--demo", "--data", folder, .. Quick]);

    public static Task<PublishedServer> OnPostgresAsync(string folder, string database) =>
        PublishedServer.StartAsync(["serve", "--demo", "--data", folder, "--postgres", database, .. Quick]);

    /// <summary>One with settings of its own.</summary>
    public static Task<PublishedServer> WithAsync(IEnumerable<string> arguments, IReadOnlyDictionary<string, string>? environment = null) =>
        PublishedServer.StartAsync(["serve", "--demo", .. arguments, .. Quick], environment);

    /// <summary>The codes on a demo phone, newest first, each message once.</summary>
    public static async Task<IReadOnlyList<string>> CodesAsync(PublishedServer node, string mobile)
    {
#pragma warning disable RS0030 // A test client, on loopback.
        using var http = new HttpClient { BaseAddress = node.BaseAddress };
#pragma warning restore RS0030
        var messages = await http.GetFromJsonAsync<List<Message>>($"/demo/phone/messages?to={Uri.EscapeDataString(mobile)}");
        var codes = messages!.Select(m => SixDigits().Match(m.Text).Value).Where(c => c.Length > 0).ToList();
        codes.ForEach(TestSecrets.Note);
        return codes;
    }

    /// <summary>The newest code once there are more than <paramref name="had"/>.</summary>
    public static async Task<string> CodeAsync(PublishedServer node, string mobile, int had = 0)
    {
        IReadOnlyList<string> codes = [];
        await Waiting.UntilAsync(async () => (codes = await CodesAsync(node, mobile)).Count > had, Ceiling);
        return codes[0];
    }

    /// <summary>Types the password; who has several devices chooses the text message.</summary>
    public static async Task<TestPage> TypePasswordAsync(TestBrowser browser, string user)
    {
        var page = await ToPickerAsync(browser, user);
        return page.Document.QuerySelector("input[name='device']") is null ? page : await ChooseAsync(browser, page, ".icon--message");
    }

    /// <summary>Types the password; yields the picker, where there are several devices.</summary>
    public static async Task<TestPage> ToPickerAsync(TestBrowser browser, string user)
    {
        var page = await browser.GetAsync("/sign-in");
        return await browser.SubmitAsync(page, "password", new Dictionary<string, string> { ["username"] = user, ["password"] = Password });
    }

    /// <summary>Chooses the device with this picture.</summary>
    public static Task<TestPage> ChooseAsync(TestBrowser browser, TestPage picker, string icon)
    {
        var device = picker.Document.QuerySelectorAll(".device--choice").Single(d => d.QuerySelector(icon) is not null).QuerySelector(
            "input")!.GetAttribute("value")!;
        return browser.SubmitAsync(picker, "device", new Dictionary<string, string> { ["device"] = device });
    }

    /// <summary>What a persona has of a kind, as programs find it.</summary>
    public static async Task<IReadOnlyList<JsonElement>> DevicesAsync(PublishedServer node, string user, string kind)
    {
#pragma warning disable RS0030 // A test client, on loopback.
        using var http = new HttpClient { BaseAddress = node.BaseAddress };
#pragma warning restore RS0030
        var personas = await http.GetFromJsonAsync<JsonElement>("/demo/personas");
        return [.. personas.EnumerateArray()
            .Single(p => p.GetProperty("username").GetString() == user)
            .GetProperty("devices")
            .EnumerateArray()
            .Where(d => d.GetProperty("kind").GetString() == kind)];
    }

    /// <summary>Chooses one of a persona's authenticator apps and types what it shows.</summary>
    public static async Task<TestPage> AnswerByAppAsync(TestBrowser browser, TestPage picker, JsonElement app)
    {
        var page = await browser.SubmitAsync(
            picker, "device", new Dictionary<string, string> { ["device"] = app.GetProperty("id").GetString()! });
        return await TypeCodeAsync(browser, page, AppCode(Convert.FromHexString(app.GetProperty("key_hex").GetString()!)));
    }

    /// <summary>The card of a persona.</summary>
    public static async Task<TestCard> CardAsync(PublishedServer node, string user)
    {
        var card = (await DevicesAsync(node, user, "code-card")).Single();
        return new TestCard(
            card.GetProperty("serial").GetString()!,
            [.. card.GetProperty("cells")
                .EnumerateObject()
                .OrderBy(c => int.Parse(c.Name, System.Globalization.CultureInfo.InvariantCulture))
                .Select(c => c.Value.GetString()!)]);
    }

    public static Task<TestPage> TypeCodeAsync(TestBrowser browser, TestPage page, string code) =>
        browser.SubmitAsync(page, "code", new Dictionary<string, string> { ["code"] = code });

    /// <summary>Signs in by text message and adds an authenticator app; yields its key.</summary>
    public static async Task<byte[]> AddAppAsync(PublishedServer node, TestBrowser browser, string user, string mobile)
    {
        var had = (await CodesAsync(node, mobile)).Count;
        var page = await TypePasswordAsync(browser, user);
        await TypeCodeAsync(browser, page, await CodeAsync(node, mobile, had));
        had = (await CodesAsync(node, mobile)).Count;
        var agree = await CountersignServer.AskToAddAsync(browser, "totp", "My phone");
        var activate = await TypeCodeAsync(browser, agree, await CodeAsync(node, mobile, had));
        var key = CountersignServer.KeyOn(activate);
        await TypeCodeAsync(browser, activate, AppCode(key, steps: -1));
        return key;
    }

    /// <summary>What an app shows now, or some steps away from now.</summary>
    public static string AppCode(byte[] key, int steps = 0) =>
        Totp.Compute(key, Totp.StepAt(TimeProvider.System.GetUtcNow()) + steps, new TotpParameters());

    private static async Task<TestFolder> MakeTemplateAsync()
    {
        var (folder, mode) = (new TestFolder(), new ServeMode(Demo: true));
        AppDomain.CurrentDomain.ProcessExit += (_, _) => folder.Dispose();
        var builder = CountersignHost.CreateBuilder(mode, c => c.AddInMemoryCollection(new Dictionary<string, string?>
        {
            ["Data:Directory"] = folder.Path,
            ["Passwords:MemoryKiB"] = "8",
            ["Passwords:Passes"] = "1",
        }));
        builder.Logging.ClearProviders();
        await using (var app = CountersignHost.Build(builder, mode))
        {
            await CountersignHost.PrepareAsync(app, mode, CancellationToken.None);
        }

        SqliteConnection.ClearAllPools();
        return folder;
    }

    private sealed record Message(string To, string Text, DateTimeOffset At, string Channel);

    [GeneratedRegex(@"\b\d{6}\b")]
    private static partial Regex SixDigits();
}
