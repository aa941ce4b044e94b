using System.Globalization;
using System.Net;
using System.Text.Json;
using Countersign.SampleKind.Promising;
using Countersign.SampleKind.Tapping;
using Countersign.Server.Features.Access.Freezing;
using Countersign.Server.Features.Confirming.Challenges;
using Countersign.Server.Features.Confirming.Devices;
using Countersign.Server.Features.Ground.Audit;
using Countersign.Server.Features.Registry.Users;
using Countersign.Server.Tests.Hosting;
using Countersign.Testing;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;

namespace Countersign.Server.Tests.Features.Confirming.Challenges;

/// <summary>
/// A server with the sample kind that approves elsewhere and the sample purpose, a user who has such a device, and both programs.
/// </summary>
internal sealed class TappedPromises(
    CountersignServer server, TestUser user, Guid device, ProgramClient opener, ProgramClient tapper) : IAsyncDisposable
{
    public CountersignServer Server => server;

    public TestUser User => user;

    /// <summary>The tapping device.</summary>
    public Guid Device => device;

    /// <summary>Opens and uses.</summary>
    public ProgramClient Opener => opener;

    /// <summary>Approves and denies.</summary>
    public ProgramClient Tapper => tapper;

    public static async Task<TappedPromises> NewAsync(CountersignServer shared, params (string Key, string Value)[] settings)
    {
        var server = await shared.FreshWithAsync(
            s => s.AddTapping().AddPromising(),
            app =>
            {
                app.MapTapping();
                app.MapPromises();
            },
            [("Devices:Addable", TappingKind.KindId + " totp"), .. settings]);
        var user = await server.UserAsync();
        var (opener, tapper) = (server.Program(), server.Program());
        using var browser = server.Browser();
        await server.SignInAsync(browser, user);
        var page = await server.BeginAddingAsync(browser, user, TappingKind.KindId, "Program", tapper.Thumbprint);
        var made = new TappedPromises(
            server, user, (await server.RowsAsync<Device>(d => d.UserId == user.Id && d.Kind == TappingKind.KindId)).Single().Id, opener,
            tapper);

        // The activation is its first approval: the program approves, the page goes on.
        var waiting = await made.WaitingAsync();
        Assert.Equal(HttpStatusCode.OK, (await made.ApproveAsync(waiting.Single())).Status);
        var done = await CountersignServer.PressAsync(browser, await browser.GetAsync(page.Path), "use");
        Assert.Equal("/settings/devices", done.Path);
        return made;
    }

    /// <summary>Opens a promise and has it asked of a device; yields the challenge.</summary>
    public async Task<string> OpenAsync(string what, bool solemn = false, Guid? of = null)
    {
        var opened = await opener.PostAsync("/promises", new { User = user.Id, What = what, Solemn = solemn });
        Assert.True(opened.Succeeded, opened.Code);
        var challenge = opened.Text("challenge");
        var chosen = await ChooseAsync(challenge, of ?? device);
        Assert.True(chosen.Succeeded, chosen.Code);
        return challenge;
    }

    public Task<ProgramAnswer> ChooseAsync(string challenge, Guid of) =>
        opener.PostAsync("/promises/choices", new { User = user.Id, Challenge = challenge, Device = of });

    public Task<ProgramAnswer> UseAsync(string challenge) =>
        opener.PostAsync("/promises/uses", new { User = user.Id, Challenge = challenge });

    public Task<ProgramAnswer> TypeAsync(string challenge, int prompt, string response) =>
        opener.PostAsync("/promises/responses", new { User = user.Id, Challenge = challenge, Prompt = prompt, Response = response });

    public Task<ProgramAnswer> StateAsync(string challenge) =>
        opener.PostAsync("/promises/states", new { User = user.Id, Challenge = challenge });

    /// <summary>What the tapping program finds waiting, the oldest first.</summary>
    public async Task<IReadOnlyList<(string Challenge, int Prompt, string Statement)>> WaitingAsync()
    {
        var listed = await tapper.PostAsync("/tapping/requests", new { User = user.Id });
        return [.. listed.Body.EnumerateArray().Select(
            r => (r.GetProperty("challenge").GetString()!, r.GetProperty("prompt").GetInt32(), r.GetProperty("statement").GetString()!))];
    }

    public Task<ProgramAnswer> ApproveAsync(
        (string Challenge, int Prompt, string Statement) asked, string response = TappingKind.Approves) =>
        ApproveAsync(asked.Challenge, asked.Prompt, response);

    public Task<ProgramAnswer> ApproveAsync(string challenge, int prompt = 1, string response = TappingKind.Approves) =>
        tapper.PostAsync("/tapping/approvals", new { User = user.Id, Challenge = challenge, Prompt = prompt, Response = response });

    public Task<ProgramAnswer> DenyAsync(string challenge, int prompt = 1) =>
        tapper.PostAsync("/tapping/denials", new { User = user.Id, Challenge = challenge, Prompt = prompt });

    /// <summary>The promises that were kept.</summary>
    public async Task<int> KeptAsync() =>
        (await server.RowsAsync<AuditEvent>(e => e.UserId == user.Id && e.Event == PromisePurpose.Kept)).Count;

    public async Task<int> AuditedAsync(string name, string challenge)
    {
        var id = ChallengeHandle.Parse(challenge, null).Id.ToString();
        return (await server.RowsAsync<AuditEvent>(e => e.UserId == user.Id && e.Event == name)).Count(
            e => JsonDocument.Parse(e.Details).RootElement.GetProperty("challenge").GetString() == id);
    }

    public async Task<ChallengeState> StoredAsync(string challenge)
    {
        var id = ChallengeHandle.Parse(challenge, null).Id;
        return (await server.RowsAsync<Challenge>(c => c.Id == id)).Single().State;
    }

    public async ValueTask DisposeAsync()
    {
        opener.Dispose();
        tapper.Dispose();
        await server.DisposeAsync();
    }

    /// <summary>Reports the tapping device as lost, with the text messages of the user.</summary>
    public async Task LoseAsync(TestBrowser browser)
    {
        await SignInBySmsAsync(browser);
        await ChangeAsync(browser, "lost");
    }

    public async Task SuspendAsync(TestBrowser browser)
    {
        await SignInBySmsAsync(browser);
        await ChangeAsync(browser, "suspend");
    }

    /// <summary>Two changes of the suspended device, both agreed to by text message, whose codes are typed at the same moment.</summary>
    public async Task<(bool Lost, bool Resumed)> LoseAndResumeAtOnceAsync(TestBrowser browser)
    {
        var lose = await AskAsync(browser, "lost");
        var resume = await AskAsync(browser, "resume");
        var answers = await Task.WhenAll(
            CountersignServer.TypeCodeAsync(browser, lose.Page, lose.Code),
            CountersignServer.TypeCodeAsync(browser, resume.Page, resume.Code));
        return (answers[0].Text.Contains(
            "reported as lost", StringComparison.Ordinal), answers[1].Text.Contains("active again", StringComparison.Ordinal));
    }

    /// <summary>Freezes the user, as the client does who says that it was somebody else.</summary>
    public Task FreezeAsync() => server.WriteAsync(async (db, ct) =>
    {
        var view = (await server.App.Services.GetRequiredService<UserViews>().FindAsync(db, user.Id, ct))!;
        await server.App.Services.GetRequiredService<FreezeAccess>().RunAsync(
            db, view, "new-browser", Actor.Client(user.Id, "198.51.100.7"), ct);
        return true;
    });

    /// <summary>Gives the user a trusted device of the strongest kind, as if it had been there for long.</summary>
    public Task MakeStrongerAsync() => server.WriteAsync(async (db, ct) =>
    {
        var credential = server.App.Services.GetRequiredService<NewCredentials>().Add(db, user.Id, "passkey", []);
        var made = new NewDevice(user.Id, credential, "Key", DeviceStatus.Active, "passkey-synced")
        {
            TrustedAt = server.Clock.GetUtcNow(),
        };
        await server.App.Services.GetRequiredService<DeviceLife>().MakeAsync(
            db, made, new Cause(Actor.Import("test")) { ToldElsewhere = true }, ct);
        return true;
    });

    /// <summary>As if the user's device of a kind had been there for long.</summary>
    public Task TrustAsync(string kind)
    {
        var now = server.Clock.GetUtcNow();
        return server.WriteAsync(
            (db, ct) => db.Set<Device>().Where(d => d.UserId == user.Id && d.Kind == kind).ExecuteUpdateAsync(
                set => set.SetProperty(d => d.TrustedAt, now), ct));
    }

    /// <summary>Opens a promise as somebody else than the program does.</summary>
    public Task<ChallengeHandle> OpenByAsync(Opener by, string what) => server.WriteAsync(async (db, ct) =>
    {
        var view = (await server.App.Services.GetRequiredService<UserViews>().FindAsync(db, user.Id, ct))!;
        var request = server.App.Services.GetRequiredService<PromisePurpose>()
            .For(view, new PromiseSubject(what, Solemn: false), CultureInfo.GetCultureInfo("en"), by);
        return (await server.App.Services.GetRequiredService<ChallengeOpening>().BeginAsync(db, request, ct)).Value;
    });

    /// <summary>Adds an authenticator app, agreed to with the tapping device, which is the strongest.</summary>
    public async Task<TestApp> AddAppAsync(TestBrowser browser)
    {
        var picker = await CountersignServer.AskToAddAsync(browser, "totp", "App");
        var page = await CountersignServer.ChooseAsync(browser, picker, device);
        await ApproveAsync((await WaitingAsync()).Single());
        var activation = await CountersignServer.PressAsync(browser, await browser.GetAsync(page.Path), "use");
        return await server.ActivateAppAsync(browser, user, activation, "App");
    }

    public async Task SignInBySmsAsync(TestBrowser browser)
    {
        await server.LetMessagesGoAsync(user);
        var had = server.Codes(user).Count;
        var page = await CountersignServer.TypePasswordAndChooseAsync(browser, user, (await server.DeviceAsync(user, "sms")).Id);
        Assert.Equal("/", (await CountersignServer.TypeCodeAsync(browser, page, await server.CodeAsync(user, had + 1))).Path);
    }

    private async Task ChangeAsync(TestBrowser browser, string change)
    {
        var (page, code) = await AskAsync(browser, change);
        await CountersignServer.TypeCodeAsync(browser, page, code);
    }

    private async Task<(TestPage Page, string Code)> AskAsync(TestBrowser browser, string change)
    {
        await server.LetMessagesGoAsync(user);
        var had = server.Codes(user).Count;
        var page = await CountersignServer.PressAsync(
            browser, await browser.GetAsync($"/settings/devices/{device}"), "Change", ("change", change));
        if (page.Document.QuerySelector("input[name='code']") is null)
        {
            page = await CountersignServer.ChooseAsync(browser, page, (await server.DeviceAsync(user, "sms")).Id);
        }

        return (page, await server.CodeAsync(user, had + 1));
    }
}
