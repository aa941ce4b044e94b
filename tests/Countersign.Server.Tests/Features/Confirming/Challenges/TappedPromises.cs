using System.Globalization;
using System.Net;
using System.Text.Json;
using Countersign.SampleKind.Doubling;
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
/// A user who has the sample kind's device that approves elsewhere, with both programs: the one that asks and the one that approves.
/// </summary>
internal sealed class TappedPromises(
    TappedNodes nodes, TestUser user, Guid device, ProgramClient opener, ProgramClient tapper) : IAsyncDisposable
{
    private TappedNodes? _own;

    public CountersignServer Server => nodes.Server;

    public TappedNodes Nodes => nodes;

    public TestUser User => user;

    /// <summary>The tapping device.</summary>
    public Guid Device => device;

    /// <summary>Opens and uses.</summary>
    public ProgramClient Opener => opener;

    /// <summary>Approves and denies.</summary>
    public ProgramClient Tapper => tapper;

    /// <summary>With a server of its own.</summary>
    public static async Task<TappedPromises> NewAsync(CountersignServer shared, params (string Key, string Value)[] settings)
    {
        var nodes = new TappedNodes(shared, anotherProcess: false);
        await nodes.StartAsync(settings);
        var made = await OnAsync(nodes);
        made._own = nodes;
        return made;
    }

    /// <summary>With a user of its own, on nodes that others may use too.</summary>
    public static async Task<TappedPromises> OnAsync(TappedNodes nodes)
    {
        var server = nodes.Server;
        var user = await server.UserAsync();
        var (opener, tapper) = (nodes.Program(), nodes.Program());
        using var browser = server.Browser();
        await server.SignInAsync(browser, user);
        var page = await server.BeginAddingAsync(browser, user, TappingKind.KindId, "Program", tapper.Thumbprint);
        var made = new TappedPromises(
            nodes, user, (await server.RowsAsync<Device>(d => d.UserId == user.Id && d.Kind == TappingKind.KindId)).Single().Id, opener,
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
        (await Server.RowsAsync<AuditEvent>(e => e.UserId == user.Id && e.Event == PromisePurpose.Kept)).Count;

    public async Task<int> AuditedAsync(string name, string challenge)
    {
        var id = ChallengeHandle.Parse(challenge, null).Id.ToString();
        return (await Server.RowsAsync<AuditEvent>(e => e.UserId == user.Id && e.Event == name)).Count(
            e => JsonDocument.Parse(e.Details).RootElement.GetProperty("challenge").GetString() == id);
    }

    public async Task<ChallengeState> StoredAsync(string challenge)
    {
        var id = ChallengeHandle.Parse(challenge, null).Id;
        return (await Server.RowsAsync<Challenge>(c => c.Id == id)).Single().State;
    }

    public async ValueTask DisposeAsync()
    {
        opener.Dispose();
        tapper.Dispose();
        if (_own is not null)
        {
            await _own.DisposeAsync();
        }
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
        using var elsewhere = nodes.Elsewhere(browser);
        var there = await elsewhere.GetAsync(resume.Page.Path);
        var answers = await Task.WhenAll(
            CountersignServer.TypeCodeAsync(browser, lose.Page, lose.Code),
            CountersignServer.TypeCodeAsync(elsewhere, there, resume.Code));
        return (answers[0].Text.Contains(
            "reported as lost", StringComparison.Ordinal), answers[1].Text.Contains("active again", StringComparison.Ordinal));
    }

    /// <summary>Freezes the user, as the client does who says that it was somebody else.</summary>
    public Task FreezeAsync() => Server.WriteAsync(async (db, ct) =>
    {
        var view = (await Server.App.Services.GetRequiredService<UserViews>().FindAsync(db, user.Id, ct))!;
        await Server.App.Services.GetRequiredService<FreezeAccess>().RunAsync(
            db, view, "new-browser", Actor.Client(user.Id, "198.51.100.7"), ct);
        return true;
    });

    /// <summary>Gives the user a trusted device of the strongest kind, as if it had been there for long.</summary>
    public Task MakeStrongerAsync() => Server.WriteAsync(async (db, ct) =>
    {
        var credential = Server.App.Services.GetRequiredService<NewCredentials>().Add(db, user.Id, DoublingKind.KindId, []);
        var made = new NewDevice(user.Id, credential, "Key", DeviceStatus.Active, DoublingKind.KindId)
        {
            TrustedAt = Server.Clock.GetUtcNow(),
        };
        await Server.App.Services.GetRequiredService<DeviceLife>().MakeAsync(
            db, made, new Cause(Actor.Import("test")) { ToldElsewhere = true }, ct);
        return true;
    });

    /// <summary>As if the user's device of a kind had been there for long.</summary>
    public Task TrustAsync(string kind)
    {
        var now = Server.Clock.GetUtcNow();
        return Server.WriteAsync(
            (db, ct) => db.Set<Device>().Where(d => d.UserId == user.Id && d.Kind == kind).ExecuteUpdateAsync(
                set => set.SetProperty(d => d.TrustedAt, now), ct));
    }

    /// <summary>Opens a promise as somebody else than the program does.</summary>
    public Task<ChallengeHandle> OpenByAsync(Opener by, string what) => Server.WriteAsync(async (db, ct) =>
    {
        var view = (await Server.App.Services.GetRequiredService<UserViews>().FindAsync(db, user.Id, ct))!;
        var request = Server.App.Services.GetRequiredService<PromisePurpose>()
            .For(view, new PromiseSubject(what, Solemn: false), CultureInfo.GetCultureInfo("en"), by);
        return (await Server.App.Services.GetRequiredService<ChallengeOpening>().BeginAsync(db, request, ct)).Value;
    });

    /// <summary>Adds an authenticator app, agreed to with the tapping device, which is the strongest.</summary>
    public async Task<TestApp> AddAppAsync(TestBrowser browser)
    {
        var picker = await CountersignServer.AskToAddAsync(browser, "totp", "App");
        var page = await CountersignServer.ChooseAsync(browser, picker, device);
        await ApproveAsync((await WaitingAsync()).Single());
        var activation = await CountersignServer.PressAsync(browser, await browser.GetAsync(page.Path), "use");
        return await Server.ActivateAppAsync(browser, user, activation, "App");
    }

    public async Task SignInBySmsAsync(TestBrowser browser)
    {
        await Server.LetMessagesGoAsync(user);
        var had = Server.Codes(user).Count;
        var page = await CountersignServer.TypePasswordAndChooseAsync(browser, user, (await Server.DeviceAsync(user, "sms")).Id);
        Assert.Equal("/", (await CountersignServer.TypeCodeAsync(browser, page, await Server.CodeAsync(user, had + 1))).Path);
    }

    private async Task ChangeAsync(TestBrowser browser, string change)
    {
        var (page, code) = await AskAsync(browser, change);
        await CountersignServer.TypeCodeAsync(browser, page, code);
    }

    private async Task<(TestPage Page, string Code)> AskAsync(TestBrowser browser, string change)
    {
        await Server.LetMessagesGoAsync(user);
        var had = Server.Codes(user).Count;
        var page = await CountersignServer.PressAsync(
            browser, await browser.GetAsync($"/settings/devices/{device}"), "Change", ("change", change));
        if (page.Document.QuerySelector("input[name='code']") is null)
        {
            page = await CountersignServer.ChooseAsync(browser, page, (await Server.DeviceAsync(user, "sms")).Id);
        }

        return (page, await Server.CodeAsync(user, had + 1));
    }
}
