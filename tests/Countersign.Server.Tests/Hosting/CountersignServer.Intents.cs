using System.Diagnostics.Metrics;
using System.Globalization;
using System.Linq.Expressions;
using System.Net;
using System.Text;
using Countersign.Server.Data;
using Countersign.Server.Data.Protection;
using Countersign.Server.Features.Access.Passwords;
using Countersign.Server.Features.Access.Sessions;
using Countersign.Server.Features.Confirming.Challenges;
using Countersign.Server.Features.Confirming.Devices;
using Countersign.Server.Features.Ground.Audit;
using Countersign.Server.Features.Kinds.TextMessages;
using Countersign.Server.Features.Messaging.Messages;
using Countersign.Server.Features.Registry.PhoneNumbers;
using Countersign.Server.Features.Registry.Users;
using Countersign.Server.Features.SigningIn.SignIn;
using Countersign.Testing;
using Microsoft.AspNetCore.Routing;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;

namespace Countersign.Server.Tests.Hosting;

/// <content>What tests do over HTTP beyond the straight way, and what they may know of the rows behind it.</content>
public abstract partial class CountersignServer
{
    /// <summary>Name of the hidden field that every form carries.</summary>
    public const string FormToken = "form-token";

    /// <summary>A unit touches at most 500 rows.</summary>
    private const int AttemptsPerUnit = 20;

    internal static readonly TimeSpan Ceiling = Waiting.Ceiling;

    /// <summary>The rows that the database holds.</summary>
    internal async Task<IReadOnlyList<T>> RowsAsync<T>(Expression<Func<T, bool>> which)
        where T : class
    {
        await using var db = App.Services.GetRequiredService<Contexts>().Read();
        return await db.Set<T>().Where(which).ToListAsync();
    }

    /// <summary>Every address that the server answers, as it is mapped: a new one is in it by itself.</summary>
    public IReadOnlyList<string> Routes() =>
        [.. App.Services.GetRequiredService<EndpointDataSource>().Endpoints
            .OfType<RouteEndpoint>()
            .Select(e => "/" + e.RoutePattern.RawText?.TrimStart('/'))
            .Distinct()];

    /// <summary>Whether the meter belongs to this host: others of the same process count too.</summary>
    public bool Owns(Meter meter) => ReferenceEquals(meter.Scope, App.Services.GetRequiredService<IMeterFactory>());

