using System.Net;
using System.Runtime.Versioning;
using System.Security.Cryptography;
using Countersign.Server.Data.Protection;
using Countersign.Server.Features.Ground.Audit;
using Countersign.Server.Features.Ground.Keys;
using Countersign.Server.Features.Programs.Applications;
using Countersign.Server.Tests.Hosting;
using Countersign.Testing;
using Microsoft.AspNetCore.DataProtection;
using Microsoft.AspNetCore.DataProtection.KeyManagement;
using Microsoft.AspNetCore.DataProtection.KeyManagement.Internal;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;
using Microsoft.IdentityModel.Tokens;
using OpenIddict.Server;

namespace Countersign.Server.Tests.Features.Ground.Keys;

/// <summary>A new master key takes over in the middle of everything, and nobody notices (B22).</summary>
public abstract class RotationTests(CountersignServer server)
{
    private const string Lacks = "lacks the master key";

    [Fact]
    public async Task A_new_key_is_read_by_all_before_anybody_uses_it()
    {
        await using var own = await server.FreshWithOwnKeysAsync();
        var user = await own.UserAsync();
        var id = await own.AddKeyAsync();
        var another = own.KeysOfAnotherNode();

        Assert.Equal("1", own.Keys.Current.Id);
        Assert.Equal(("1", 2), (another.Current.Id, another.All.Count));
        Assert.Equal([KeyState.Current, KeyState.Pending], (await own.ListKeysAsync()).Select(k => k.State));

        own.TakeOver();
        using var browser = own.Browser();
        await own.SignInAsync(browser, user);

        Assert.Equal((id, id), (own.Keys.Current.Id, another.Current.Id));
        Assert.Equal(id, (await own.RowsAsync<AuditEvent>(e => e.Event == AuditEvents.SignedIn)).Single().KeyId);
    }

    [Fact]
    public async Task A_session_goes_on()
    {
        await using var own = await server.FreshWithOwnKeysAsync();
        var user = await own.UserAsync();
        using var browser = own.Browser();
        await own.SignInAsync(browser, user);

        await own.RotateAsync();

        Assert.Equal("/settings", (await browser.GetAsync("/settings")).Path);
    }

    [Fact]
    public async Task A_code_on_its_way_works()
    {
        await using var own = await server.FreshWithOwnKeysAsync();
        var user = await own.UserAsync();
        using var browser = own.Browser();
        var page = await CountersignServer.TypePasswordAsync(browser, user.Name, user.Password);
        var code = await own.CodeAsync(user);

        await own.RotateAsync();

        Assert.Equal("/", (await CountersignServer.TypeCodeAsync(browser, page, code)).Path);
    }

    [Fact]
    public async Task A_password_works_and_takes_the_new_key()
    {
        await using var own = await server.FreshWithOwnKeysAsync();
        var user = await own.UserAsync();
        var before = await own.PasswordHashAsync(user);
        var id = await own.RotateAsync();

        using (var browser = own.Browser())
        {
            Assert.Equal("/", (await own.SignInAsync(browser, user)).Path);
        }

        Assert.Contains("$1$", before, StringComparison.Ordinal);
        Assert.Contains($"${id}$", await own.PasswordHashAsync(user), StringComparison.Ordinal);
        own.TakeOver();
        using var later = own.Browser();
        Assert.Equal("/", (await own.SignInAsync(later, user)).Path);
    }

