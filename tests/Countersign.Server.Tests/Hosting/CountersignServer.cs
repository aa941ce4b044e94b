using System.Globalization;
using System.Net;
using Countersign.Server.Data;
using Countersign.Server.Data.Protection;
using Countersign.Server.Features.Access.Passwords;
using Countersign.Server.Features.Confirming.Devices;
using Countersign.Server.Features.Kinds.TextMessages;
using Countersign.Server.Features.Messaging.Messages;
using Countersign.Server.Features.Registry.People;
using Countersign.Server.Features.Registry.PhoneNumbers;
using Countersign.Server.Features.Registry.Users;
using Countersign.Server.Http;
using Countersign.Testing;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Time.Testing;

namespace Countersign.Server.Tests.Hosting;

/// <summary>A user of the tests.</summary>
public sealed record TestUser(Guid Id, string Name, string Password, string Mobile, string Email);

/// <summary>The real server on a real database and a real port, with a clock and gateways that tests own. It speaks in intents.</summary>
public abstract partial class CountersignServer : IAsyncLifetime
{
    private static int _users;
    private static int _sources;

    private readonly TestGateway _sms = new(MessageChannel.Sms);
    private readonly TestGateway _email = new(MessageChannel.Email);
    private readonly TestGateway _voice = new(MessageChannel.Voice);
    private readonly Dictionary<string, string?> _settings = [];
    private WebApplication? _app;
    private Action<IServiceCollection>? _compose;
    private Action<WebApplication>? _map;

    /// <summary>The way out for SMS.</summary>
    internal TestGateway Sms => _sms;

    /// <summary>The way out for mail.</summary>
    internal TestGateway Email => _email;

    /// <summary>The way out for calls.</summary>
    internal TestGateway Voice => _voice;

    public FakeTimeProvider Clock { get; } = new(new DateTimeOffset(2026, 11, 24, 9, 0, 0, TimeSpan.Zero));

    public Uri Address => new(App.Urls.First());

    internal WebApplication App => _app ?? throw new InvalidOperationException("The server has not been started.");

    /// <summary>A server of its own, on an empty database of the same sort: for tests that move time or want other settings.</summary>
    public Task<CountersignServer> FreshAsync(params (string Key, string Value)[] settings) => FreshWithAsync(_ => { }, settings);

    /// <summary>The same, composed of one thing more.</summary>
    internal Task<CountersignServer> FreshWithAsync(Action<IServiceCollection> compose, params (string Key, string Value)[] settings) =>
        FreshWithAsync(compose, _ => { }, settings);

    /// <summary>The same, with endpoints of its own.</summary>
    internal async Task<CountersignServer> FreshWithAsync(
        Action<IServiceCollection> compose, Action<WebApplication> map, params (string Key, string Value)[] settings)
    {
        var server = New();
        (server._compose, server._map) = (compose, map);
        foreach (var (key, value) in settings)
        {
            server._settings[key] = value;
        }

        await server.InitializeAsync();
        return server;
    }

    public async ValueTask InitializeAsync()
    {
        foreach (var (key, value) in await PrepareDatabaseAsync())
        {
            _settings.TryAdd(key, value);
        }

        var mode = new ServeMode(Demo: false);
        var builder = CountersignHost.CreateBuilder(mode, c => c.AddInMemoryCollection(_settings));
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        builder.Logging.ClearProviders();
        builder.Logging.AddProvider(new FileLog(GetType().Name));
        builder.Logging.SetMinimumLevel(LogLevel.Debug);
        builder.Logging.AddFilter("Microsoft", LogLevel.Information);
        builder.Services.AddSingleton<TimeProvider>(Clock);
        if (!_settings.ContainsKey("Messages:Gateways:0:Kind"))
        {
            builder.Services.AddSingleton<IMessageGateway>(_sms);
            builder.Services.AddSingleton<IMessageGateway>(_voice);
        }

        if (!_settings.Any(s => s.Key.EndsWith(":Kind", StringComparison.Ordinal) && s.Value == "smtp"))
        {
            builder.Services.AddSingleton<IMessageGateway>(_email);
        }

        _compose?.Invoke(builder.Services);
        _app = CountersignHost.Build(builder, mode);
        _map?.Invoke(_app);
        await CountersignHost.PrepareAsync(_app, mode, CancellationToken.None);
        await _app.StartAsync();
    }

    public async ValueTask DisposeAsync()
    {
        GC.SuppressFinalize(this);
        if (_app is not null)
        {
            await _app.StopAsync();
            await _app.DisposeAsync();
        }

        await DropDatabaseAsync();
        _ownKeys?.Dispose();
    }

    /// <summary>A browser of its own, at an address of its own unless told.</summary>
    public TestBrowser Browser(string? source = null, string language = "en") => new(Address, source ?? NewSource(), language);

    /// <summary>What the server was started with.</summary>
    internal IReadOnlyDictionary<string, string?> Settings => _settings;

    /// <summary>A program with a key of its own.</summary>
    /// <param name="others">Nodes that it speaks to in turn with this one.</param>
    public ProgramClient Program(params Uri[] others) => new([Address, .. others], new Uri(_settings["Site:PublicUrl"]!));

    public static string NewSource()
    {
        var n = Interlocked.Increment(ref _sources);
        return new IPAddress([198, (byte)(18 + (n >> 16)), (byte)(n >> 8), (byte)n]).ToString();
    }

