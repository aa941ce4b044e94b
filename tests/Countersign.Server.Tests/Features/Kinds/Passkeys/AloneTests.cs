using System.Net;
using Countersign.Server.Features.Access.Sessions;
using Countersign.Server.Features.Ground.Audit;
using Countersign.Server.Features.Kinds.Passkeys.Alone;
using Countersign.Server.Features.Registry.Users;
using Countersign.Server.Tests.Hosting;
using Countersign.Testing;
using Microsoft.EntityFrameworkCore;

namespace Countersign.Server.Tests.Features.Kinds.Passkeys;

/// <summary>Signing in by a passkey without user name and password, where the client has chosen so.</summary>
public abstract class AloneTests(CountersignServer server)
{
    private const int AtOnce = 50;
    private const string Refused = "does not sign in alone";

    [Fact]
    public async Task Turned_on_with_the_passkey_it_signs_in_alone_and_the_client_is_told()
    {
        using var key = new SoftPasskey { Counter = 1 };
        var (user, desk, device) = await server.WithPasskeyAsync(key);
        using var _ = desk;

        var done = await CountersignServer.LetAloneAsync(desk, device, key);
        using var browser = server.Browser();
        var home = await CountersignServer.SignInAloneAsync(browser, key);

        Assert.Contains("signs in alone from now on", done.Text, StringComparison.Ordinal);
        await server.EmailAsync(user, "without user name and password");
        await server.SmsAsync(user, "without a password");
        Assert.Equal("/", home.Path);
        Assert.Contains(user.Name, home.Text, StringComparison.Ordinal);
        Assert.Single(await server.RowsAsync<Session>(s => s.UserId == user.Id), s => s.DeviceKind == "passkey");
        Assert.Single(await server.RowsAsync<AuditEvent>(e => e.UserId == user.Id && e.Event == AuditEvents.PasskeyAlone));
        Assert.Single(await server.RowsAsync<AuditEvent>(e => e.UserId == user.Id && e.Event == AuditEvents.PasskeyAloneOn));
    }

    [Fact]
    public async Task It_takes_that_passkey_to_turn_it_on()
    {
        using var key = new SoftPasskey();
        using var other = new SoftPasskey();
        var (_, desk, device) = await server.WithPasskeyAsync(key);
        using var _ = desk;

        var wrong = await CountersignServer.LetAloneAsync(desk, device, other);

        Assert.Equal(HttpStatusCode.UnprocessableEntity, wrong.Status);
        Assert.False((await server.PasskeyAsync(device)).Alone);
    }

    [Fact]
    public async Task Unknown_switched_off_frozen_and_forged_get_one_answer()
    {
        using var off = new SoftPasskey();
        using var frozen = new SoftPasskey();
        using var stranger = new SoftPasskey
        {
            UserHandle = System.Buffers.Text.Base64Url.EncodeToString("0123456789abcdef0123456789abcdef"u8),
        };
        using var copied = new SoftPasskey { Counter = 4 };
        var (_, first, _) = await server.WithPasskeyAsync(off);
        first.Dispose();
        var (user, second, device) = await server.WithPasskeyAsync(frozen);
        await CountersignServer.LetAloneAsync(second, device, frozen);
        second.Dispose();
        var now = server.Clock.GetUtcNow();
        var (_, third, counted) = await server.WithPasskeyAsync(copied);
        await CountersignServer.LetAloneAsync(third, counted, copied);
        third.Dispose();

        var answers = new List<TestPage>();
        foreach (var key in new[] { off, stranger })
        {
            using var browser = server.Browser();
            answers.Add(await CountersignServer.SignInAloneAsync(browser, key));
        }

        using var forging = server.Browser();
        var (page, ceremony, options) = await CountersignServer.BeginAloneAsync(forging);
        answers.Add(await CountersignServer.AnswerAloneAsync(forging, page, ceremony, SoftPasskey.Forged(frozen.Use(options))));
        await server.WriteAsync(
            (db, ct) => db.Set<User>().Where(u => u.Id == user.Id).ExecuteUpdateAsync(set => set.SetProperty(u => u.FrozenAt, now), ct));
        using var late = server.Browser();
        answers.Add(await CountersignServer.SignInAloneAsync(late, frozen));
        copied.Counter = 1;
        using var copy = server.Browser();
        answers.Add(await CountersignServer.SignInAloneAsync(copy, copied));

        Assert.All(answers, answer =>
        {
            Assert.Equal("/sign-in", answer.Path);
            Assert.Equal(HttpStatusCode.UnprocessableEntity, answer.Status);
            Assert.Contains(Refused, answer.Text, StringComparison.Ordinal);
        });
        Assert.DoesNotContain(await server.RowsAsync<Session>(s => s.UserId == user.Id), s => s.DeviceKind == "passkey");
    }

