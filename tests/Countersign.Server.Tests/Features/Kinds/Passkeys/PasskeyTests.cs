using System.Net;
using System.Text.Json;
using Countersign.Server.Features.Access.Sessions;
using Countersign.Server.Features.Confirming.Devices;
using Countersign.Server.Features.Ground.Audit;
using Countersign.Server.Tests.Hosting;
using Countersign.Testing;

namespace Countersign.Server.Tests.Features.Kinds.Passkeys;

/// <summary>Passkeys as devices, by an authenticator in software.</summary>
public abstract class PasskeyTests(CountersignServer server)
{
    private const int AtOnce = 50;

    [Fact]
    public async Task A_passkey_is_made_with_the_consent_of_a_device_and_signs_in()
    {
        using var key = new SoftPasskey { Counter = 1 };
        var (user, desk, device) = await server.WithPasskeyAsync(key);
        using var _ = desk;
        using var browser = server.Browser();

        var page = await CountersignServer.TypePasswordAndChooseAsync(browser, user, device);
        var home = await CountersignServer.UsePasskeyAsync(browser, page, key);

        Assert.Equal("/", home.Path);
        Assert.Single(await server.RowsAsync<Session>(s => s.UserId == user.Id), s => s.DeviceKind == "passkey");
        await server.EmailAsync(user, "Laptop");
        var row = await server.CredentialOfAsync(device);
        Assert.Equal(2, row.Position);
        var kept = await server.PasskeyAsync(device);
        Assert.Equal(SoftPasskey.ModelId, kept.Model);
        Assert.Equal(["internal"], kept.Transports);
    }