    [Fact]
    public async Task An_applications_secret_works_and_so_does_a_new_one()
    {
        await using var own = await server.FreshWithOwnKeysAsync();
        var application = await own.ApplicationAsync();
        using var api = own.Api();
        var id = await own.RotateAsync();

        Assert.Equal(HttpStatusCode.OK, (await api.TokenAsync(application.ClientId, application.Secret)).Status);
        var renewed = await own.RotateSecretAsync(application, TimeSpan.FromHours(1));
        Assert.Equal(HttpStatusCode.OK, (await api.TokenAsync(application.ClientId, renewed)).Status);
        Assert.Equal(HttpStatusCode.OK, (await api.TokenAsync(application.ClientId, application.Secret)).Status);
        Assert.StartsWith(id + ".", (await own.RowsAsync<Application>(_ => true)).Single().ClientSecret, StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_tokens_are_encrypted_with_is_known_to_a_running_node()
    {
        await using var own = await server.FreshWithOwnKeysAsync();
        var options = own.App.Services.GetRequiredService<IOptionsMonitor<OpenIddictServerOptions>>();
        var before = Key(options.CurrentValue.EncryptionCredentials[0]);
        await own.RotateAsync();
        _ = own.Keys.Current;

        var credentials = options.CurrentValue.EncryptionCredentials;
        Assert.Equal(2, credentials.Count);
        Assert.Equal(before, Key(credentials[1]));
        Assert.NotEqual(before, Key(credentials[0]));

        static byte[] Key(EncryptingCredentials credentials) => ((SymmetricSecurityKey)credentials.Key).Key;
    }

    [Fact]
    public async Task A_receipt_and_an_operators_code_from_before_are_good_and_forged_ones_are_not()
    {
        await using var own = await server.FreshWithOwnKeysAsync();
        var (user, message) = (Guid.CreateVersion7(own.Clock.GetUtcNow()), Guid.CreateVersion7(own.Clock.GetUtcNow()));
        var handle = own.Receipts.Make("kannel", user, message, 1);
        var code = own.OperatorCode("ada");

        await own.RotateAsync();

        Assert.True(own.Receipts.TryRead("kannel", handle, out var read));
        Assert.Equal((user, message), (read.UserId, read.MessageId));
        Assert.False(own.Receipts.TryRead("twilio", handle, out _));
        Assert.True(own.Receipts.TryRead("kannel", own.Receipts.Make("kannel", user, message, 1), out _));
        using var browser = own.Browser();
        Assert.Equal("/operations/messages", (await EnterAsync(browser, code)).Path);
        using var second = own.Browser();
        Assert.Equal(HttpStatusCode.Forbidden, (await EnterAsync(second, code)).Status);
    }

    [Fact]
    public async Task Wrong_passwords_are_counted_on()
    {
        await using var own = await server.FreshWithOwnKeysAsync();
        var user = await own.UserAsync();
        var place = CountersignServer.NewSource();
        await TypeWrongAsync(own, user, place);

        await own.RotateAsync();
        await TypeWrongAsync(own, user, place);

        using var browser = own.Browser(place);
        Assert.Equal(HttpStatusCode.TooManyRequests, (await CountersignServer.TypePasswordAsync(browser, user.Name, user.Password)).Status);
    }

    [Fact]
    public async Task A_second_key_waits_for_the_first_and_a_grace_that_nodes_would_miss_is_refused()
    {
        await using var own = await server.FreshWithOwnKeysAsync(("Keys:Refresh", "00:01:01"));
        await Assert.ThrowsAsync<StartException>(own.AddKeyAsync);
        Assert.Single(own.KeyFile.Read());

        await using var other = await server.FreshAsync(("Data:KeyFile", own.KeyFile.Path));
        await other.AddKeyAsync();
        await Assert.ThrowsAsync<StartException>(other.AddKeyAsync);
        Assert.Equal(2, other.KeyFile.Read().Count);
    }

    [Fact]
    public async Task A_node_whose_key_file_is_spoilt_goes_on_with_what_it_read()
    {
        await using var own = await server.FreshWithOwnKeysAsync();
        var user = await own.UserAsync();
        await File.WriteAllTextAsync(own.KeyFile.Path, "nothing that is a key\n", TestContext.Current.CancellationToken);
        own.TakeOver();
        using var browser = own.Browser();

        Assert.Equal("/", (await own.SignInAsync(browser, user)).Path);
    }

    /// <summary>Such as by cookies that name keys which nobody has, all day.</summary>
    [Fact]
    [UnsupportedOSPlatform("windows")]
    public async Task A_key_file_that_could_not_be_read_is_tried_again_whoever_asks_for_other_keys()
    {
        await using var own = await server.FreshWithOwnKeysAsync();
        Assert.Single(own.Keys.All);
        await using var another = own.Beside();
        await another.Services.GetRequiredService<RotateMasterKey>().RunAsync(TimeSpan.FromMinutes(2), CancellationToken.None);
        var mode = File.GetUnixFileMode(own.KeyFile.Path);
        File.SetUnixFileMode(own.KeyFile.Path, mode | UnixFileMode.OtherRead);
        own.Clock.Advance(TimeSpan.FromMinutes(2));
        Assert.Single(own.Keys.All);
        File.SetUnixFileMode(own.KeyFile.Path, mode);

        for (var i = 0; i < 4; i++)
        {
            own.Clock.Advance(TimeSpan.FromSeconds(30));
            Assert.Null(own.Keys.Derive("nobody-has", Sealed.Use));
        }

        Assert.Equal(2, own.Keys.All.Count);
    }

    [Fact]
    public async Task A_node_that_lacks_the_key_of_a_password_refuses_it_without_a_fault_until_it_has_it()
    {
        await using var own = await server.FreshWithOwnKeysAsync();
        var user = await own.UserAsync();
        var other = await own.UserAsync();
        var forgotten = await File.ReadAllTextAsync(own.KeyFile.Path, TestContext.Current.CancellationToken);
        await own.RotateAsync();
        using (var browser = own.Browser())
        {
            await own.SignInAsync(browser, user);
        }

        // Another node, on the same rows, whose copy of the file was forgotten.
        var complete = await File.ReadAllTextAsync(own.KeyFile.Path, TestContext.Current.CancellationToken);
        await File.WriteAllTextAsync(own.KeyFile.Path, forgotten, TestContext.Current.CancellationToken);
        own.TakeOver();
        using var later = own.Browser();

        Assert.Equal(
            HttpStatusCode.ServiceUnavailable, (await CountersignServer.TypePasswordAsync(later, user.Name, user.Password)).Status);

        // One row takes no node away from everybody else: it may be forged.
        Assert.DoesNotContain(Lacks, await HealthAsync(own), StringComparison.Ordinal);
        using var another = own.Browser();
        Assert.Equal("/", (await own.SignInAsync(another, other)).Path);

        await File.WriteAllTextAsync(own.KeyFile.Path, complete, TestContext.Current.CancellationToken);
        Assert.Equal("/", (await own.SignInAsync(later, user)).Path);
    }

    [Fact]
    public async Task A_node_that_cannot_open_the_ring_adds_no_key_to_it_goes_on_with_the_one_it_has_and_comes_back_by_itself()
    {
        await using var own = await server.FreshWithOwnKeysAsync();
        var user = await own.UserAsync();
        var forgotten = await File.ReadAllTextAsync(own.KeyFile.Path, TestContext.Current.CancellationToken);
        await own.RotateAsync();
        var complete = await File.ReadAllTextAsync(own.KeyFile.Path, TestContext.Current.CancellationToken);
        var now = TimeProvider.System.GetUtcNow();
        byte[] closed;
        await using (var another = own.Beside())
        {
            another.Services.GetRequiredService<IKeyManager>().CreateNewKey(now, now + TimeSpan.FromDays(90));
            closed = ProtectorOf(another.Services).Protect([1, 2, 3]);
        }

        await File.WriteAllTextAsync(own.KeyFile.Path, forgotten, TestContext.Current.CancellationToken);
        await HealthAsync(own, said => said.Contains(Lacks, StringComparison.Ordinal));
        using var browser = own.Browser();
        Assert.Equal("/", (await own.SignInAsync(browser, user)).Path);
        var (ring, protector) = (own.App.Services.GetRequiredService<IKeyManager>(), ProtectorOf(own.App.Services));
        Assert.False(
            own.App.Services.GetRequiredService<IDefaultKeyResolver>().ResolveDefaultKeyPolicy(
                now, ring.GetAllKeys()).ShouldGenerateNewKey);
        Assert.Throws<MasterKeyMissingException>(() => ring.CreateNewKey(now, now + TimeSpan.FromDays(90)));
        Assert.Throws<CryptographicException>(() => protector.Unprotect(closed));

        await File.WriteAllTextAsync(own.KeyFile.Path, complete, TestContext.Current.CancellationToken);
        await HealthAsync(own, said => !said.Contains(Lacks, StringComparison.Ordinal));
        Assert.Equal([1, 2, 3], protector.Unprotect(closed));
        Assert.Equal("/settings", (await browser.GetAsync("/settings")).Path);
        Assert.Equal(2, (await own.RowsAsync<KeyRingRow>(_ => true)).Count);
    }

    private static IDataProtector ProtectorOf(IServiceProvider services) =>
        services.GetRequiredService<IDataProtectionProvider>().CreateProtector("tests");

    private static async Task<string> HealthAsync(CountersignServer own)
    {
        using var probe = own.Browser();
        return (await probe.GetAsync("/health/ready")).Html;
    }

    /// <summary>Time goes by until the node says what it is to say; nobody asks it for anything else.</summary>
    private static Task HealthAsync(CountersignServer own, Func<string, bool> isSaid) => Waiting.UntilAsync(
        async () =>
        {
            own.Clock.Advance(TimeSpan.FromSeconds(30));
            return isSaid(await HealthAsync(own));
        },
        Waiting.Ceiling);

    private static async Task TypeWrongAsync(CountersignServer own, TestUser user, string place)
    {
        for (var i = 0; i < 5; i++)
        {
            using var browser = own.Browser(place);
            await CountersignServer.TypePasswordAsync(browser, user.Name, "certainly not this one");
        }
    }

    private static async Task<TestPage> EnterAsync(TestBrowser browser, string code) =>
        await browser.SubmitAsync(
            await browser.GetAsync("/operations/enter"), "operator-code", new Dictionary<string, string> { ["operator-code"] = code });
}

public sealed class RotationOnSqlite(OnSqlite server) : RotationTests(server);

public sealed class RotationOnPostgres(OnPostgres server) : RotationTests(server);