    /// <summary>What an element says, as it reads: with single spaces.</summary>
    public static string Words(string text) => string.Join(' ', text.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries));

    /// <summary>Presses Sign out.</summary>
    public static Task<TestPage> SignOutAsync(TestBrowser browser, TestPage page) => browser.PostAsync("/sign-out", Fields(page));

    /// <summary>The user's sessions, the newest first.</summary>
    public async Task<IReadOnlyList<Guid>> SessionIdsAsync(TestUser user) =>
        [.. (await RowsAsync<Session>(s => s.UserId == user.Id)).OrderByDescending(s => s.CreatedAt).Select(s => s.Id)];

    public async Task<string?> PasswordHashAsync(TestUser user) => (await RowsAsync<User>(u => u.Id == user.Id))[0].PasswordHash;

    /// <summary>How many rows there are.</summary>
    internal async Task<int> CountAsync<T>()
        where T : class
    {
        await using var db = App.Services.GetRequiredService<Contexts>().Read();
        return await db.Set<T>().CountAsync();
    }

    /// <summary>Changes rows through the one door: what another part of the product, or a thief at the database, would do.</summary>
    internal Task<T> WriteAsync<T>(Func<CountersignDbContext, CancellationToken, Task<T>> unit) =>
        WriteUnlessGoneAsync(unit, CancellationToken.None);

    /// <summary>The same for a caller who may go away.</summary>
    internal Task<T> WriteUnlessGoneAsync<T>(Func<CountersignDbContext, CancellationToken, Task<T>> unit, CancellationToken ct) =>
        App.Services.GetRequiredService<IWriter>().RunAsync(unit, ct);

    /// <summary>A context as pages read with. Dispose it.</summary>
    internal CountersignDbContext Reader() => App.Services.GetRequiredService<Contexts>().Read();

    /// <summary>What closes secrets at rest.</summary>
    internal RowProtection Protection => App.Services.GetRequiredService<RowProtection>();

    /// <summary>Whether an audit row is as it was written.</summary>
    internal bool IsGenuine(AuditEvent row) => App.Services.GetRequiredService<AuditTrail>().IsGenuine(row);

    /// <summary>Keeps the one place busy that hashes passwords; false when it is full already.</summary>
    internal bool KeepHashing(string source = "198.51.100.250") =>
        App.Services.GetRequiredService<PasswordQueue>().MakeAsync(new Asker(source, Known: false), "something to do")
            is not { IsCompletedSuccessfully: true, Result: null };

    /// <summary>A number is verified, and the user is asked to be looked at.</summary>
    internal Task VerifyNumberAsync(TestUser user) => WriteAsync(async (db, ct) =>
    {
        var now = Clock.GetUtcNow();
        await db.Set<PhoneNumber>().Where(n => n.UserId == user.Id).ExecuteUpdateAsync(set => set.SetProperty(n => n.VerifiedAt, now), ct);
        await EnrolmentRequest.AddAsync(db, user.Id, now, ct);
        return true;
    });

    /// <summary>Asks for the user to be looked at.</summary>
    internal Task RequestEnrolmentAsync(TestUser user) => WriteAsync(async (db, ct) =>
    {
        await EnrolmentRequest.AddAsync(db, user.Id, Clock.GetUtcNow(), ct);
        return true;
    });

    /// <summary>Presses a button of a page, wherever its form is.</summary>
    public static Task<TestPage> PressAsync(
        TestBrowser browser, TestPage page, string handler, params (string Name, string Value)[] fields) =>
        browser.PostAsync($"{page.Path}?handler={handler}", Fields(page, fields));

    /// <summary>The fields and the page's form token.</summary>
    public static Dictionary<string, string> Fields(TestPage page, params (string Name, string Value)[] fields)
    {
        var token = page.Document.QuerySelector($"input[name='{FormToken}']")?.GetAttribute("value")
            ?? throw new InvalidOperationException("The page has no form token:\n" + page.Html);
        return fields.Append((Name: FormToken, Value: token)).ToDictionary(f => f.Name, f => f.Value);
    }

    /// <summary>
    /// Of many who send one right answer at once, so many get what it yields: the first, and those that repeat it (D36). Each takes a try,
    /// and there are twenty more than the five.
    /// </summary>
    public const int Answered = 25;

    /// <summary>The code typed and sent many times at the same moment.</summary>
    public static async Task<IReadOnlyList<HttpStatusCode>> TypeCodeManyAsync(TestBrowser browser, TestPage page, IEnumerable<string> codes)
    {
        var prompt = page.Document.QuerySelector("input[name='prompt']")!.GetAttribute("value")!;
        var target = new Uri(page.Address, page.Path + "?handler=answer");
        var answers = codes.Select(async code =>
        {
            using var response = await browser.PostRawAsync(target, Fields(page, ("prompt", prompt), ("code", code)));
            return response.StatusCode;
        });
        return await Task.WhenAll(answers.ToList());
    }

    /// <summary>A code that is not the one that was sent.</summary>
    public static string WrongCode(string right, int number = 0)
    {
        var wrong = (int.Parse(right, CultureInfo.InvariantCulture) + 1 + number) % 1_000_000;
        return wrong.ToString("D6", CultureInfo.InvariantCulture);
    }

    /// <summary>Asks for another password in a signed-in browser; yields the page that asks for the device.</summary>
    public static async Task<TestPage> AskNewPasswordAsync(TestBrowser browser, string current, string wanted)
    {
        TestSecrets.Note(wanted);
        var page = await browser.GetAsync("/settings/password");
        return await browser.SubmitAsync(
            page, "current-password", new Dictionary<string, string> { ["current-password"] = current, ["new-password"] = wanted });
    }

    /// <summary>
    /// Opens a sign-in and cancels it again, many times from one source, by the use cases themselves; yields how many were opened.
    /// </summary>
    internal async Task<int> OpenAndCancelAsync(TestUser user, string source, int times)
    {
        var opening = App.Services.GetRequiredService<ChallengeOpening>();
        var purpose = App.Services.GetRequiredService<SignInPurpose>();
        var end = App.Services.GetRequiredService<EndChallenges>();
        var opener = Opener.Browser(Encoding.ASCII.GetBytes(source), source, knownSince: null);
        var opened = 0;
        foreach (var some in Enumerable.Range(0, times).Chunk(AttemptsPerUnit))
        {
            opened += await WriteAsync(async (db, ct) =>
            {
                var view = (await App.Services.GetRequiredService<UserViews>().FindAsync(db, user.Id, ct))!;
                var here = 0;
                foreach (var _ in some)
                {
                    var begun = await opening.BeginAsync(
                        db, purpose.For(view, new SignInSubject("Firefox, Linux"), CultureInfo.GetCultureInfo("en"), opener), ct);
                    if (begun.Succeeded)
                    {
                        here++;
                        await end.CancelAsync(db, begun.Value, opener, ct);
                    }
                    else
                    {
                        Assert.Equal(ErrorKind.Throttled, begun.Error.Kind);
                    }
                }

                return here;
            });
        }

        return opened;
    }

    /// <summary>Another node's sender on the same database.</summary>
    internal OutboxRound AnotherOutbox() => ActivatorUtilities.CreateInstance<OutboxRound>(App.Services);

    /// <summary>The job that enrols users, run once here.</summary>
    internal Task<int> EnrolAsync() => App.Services.GetRequiredService<AutomaticEnrolment>().RunOnceAsync(CancellationToken.None);

    /// <summary>The same for one user, in a unit of work of the test.</summary>
    internal Task<bool> EnrolNowAsync(CountersignDbContext db, TestUser user) =>
        App.Services.GetRequiredService<AutomaticEnrolment>().EnrolNowAsync(db, user.Id, CancellationToken.None);

    /// <summary>Queues messages to a user.</summary>
    internal Task QueueAsync(
        TestUser user, int count, TimeSpan lifetime, MessageChannel channel = MessageChannel.Sms, string language = "en",
        string when = "today") => WriteAsync((db, _) =>
    {
        for (var i = 0; i < count; i++)
        {
            App.Services.GetRequiredService<Outbox>().Add(
                db, user.Id, channel, channel == MessageChannel.Sms ? user.Mobile : user.Email, "notice-password-changed", language,
                Clock.GetUtcNow() + lifetime, challengeId: null, user.Name, when);
        }

        return Task.FromResult(count);
    });

    /// <summary>Queues a message in a unit of work that comes to nothing.</summary>
    internal Task<int> QueueAndThrowAsync(TestUser user) => WriteAsync<int>((db, _) =>
    {
        App.Services.GetRequiredService<Outbox>().Add(
            db, user.Id, MessageChannel.Voice, user.Mobile, "notice-password-changed", "en", Clock.GetUtcNow() + TimeSpan.FromHours(1),
            challengeId: null, user.Name, "today");
        throw new TimeZoneNotFoundException();
    });

    /// <summary>Waits until no message is on its way.</summary>
    public Task SettledAsync() => Waiting.UntilAsync(
        async () => (await RowsAsync<Message>(m => m.State == MessageState.Queued || m.State == MessageState.Sending)).Count == 0, Ceiling);
}