    /// <summary>Nobody who knows no password makes the owner change it (D9).</summary>
    [Fact]
    public async Task A_forged_one_charges_the_owner_nothing()
    {
        using var key = new SoftPasskey();
        var (user, desk, device) = await server.WithPasskeyAsync(key);
        using var _ = desk;
        await CountersignServer.LetAloneAsync(desk, device, key);
        using var browser = server.Browser();
        var (page, ceremony, options) = await CountersignServer.BeginAloneAsync(browser);

        await CountersignServer.AnswerAloneAsync(browser, page, ceremony, SoftPasskey.Forged(key.Use(options)));

        Assert.Equal(0, await server.TriesAsync(device));
        Assert.Contains(
            "\"reason\":\"wrong\"",
            Assert.Single(await server.RowsAsync<AuditEvent>(e => e.UserId == user.Id && e.Event == AuditEvents.PasskeyRefused)).Details,
            StringComparison.Ordinal);
    }

    [Fact]
    public async Task Without_pin_or_biometrics_it_does_not_sign_in()
    {
        using var key = new SoftPasskey();
        var (_, desk, device) = await server.WithPasskeyAsync(key);
        using var _ = desk;
        await CountersignServer.LetAloneAsync(desk, device, key);
        key.Verifies = false;
        using var browser = server.Browser();

        var answer = await CountersignServer.SignInAloneAsync(browser, key);

        Assert.Contains("did not ask for fingerprint", answer.Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_wrong_answer_ends_the_ceremony()
    {
        using var key = new SoftPasskey();
        var (_, desk, device) = await server.WithPasskeyAsync(key);
        using var _ = desk;
        await CountersignServer.LetAloneAsync(desk, device, key);
        using var browser = server.Browser();
        var (page, ceremony, options) = await CountersignServer.BeginAloneAsync(browser);
        await CountersignServer.AnswerAloneAsync(browser, page, ceremony, "{}");

        var right = await CountersignServer.AnswerAloneAsync(browser, page, ceremony, key.Use(options));

        Assert.Contains(Refused, right.Text, StringComparison.Ordinal);
    }

    /// <summary>What is stored of a ceremony is of no use to whoever can write in the database, and nobody meets a failure (D28).</summary>
    [Fact]
    public async Task A_ceremony_that_was_changed_in_the_database_signs_nobody_in_and_is_over()
    {
        using var key = new SoftPasskey();
        var (user, desk, device) = await server.WithPasskeyAsync(key);
        using var _ = desk;
        await CountersignServer.LetAloneAsync(desk, device, key);
        using var browser = server.Browser();
        var (page, ceremony, options) = await CountersignServer.BeginAloneAsync(browser);
        var id = Guid.Parse(ceremony);
        await server.WriteAsync(
            (db, ct) => db.Set<PasskeyCeremony>().Where(c => c.Id == id).ExecuteUpdateAsync(
                set => set.SetProperty(c => c.State, new byte[40]), ct));

        var answer = await CountersignServer.AnswerAloneAsync(browser, page, ceremony, key.Use(options));

        Assert.Equal(HttpStatusCode.UnprocessableEntity, answer.Status);
        Assert.Contains(Refused, answer.Text, StringComparison.Ordinal);
        Assert.Empty(await server.RowsAsync<PasskeyCeremony>(c => c.Id == id));
        Assert.Contains(
            "\"reason\":\"changed\"",
            Assert.Single(await server.RowsAsync<AuditEvent>(e => e.UserId == user.Id && e.Event == AuditEvents.PasskeyRefused)).Details,
            StringComparison.Ordinal);
    }

    [Fact]
    [Race]
    public async Task Of_fifty_answers_at_once_one_signs_in()
    {
        using var key = new SoftPasskey();
        var (user, desk, device) = await server.WithPasskeyAsync(key);
        using var _ = desk;
        await CountersignServer.LetAloneAsync(desk, device, key);
        var before = (await server.SessionIdsAsync(user)).Count;
        using var browser = server.Browser();
        var (page, ceremony, options) = await CountersignServer.BeginAloneAsync(browser);
        var fields = CountersignServer.Fields(page, ("ceremony", ceremony), ("code", key.Use(options)));

        var answers = await Task.WhenAll(Enumerable.Range(0, AtOnce).Select(async _ =>
        {
            using var response = await browser.PostRawAsync(new Uri(page.Address, "/sign-in/passkey"), fields);
            return response.Headers.Location?.OriginalString;
        }));

        Assert.Single(answers, "/");
        Assert.Equal(before + 1, (await server.SessionIdsAsync(user)).Count);
    }

    [Fact]
    public async Task Another_browser_does_not_answer_it()
    {
        using var key = new SoftPasskey();
        var (_, desk, device) = await server.WithPasskeyAsync(key);
        using var _ = desk;
        await CountersignServer.LetAloneAsync(desk, device, key);
        using var victim = server.Browser();
        using var thief = server.Browser();
        var (_, ceremony, options) = await CountersignServer.BeginAloneAsync(victim);
        var (page, _, _) = await CountersignServer.BeginAloneAsync(thief);

        var answer = await CountersignServer.AnswerAloneAsync(thief, page, ceremony, key.Use(options));

        Assert.Contains(Refused, answer.Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_answer_to_another_ceremony_is_refused()
    {
        using var key = new SoftPasskey();
        var (_, desk, device) = await server.WithPasskeyAsync(key);
        using var _ = desk;
        await CountersignServer.LetAloneAsync(desk, device, key);
        using var browser = server.Browser();
        var (_, _, options) = await CountersignServer.BeginAloneAsync(browser);
        var (page, ceremony, _) = await CountersignServer.BeginAloneAsync(browser);

        var answer = await CountersignServer.AnswerAloneAsync(browser, page, ceremony, key.Use(options));

        Assert.Contains(Refused, answer.Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task It_expires_and_is_forgotten_and_one_source_begins_only_so_many()
    {
        await using var own = await server.FreshAsync(("Passkeys:AloneBegunPerHour", "10"));
        using var key = new SoftPasskey();
        var (_, desk, device) = await own.WithPasskeyAsync(key);
        using var _ = desk;
        await CountersignServer.LetAloneAsync(desk, device, key);
        using var browser = own.Browser();
        var (page, ceremony, options) = await CountersignServer.BeginAloneAsync(browser);
        own.Clock.Advance(TimeSpan.FromMinutes(6));

        var late = await CountersignServer.AnswerAloneAsync(browser, page, ceremony, key.Use(options));
        for (var i = 0; i < 9; i++)
        {
            await CountersignServer.BeginAloneAsync(browser);
        }

        using var request = new HttpRequestMessage(HttpMethod.Post, "/sign-in/passkey/ceremonies")
        {
            Content = new FormUrlEncodedContent(CountersignServer.Fields(page)),
        };
        using var more = await browser.SendRawAsync(request);
        using var elsewhere = own.Browser();
        await CountersignServer.BeginAloneAsync(elsewhere);

        Assert.Contains(Refused, late.Text, StringComparison.Ordinal);
        Assert.Equal(HttpStatusCode.TooManyRequests, more.StatusCode);
        Assert.Contains(
            "passkey.too_many", await more.Content.ReadAsStringAsync(TestContext.Current.CancellationToken), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Turned_off_it_stops_at_once_also_for_a_ceremony_that_has_begun()
    {
        using var key = new SoftPasskey();
        var (user, desk, device) = await server.WithPasskeyAsync(key);
        using var _ = desk;
        await CountersignServer.LetAloneAsync(desk, device, key);
        using var browser = server.Browser();
        var (page, ceremony, options) = await CountersignServer.BeginAloneAsync(browser);

        var off = await CountersignServer.PressAsync(desk, await desk.GetAsync($"/settings/devices/{device}/alone"), "Off");
        var answer = await CountersignServer.AnswerAloneAsync(browser, page, ceremony, key.Use(options));

        Assert.Contains("no longer signs in alone", off.Text, StringComparison.Ordinal);
        Assert.Contains(Refused, answer.Text, StringComparison.Ordinal);
        Assert.Single(await server.RowsAsync<AuditEvent>(e => e.UserId == user.Id && e.Event == AuditEvents.PasskeyAloneOff));
    }

    [Fact]
    public async Task An_operator_who_does_not_want_it_offers_it_nowhere()
    {
        await using var own = await server.FreshAsync(("Passkeys:Alone", "false"));
        using var key = new SoftPasskey();
        var (_, desk, device) = await own.WithPasskeyAsync(key);
        using var _ = desk;
        using var browser = own.Browser();

        var signIn = await browser.GetAsync("/sign-in");
        var one = await desk.GetAsync($"/settings/devices/{device}");
        var page = await desk.GetAsync($"/settings/devices/{device}/alone");
        var sent = await desk.PostAsync($"/settings/devices/{device}/alone?handler=On", CountersignServer.Fields(one));

        Assert.Equal(HttpStatusCode.NotFound, sent.Status);
        Assert.Null(signIn.Document.QuerySelector("[data-passkey]"));
        Assert.Null(one.Document.QuerySelector("a[href$='/alone']"));
        Assert.Equal(HttpStatusCode.NotFound, page.Status);
    }

    [Fact]
    public async Task Somebody_elses_passkey_has_no_switch()
    {
        using var key = new SoftPasskey();
        using var others = new SoftPasskey();
        var (_, owner, device) = await server.WithPasskeyAsync(key);
        owner.Dispose();
        var (_, stranger, _) = await server.WithPasskeyAsync(others);
        using var _ = stranger;

        Assert.Equal(HttpStatusCode.NotFound, (await stranger.GetAsync($"/settings/devices/{device}/alone")).Status);
    }

    [Fact]
    public async Task Without_the_pages_token_nothing_begins()
    {
        using var browser = server.Browser();
        using var request = new HttpRequestMessage(HttpMethod.Post, "/sign-in/passkey/ceremonies")
        {
            Content = new FormUrlEncodedContent(new Dictionary<string, string> { ["a"] = "b" }),
        };

        using var answer = await browser.SendRawAsync(request);

        Assert.Equal(HttpStatusCode.BadRequest, answer.StatusCode);
    }
}

public sealed class AloneOnSqlite(OnSqlite server) : AloneTests(server);

public sealed class AloneOnPostgres(OnPostgres server) : AloneTests(server);