    /// <summary>A fresh user, enrolled in SMS unless told otherwise.</summary>
    public async Task<TestUser> UserAsync(
        bool verified = true, string timeZone = "Asia/Hong_Kong", string? language = null, string? password = null, string? mobile = null)
    {
        var n = Interlocked.Increment(ref _users);
        var now = Clock.GetUtcNow();
        var user = new TestUser(
            Guid.CreateVersion7(now), string.Create(CultureInfo.InvariantCulture, $"user{n}"), password ?? $"correct horse {n}",
            mobile ?? string.Create(CultureInfo.InvariantCulture, $"+8525{n + 1_000_000:D7}"), $"user{n}@mail.example");
        TestSecrets.Note(user.Password);
        TestSecrets.Note(user.Mobile);
        var hash = App.Services.GetRequiredService<PasswordHash>().Make(user.Password);
        var protection = App.Services.GetRequiredService<RowProtection>();
        await App.Services.GetRequiredService<IWriter>().RunAsync(
            async (db, ct) =>
            {
                var personId = Guid.CreateVersion7(now);
                db.Add(new Person
                {
                    Id = personId,
                    Number = user.Name,
                    Name = "Person " + user.Name,
                    Residence = "HK",
                    Details = protection.Protect(
                        HolderDetails.Column, personId, personId, HolderDetails.None, PeopleJson.Default.HolderDetails),
                });
                db.Add(new User
                {
                    Id = user.Id,
                    PersonId = personId,
                    Name = user.Name,
                    NormalisedName = user.Name,
                    Email = user.Email,
                    Language = language,
                    TimeZone = timeZone,
                    PasswordHash = hash,
                    PasswordSetAt = now,
                    CreatedAt = now,
                });
                db.Add(new PhoneNumber
                {
                    UserId = user.Id,
                    Id = Guid.CreateVersion7(now),
                    E164 = user.Mobile,
                    AddedAt = now,
                    VerifiedAt = verified ? now : null,
                    Preferred = true,
                });
                if (verified)
                {
                    await EnrolmentRequest.AddAsync(db, user.Id, now, ct);
                }
            },
            CancellationToken.None);
        while (await App.Services.GetRequiredService<AutomaticEnrolment>().RunOnceAsync(CancellationToken.None) > 0)
        {
        }

        return user;
    }

    /// <summary>The user name and the password, typed and sent.</summary>
    public static async Task<TestPage> TypePasswordAsync(TestBrowser browser, string name, string password)
    {
        var page = await browser.GetAsync("/sign-in");
        return await browser.SubmitAsync(page, "password", new Dictionary<string, string> { ["username"] = name, ["password"] = password });
    }

    /// <summary>The code, typed and sent.</summary>
    public static Task<TestPage> TypeCodeAsync(TestBrowser browser, TestPage page, string code) =>
        browser.SubmitAsync(page, "code", new Dictionary<string, string> { ["code"] = code });

    /// <summary>Both factors, in a browser.</summary>
    public async Task<TestPage> SignInAsync(TestBrowser browser, TestUser user)
    {
        var had = Codes(user).Count;
        var page = await TypePasswordAsync(browser, user.Name, user.Password);
        return await TypeCodeAsync(browser, page, await CodeAsync(user, had + 1));
    }

    /// <summary>The <paramref name="number"/>th code that came to the user's phone.</summary>
    public async Task<string> CodeAsync(TestUser user, int number = 1)
    {
        await _sms.WaitAsync(user.Mobile, number, IsCode);
        return Codes(user)[number - 1];
    }

    /// <summary>All codes that have come so far.</summary>
    public IReadOnlyList<string> Codes(TestUser user) =>
        [.. _sms.To(user.Mobile).Select(m => m.Text).Where(IsCode).Select(t => TestGateway.SixDigits().Match(t).Value)];

    /// <summary>Waits for an SMS with these words.</summary>
    public async Task<string> SmsAsync(TestUser user, string words) =>
        (await _sms.WaitAsync(user.Mobile, 1, t => t.Contains(words, StringComparison.Ordinal)))[^1];

    /// <summary>Waits for an e-mail with these words.</summary>
    public async Task<string> EmailAsync(TestUser user, string words) =>
        (await _email.WaitAsync(user.Email, 1, t => t.Contains(words, StringComparison.Ordinal)))[^1];

    protected abstract CountersignServer New();

    /// <summary>Makes a database from the template and says where it is.</summary>
    protected abstract Task<IReadOnlyDictionary<string, string?>> PrepareDatabaseAsync();

    protected abstract Task DropDatabaseAsync();

    /// <summary>Settings of every test host: hashes at least cost, and a proxy in front that says where requests come from.</summary>
    protected static Dictionary<string, string?> CommonSettings() => new()
    {
        ["Passwords:MemoryKiB"] = "8",
        ["Passwords:Passes"] = "1",
        ["Site:TrustedProxies:0"] = "127.0.0.1",
        ["Site:PublicUrl"] = "https://broker.example",
        ["Site:RequestsPerMinute"] = "1000000",
        ["Api:RequestsPerMinute"] = "1000000",
        ["Shield:BudgetPerRangeDaily"] = "100000",
        ["Shield:BudgetPerCountryDaily"] = "100000",
    };

    /// <summary>Brings an empty database up to this release.</summary>
    internal static async Task MigrateAsync(IReadOnlyDictionary<string, string?> settings)
    {
        var mode = new ServeMode(Demo: false);
        var builder = CountersignHost.CreateBuilder(mode, c => c.AddInMemoryCollection(settings));
        builder.Logging.ClearProviders();
        await using var app = CountersignHost.Build(builder, mode);
        await app.Services.GetRequiredService<Database>().MigrateAsync(demo: false, CancellationToken.None);
    }

    private static bool IsCode(string text) => TestGateway.SixDigits().IsMatch(text);
}