    [Fact]
    public async Task The_request_names_nobody_but_the_user_and_asks_for_what_is_needed()
    {
        var user = await server.UserAsync();
        using var browser = server.Browser();
        await server.SignInAsync(browser, user);

        var page = await server.BeginAddingAsync(browser, user, "passkey", "Laptop");

        using var options = JsonDocument.Parse(CountersignServer.PasskeyOptions(page));
        var root = options.RootElement;
        Assert.Equal("broker.example", root.GetProperty("rp").GetProperty("id").GetString());
        Assert.Equal(user.Id.ToString("N"), System.Text.Encoding.ASCII.GetString(
            System.Buffers.Text.Base64Url.DecodeFromChars(root.GetProperty("user").GetProperty("id").GetString())));
        Assert.Equal(user.Name, root.GetProperty("user").GetProperty("name").GetString());
        Assert.Equal("preferred", root.GetProperty("authenticatorSelection").GetProperty("userVerification").GetString());
        Assert.Equal("preferred", root.GetProperty("authenticatorSelection").GetProperty("residentKey").GetString());
        Assert.Equal(32, System.Buffers.Text.Base64Url.DecodeFromChars(root.GetProperty("challenge").GetString()).Length);
        Assert.DoesNotContain(user.Email, root.GetRawText(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_response_works_once()
    {
        using var key = new SoftPasskey();
        var (user, desk, device) = await server.WithPasskeyAsync(key);
        using var _ = desk;
        using var browser = server.Browser();
        var page = await CountersignServer.TypePasswordAndChooseAsync(browser, user, device);
        var response = key.Use(CountersignServer.PasskeyOptions(page));
        await CountersignServer.TypeCodeAsync(browser, page, response);
        using var thief = server.Browser();

        var again = await CountersignServer.TypeCodeAsync(
            thief, await CountersignServer.TypePasswordAndChooseAsync(thief, user, device), response);

        Assert.Equal(HttpStatusCode.UnprocessableEntity, again.Status);
        Assert.Equal(1, await server.TriesAsync(device));
    }

    [Theory]
    [InlineData(null)]
    [InlineData(7u)]
    [Race]
    public async Task Of_fifty_at_once_one_signs_in(uint? counter)
    {
        using var key = new SoftPasskey { Counter = counter };
        var (user, desk, device) = await server.WithPasskeyAsync(key);
        using var _ = desk;
        var before = (await server.SessionIdsAsync(user)).Count;
        using var browser = server.Browser();
        var page = await CountersignServer.TypePasswordAndChooseAsync(browser, user, device);

        var answers = await CountersignServer.TypeCodeManyAsync(
            browser, page, Enumerable.Repeat(key.Use(CountersignServer.PasskeyOptions(page)), AtOnce));

        Assert.Equal(CountersignServer.Answered, answers.Count(a => a == HttpStatusCode.Redirect));
        Assert.Equal(before + 1, (await server.SessionIdsAsync(user)).Count);
    }

    [Fact]
    public async Task A_response_that_comes_too_late_is_refused()
    {
        await using var own = await server.FreshAsync();
        using var key = new SoftPasskey();
        var (user, desk, device) = await own.WithPasskeyAsync(key);
        using var _ = desk;
        using var browser = own.Browser();
        var page = await CountersignServer.TypePasswordAndChooseAsync(browser, user, device);
        var response = key.Use(CountersignServer.PasskeyOptions(page));
        own.Clock.Advance(TimeSpan.FromMinutes(11));

        var late = await CountersignServer.TypeCodeAsync(browser, page, response);

        Assert.Equal(HttpStatusCode.Conflict, late.Status);
        Assert.DoesNotContain(await own.RowsAsync<Session>(s => s.UserId == user.Id), s => s.DeviceKind == "passkey");
    }

    [Theory]
    [InlineData("origin")]
    [InlineData("port")]
    [InlineData("scheme")]
    [InlineData("rp")]
    [InlineData("frame")]
    [InlineData("signature")]
    [InlineData("challenge")]
    [InlineData("handle")]
    public async Task A_response_that_is_not_quite_ours_is_refused(string fault)
    {
        using var key = new SoftPasskey();
        var (user, desk, device) = await server.WithPasskeyAsync(key);
        using var _ = desk;
        using var browser = server.Browser();
        var page = await CountersignServer.TypePasswordAndChooseAsync(browser, user, device);

        var answer = await CountersignServer.TypeCodeAsync(browser, page, Faulty(key, CountersignServer.PasskeyOptions(page), fault));

        Assert.Equal(HttpStatusCode.UnprocessableEntity, answer.Status);
        Assert.Contains("was not accepted", answer.Text, StringComparison.Ordinal);
        Assert.Equal(1, await server.TriesAsync(device));
    }

    [Theory]
    [InlineData("origin")]
    [InlineData("rp")]
    [InlineData("frame")]
    public async Task A_new_passkey_that_is_not_quite_ours_is_refused(string fault)
    {
        using var key = new SoftPasskey();
        var user = await server.UserAsync();
        using var browser = server.Browser();
        await server.SignInAsync(browser, user);
        var page = await server.BeginAddingAsync(browser, user, "passkey", "Laptop");

        var answer = await CountersignServer.TypeCodeAsync(
            browser, page, Faulty(key, CountersignServer.PasskeyOptions(page), fault, isNew: true));

        Assert.Equal(HttpStatusCode.UnprocessableEntity, answer.Status);
        Assert.Equal(DeviceStatus.Waiting, (await server.RowsAsync<Device>(d => d.UserId == user.Id && d.Kind == "passkey"))[0].Status);
    }

    [Fact]
    public async Task Another_users_passkey_and_another_one_of_the_same_user_are_refused()
    {
        using var mine = new SoftPasskey();
        using var second = new SoftPasskey();
        using var theirs = new SoftPasskey();
        var (user, desk, device) = await server.WithPasskeyAsync(mine);
        using var _ = desk;
        var agree = await CountersignServer.AskToAddAsync(desk, "passkey", "Second");
        var activate = await CountersignServer.UsePasskeyAsync(desk, await CountersignServer.ChooseAsync(desk, agree, device), mine);
        await CountersignServer.TypeCodeAsync(desk, activate, second.Make(CountersignServer.PasskeyOptions(activate)));
        var (_, other, _) = await server.WithPasskeyAsync(theirs);
        other.Dispose();
        using var browser = server.Browser();
        var page = await CountersignServer.TypePasswordAndChooseAsync(browser, user, device);

        var byTheirs = await CountersignServer.UsePasskeyAsync(browser, page, theirs);
        var bySecond = await CountersignServer.UsePasskeyAsync(browser, page, second);
        var byMine = await CountersignServer.UsePasskeyAsync(browser, page, mine);

        Assert.Equal(HttpStatusCode.UnprocessableEntity, byTheirs.Status);
        Assert.Equal(HttpStatusCode.UnprocessableEntity, bySecond.Status);
        Assert.Equal("/", byMine.Path);
    }

    [Fact]
    public async Task Without_pin_or_biometrics_it_is_neither_made_nor_used_and_the_page_says_why()
    {
        using var key = new SoftPasskey { Verifies = false };
        var user = await server.UserAsync();
        using var desk = server.Browser();
        await server.SignInAsync(desk, user);
        var activate = await server.BeginAddingAsync(desk, user, "passkey", "Laptop");

        var refused = await CountersignServer.TypeCodeAsync(desk, activate, key.Make(CountersignServer.PasskeyOptions(activate)));
        key.Verifies = true;
        await CountersignServer.TypeCodeAsync(desk, activate, key.Make(CountersignServer.PasskeyOptions(activate)));
        var device = (await server.DeviceAsync(user, "passkey")).Id;
        using var browser = server.Browser();
        var page = await CountersignServer.TypePasswordAndChooseAsync(browser, user, device);
        key.Verifies = false;
        var unused = await CountersignServer.UsePasskeyAsync(browser, page, key);
        key.Verifies = true;
        var home = await CountersignServer.UsePasskeyAsync(browser, page, key);

        Assert.Equal(HttpStatusCode.Conflict, refused.Status);
        Assert.Contains("did not ask for fingerprint", refused.Text, StringComparison.Ordinal);
        Assert.Equal(HttpStatusCode.Conflict, unused.Status);
        Assert.Contains("did not ask for fingerprint", unused.Text, StringComparison.Ordinal);
        Assert.Equal("/", home.Path);
    }

    /// <summary>WebAuthn §6.1.1: two copies of a key do not count together.</summary>
    [Fact]
    public async Task A_counter_that_does_not_go_on_is_refused_and_told_in_the_audit()
    {
        using var key = new SoftPasskey { Counter = 5 };
        var (user, desk, device) = await server.WithPasskeyAsync(key);
        using var _ = desk;
        using var browser = server.Browser();
        var page = await CountersignServer.TypePasswordAndChooseAsync(browser, user, device);
        key.Counter = 5;

        var same = await CountersignServer.UsePasskeyAsync(browser, page, key);
        key.Counter = null;
        var none = await CountersignServer.UsePasskeyAsync(browser, page, key);
        key.Counter = 9;
        var home = await CountersignServer.UsePasskeyAsync(browser, page, key);

        Assert.Equal(HttpStatusCode.UnprocessableEntity, same.Status);
        Assert.Equal(HttpStatusCode.UnprocessableEntity, none.Status);
        Assert.Equal("/", home.Path);
        var told = await server.RowsAsync<AuditEvent>(e => e.UserId == user.Id && e.Event == AuditEvents.ResponseWrong);
        Assert.Equal(2, told.Count(e => e.Details.Contains("\"reason\":\"counter\"", StringComparison.Ordinal)));
    }

    [Fact]
    public async Task One_that_is_there_is_named_to_the_browser_and_not_taken_twice()
    {
        using var key = new SoftPasskey();
        var (user, desk, device) = await server.WithPasskeyAsync(key);
        using var _ = desk;
        var agree = await CountersignServer.AskToAddAsync(desk, "passkey", "Again");
        var activate = await CountersignServer.UsePasskeyAsync(desk, await CountersignServer.ChooseAsync(desk, agree, device), key);

        var options = CountersignServer.PasskeyOptions(activate);
        var twice = await CountersignServer.TypeCodeAsync(desk, activate, key.Make(options));

        using var json = JsonDocument.Parse(options);
        Assert.Equal(
            System.Buffers.Text.Base64Url.EncodeToString([.. key.CredentialId]),
            json.RootElement.GetProperty("excludeCredentials")[0].GetProperty("id").GetString());
        Assert.Equal(HttpStatusCode.Conflict, twice.Status);
        Assert.Contains("already", twice.Text, StringComparison.Ordinal);
        Assert.Single(await server.RowsAsync<Device>(d => d.UserId == user.Id && d.Kind == "passkey" && d.Status == DeviceStatus.Active));
    }

    [Fact]
    public async Task What_cannot_be_a_response_is_told_and_costs_no_try()
    {
        using var key = new SoftPasskey();
        var (user, desk, device) = await server.WithPasskeyAsync(key);
        using var _ = desk;
        using var browser = server.Browser();
        var page = await CountersignServer.TypePasswordAndChooseAsync(browser, user, device);
        string[] junk =
        [
            string.Empty, "123456", "{}", "[1]", "null", """{"id":"AA","response":null}""", """{"id":7,"response":{}}""",
            """{"id":"AA","type":"public-key","response":{"clientDataJSON":"*","authenticatorData":"AA","signature":"AA"}}""",
            """{"id":"AA","type":"public-key","response":{"clientDataJSON":"AA","authenticatorData":"AAAA","signature":"AA"}}""",
            new string('[', 2000), new('x', 17_000), """{"id":"\ud800","response":{}}""",
            """{"id":"AA","response":{"clientDataJSON":"\udc00\ud800"}}""",
        ];

        foreach (var response in junk)
        {
            var answer = await CountersignServer.TypeCodeAsync(browser, page, response);
            Assert.Equal(HttpStatusCode.UnprocessableEntity, answer.Status);
            Assert.Contains("sent no passkey", answer.Text, StringComparison.Ordinal);
        }

        Assert.Equal(0, await server.TriesAsync(device));
        Assert.Equal("/", (await CountersignServer.UsePasskeyAsync(browser, page, key)).Path);
    }

    /// <summary>D5: coming back to it yields the same request.</summary>
    [Fact]
    public async Task Coming_back_to_it_shows_the_same_request()
    {
        using var key = new SoftPasskey();
        var (user, desk, device) = await server.WithPasskeyAsync(key);
        using var _ = desk;
        using var browser = server.Browser();
        var page = await CountersignServer.TypePasswordAndChooseAsync(browser, user, device);
        var first = CountersignServer.PasskeyOptions(page);

        var sms = await CountersignServer.ChooseAsync(browser, page, (await server.DeviceAsync(user, "sms")).Id);
        var back = await CountersignServer.ChooseAsync(browser, sms, device);

        Assert.Equal(first, CountersignServer.PasskeyOptions(back));
    }

    /// <summary>
    /// The ladder: text message → passkey → larger withdrawal right away (D2). A key made in software that says it stays on one machine
    /// gets no more than one that says it does not (D33).
    /// </summary>
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task It_has_the_tier_of_what_confirmed_it_until_it_is_old_enough_and_no_more_for_what_it_says_of_itself(bool syncs)
    {
        await using var own = await server.FreshAsync();
        using var key = new SoftPasskey { Syncs = syncs };
        var (user, desk, device) = await own.WithPasskeyAsync(key);
        using var _ = desk;

        var first = await own.TierAsync(user, device);
        own.Clock.Advance(TimeSpan.FromHours(23));
        var later = await own.TierAsync(user, device);
        own.Clock.Advance(TimeSpan.FromHours(2));
        var trusted = await own.TierAsync(user, device);

        Assert.Equal(200_000m, first.Tier.PerDay);
        Assert.Equal(200_000m, later.Tier.PerDay);
        Assert.Equal(("passkey-synced", 200_000m), (trusted.Name, trusted.Tier.PerDay));
    }

    [Fact]
    public async Task Whether_it_was_copied_is_kept_as_last_seen_and_whether_it_may_be_does_not_change()
    {
        using var key = new SoftPasskey { Syncs = true };
        var (user, desk, device) = await server.WithPasskeyAsync(key);
        using var _ = desk;
        using var browser = server.Browser();
        var page = await CountersignServer.TypePasswordAndChooseAsync(browser, user, device);
        key.Syncs = false;
        var changed = await CountersignServer.UsePasskeyAsync(browser, page, key);
        (key.Syncs, key.IsBackedUp) = (true, true);

        await CountersignServer.UsePasskeyAsync(browser, page, key);

        Assert.Equal(HttpStatusCode.UnprocessableEntity, changed.Status);
        Assert.Equal((true, true), (await server.PasskeyAsync(device)) is var kept ? (kept.BackupEligible, kept.BackedUp) : default);
    }

    [Fact]
    public async Task A_site_without_a_host_name_says_that_it_has_no_passkeys()
    {
        await using var own = await server.FreshAsync(("Site:PublicUrl", "https://192.0.2.7"));
        var user = await own.UserAsync();
        using var browser = own.Browser();
        await own.SignInAsync(browser, user);

        var refused = await CountersignServer.AskToAddAsync(browser, "passkey", "Laptop");
        using var stranger = own.Browser();
        var signIn = await stranger.GetAsync("/sign-in");

        Assert.Equal(HttpStatusCode.Conflict, refused.Status);
        Assert.Contains("only an IP address", refused.Text, StringComparison.Ordinal);
        Assert.Null(signIn.Document.QuerySelector("[data-passkey]"));
    }

    [Fact]
    public async Task Without_scripts_the_page_says_so_and_leads_to_another_device()
    {
        using var key = new SoftPasskey();
        var (user, desk, device) = await server.WithPasskeyAsync(key);
        using var _ = desk;
        using var browser = server.Browser();

        var page = await CountersignServer.TypePasswordAndChooseAsync(browser, user, device);

        Assert.Contains(
            "do not work in this browser", page.Document.QuerySelector("[data-passkey-without]")!.TextContent, StringComparison.Ordinal);
        Assert.NotNull(page.Document.QuerySelector("[data-passkey-without] a[href$='choose=true']"));
        Assert.True(page.Document.QuerySelector("[data-passkey-with]")!.HasAttribute("hidden"));
    }

    /// <summary>
    /// The strict default forbids every page to ask for a passkey, and browsers then say no more than that nothing was chosen.
    /// </summary>
    [Fact]
    public async Task The_pages_headers_let_our_own_pages_ask()
    {
        using var browser = server.Browser();

        var page = await browser.GetAsync("/sign-in");

        var policy = Assert.Single(page.Response.Headers.GetValues("Permissions-Policy"));
        Assert.Contains("publickey-credentials-get=self", policy, StringComparison.Ordinal);
        Assert.DoesNotContain("publickey-credentials-get=()", policy, StringComparison.Ordinal);
    }

    private static string Faulty(SoftPasskey key, string options, string fault, bool isNew = false)
    {
        var handle = key.UserHandle;
        switch (fault)
        {
            case "origin":
                key.Origin = "https://broker-example.test";
                break;
            case "port":
                key.Origin = "https://broker.example:8443";
                break;
            case "scheme":
                key.Origin = "http://broker.example";
                break;
            case "rp":
                key.RpId = "example";
                break;
            case "frame":
                key.IsCrossOrigin = true;
                break;
            case "challenge":
                options = options.Replace("\"challenge\":\"", "\"challenge\":\"AAAA", StringComparison.Ordinal);
                break;
            case "handle":
                key.UserHandle = System.Buffers.Text.Base64Url.EncodeToString("somebody else"u8);
                break;
        }

        var response = isNew ? key.Make(options) : key.Use(options);
        (key.Origin, key.RpId, key.IsCrossOrigin, key.UserHandle) = ("https://broker.example", "broker.example", false, handle);
        return fault == "signature" ? SoftPasskey.Forged(response) : response;
    }
}

public sealed class PasskeysOnSqlite(OnSqlite server) : PasskeyTests(server);

public sealed class PasskeysOnPostgres(OnPostgres server) : PasskeyTests(server);
