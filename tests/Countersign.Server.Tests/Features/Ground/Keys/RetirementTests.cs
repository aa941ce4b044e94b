using Countersign.Server.Data;
using Countersign.Server.Data.Protection;
using Countersign.Server.Features.Confirming.Devices;
using Countersign.Server.Features.Ground.Audit;
using Countersign.Server.Features.Registry.People;
using Countersign.Server.Tests.Hosting;
using Countersign.Server.Tests.Telemetry;
using Countersign.Testing;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;

namespace Countersign.Server.Tests.Features.Ground.Keys;

/// <summary>A master key leaves the file once nothing needs it, and not a moment before (B22).</summary>
public abstract class RetirementTests(CountersignServer server)
{
    [Fact]
    public async Task It_is_refused_while_anything_needs_the_key_and_says_what()
    {
        await using var own = await server.FreshWithOwnKeysAsync();
        await own.UserAsync();
        await own.ApplicationAsync();
        await RefusesAsync(own, "current", "1");
        await RefusesAsync(own, "no key", "9");
        var id = await own.AddKeyAsync();
        own.Clock.Advance(TimeSpan.FromSeconds(2));
        await RefusesAsync(own, "too soon", id);
        own.TakeOver();
        await RefusesAsync(own, "live until", "1");
        own.Clock.Advance(TimeSpan.FromDays(1));
        var why = await RefusesAsync(own, "is needed", "1");

        Assert.Contains("1 keys of the key ring", why, StringComparison.Ordinal);
        Assert.Contains("1 passwords", why, StringComparison.Ordinal);
        Assert.Contains("1 application secrets", why, StringComparison.Ordinal);
        Assert.Contains("1 credentials: run countersign keys rewrap", why, StringComparison.Ordinal);
        Assert.Contains("1 holders' details", why, StringComparison.Ordinal);
        Assert.DoesNotContain("audit", why, StringComparison.Ordinal);
        Assert.Equal(2, own.KeyFile.Read().Count);
    }

    [Fact]
    public async Task What_is_left_checks_old_rows_and_nothing_else()
    {
        await using var own = await server.FreshWithOwnKeysAsync();
        var user = await own.UserAsync();
        var place = CountersignServer.NewSource();
        using (var browser = own.Browser(place))
        {
            await CountersignServer.TypePasswordAsync(browser, user.Name, "certainly not this one");
        }

        var counts = own.Keys.Lookup("user-name");
        await own.RotateAsync();
        own.Clock.Advance(TimeSpan.FromDays(1));
        Assert.Equal(1, await own.RewrapAsync());
        Assert.Equal(0, await own.RewrapAsync());
        await own.RenewSealsAsync();

        var left = await own.RetireAsync("1", keepPasswords: true);
        own.TakeOver();
        var another = own.KeysOfAnotherNode();

        Assert.Equal(["audit", "check", "cookie", "installation-stamp", "look-up", "password"], left.Order());
        Assert.Null(another.Derive("1", "key-ring"));
        Assert.Null(another.Derive("1", Sealed.Use));
        Assert.NotNull(another.Find("1", Sealed.CookieUse));
        Assert.Single(another.All);
        Assert.Equal(counts, another.Lookup("user-name"));
        Assert.All(await own.RowsAsync<AuditEvent>(_ => true), row => Assert.True(own.IsGenuine(row)));
        Assert.Contains(await own.RowsAsync<AuditEvent>(_ => true), row => row.KeyId == "1");
        using var later = own.Browser();
        Assert.Equal("/", (await own.SignInAsync(later, user)).Path);

        // Who has seen the key makes up such cookies.
        Assert.DoesNotContain("cookie", await own.RetireAsync("1", keepPasswords: true, forgetBrowsers: true));
        Assert.Null(own.KeysOfAnotherNode().Find("1", Sealed.CookieUse));
        Assert.DoesNotContain("cookie", await own.RetireAsync("1", keepPasswords: true));

        // Nobody's password needs it now: the rest of it goes as well.
        Assert.Equal(["audit", "check", "installation-stamp", "look-up"], (await own.RetireAsync("1")).Order());
        Assert.Equal(5, own.KeyFile.Read().Count);
        Assert.Equal(counts, own.KeysOfAnotherNode().Lookup("user-name"));
    }

    [Fact]
    public async Task What_the_old_key_closed_takes_the_new_one_and_what_was_changed_stays_and_is_counted()
    {
        await using var own = await server.FreshWithOwnKeysAsync();
        var (user, other, third) = (await own.UserAsync(), await own.UserAsync(), await own.UserAsync());
        using var browser = own.Browser();
        var page = await CountersignServer.TypePasswordAsync(browser, user.Name, user.Password);
        var code = await own.CodeAsync(user);
        var theirs = Assert.Single(await own.RowsAsync<Credential>(c => c.OwnerId == other.Id));
        await own.WriteAsync((db, ct) => db.Set<Credential>().Where(c => c.OwnerId == other.Id).ExecuteUpdateAsync(
            set => set.SetProperty(c => c.State, Flipped(theirs.State)), ct));
        var invented = Assert.Single(await own.RowsAsync<Credential>(c => c.OwnerId == third.Id)).State;
        invented[2] ^= 1;
        await own.WriteAsync((db, ct) => db.Set<Credential>().Where(c => c.OwnerId == third.Id).ExecuteUpdateAsync(
            set => set.SetProperty(c => c.State, invented), ct));
        var id = await own.RotateAsync();

        var (renewed, unreadable) = await own.RenewSealsAsync();

        // Three details, a credential, a challenge and its prompts, the key that signs tokens. A message that was sent holds nothing.
        Assert.Equal((7, 2), (renewed, unreadable));
        Assert.Equal((0, 2), await own.RenewSealsAsync());
        var left = (await own.ListKeysAsync()).Single(k => k.Line.Id == "1").Rows;
        Assert.Equal(1, left.Single(r => r.What == "credentials").Count);
        Assert.DoesNotContain(left, r => r.What is "holders' details" or "challenges" or "messages" or "keys that sign tokens");
        Assert.Contains((await own.ListKeysAsync()).Single(k => k.Line.Id == id).Rows, r => r == ("holders' details", 3));
        Assert.Equal("/", (await CountersignServer.TypeCodeAsync(browser, page, code)).Path);
        Assert.Single(await own.RowsAsync<AuditEvent>(e => e.Event == AuditEvents.SealsRenewed));
        Assert.Equal(Flipped(theirs.State), (await own.RowsAsync<Credential>(c => c.OwnerId == other.Id)).Single().State);
    }

    [Fact]
    public async Task It_reaches_past_a_page_of_rows_and_writes_over_nothing_that_changed_meanwhile()
    {
        const int MoreThanAPage = 620;
        await using var own = await server.FreshWithOwnKeysAsync();
        using var measured = new Measured(own);
        var people = Enumerable.Range(0, MoreThanAPage)
            .Select(_ => Guid.CreateVersion7(own.Clock.GetUtcNow()))
            .ToDictionary(id => id, id => Details(own, id, "before"));
        await own.WriteAsync((db, _) =>
        {
            db.AddRange(people.Select(
                p => new Person { Id = p.Key, Number = p.Key.ToString("N"), Name = "Somebody", Residence = "HK", Details = p.Value }));
            return Task.FromResult(0);
        });
        await own.RotateAsync();

        // Of the first page, which is read before the change is kept.
        await using var reader = own.Reader();
        var order = await reader.Set<Person>().OrderBy(p => p.Id).Select(p => p.Id).ToListAsync(TestContext.Current.CancellationToken);
        var (changed, last) = (order[0], order[^1]);
        var begun = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var go = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var other = own.WriteAsync(async (db, ct) =>
        {
            await db.Set<Person>().Where(p => p.Id == changed).ExecuteUpdateAsync(
                set => set.SetProperty(p => p.Details, Details(own, changed, "after")), ct);
            begun.TrySetResult();
            await HoldAsync(go.Task);
            return 0;
        });
        Task renewal;
        try
        {
            // Whichever comes first: one that failed begins nothing.
            await (await Task.WhenAny(begun.Task, other)).WaitAsync(Waiting.Ceiling, TestContext.Current.CancellationToken);
            var stopsHere = StopsBehind(own, measured);
            renewal = own.RenewSealsAsync();
            await Waiting.UntilAsync(stopsHere, Waiting.Ceiling);
        }
        finally
        {
            // Whatever happened: the server does not end before its units do.
            go.SetResult();
        }

        await other.WaitAsync(Waiting.Ceiling, TestContext.Current.CancellationToken);
        await renewal.WaitAsync(Waiting.Ceiling, TestContext.Current.CancellationToken);

        var left = (await own.ListKeysAsync()).Single(k => k.Line.Id == "1").Rows;
        Assert.DoesNotContain(left, r => r.What == "holders' details");
        Assert.Equal("after", await TeamOfAsync(own, changed));
        Assert.Equal("before", await TeamOfAsync(own, last));
    }

    /// <summary>Asks whether a unit that begins after this has stopped behind the one at work.</summary>
    private protected abstract Func<Task<bool>> StopsBehind(CountersignServer own, Measured measured);

    /// <summary>Has the unit stand still, as units of this database may.</summary>
    private protected abstract Task HoldAsync(Task go);

    private static byte[] Details(CountersignServer own, Guid person, string team) => own.Protection.Protect(
        HolderDetails.Column, person, person, HolderDetails.None with { Teams = [team] }, PeopleJson.Default.HolderDetails);

    private static async Task<string> TeamOfAsync(CountersignServer own, Guid person)
    {
        var row = Assert.Single(await own.RowsAsync<Person>(p => p.Id == person));
        return Assert.Single(own.Protection.Unprotect(
            HolderDetails.Column, person, person, row.Details, PeopleJson.Default.HolderDetails).Teams);
    }

    private static byte[] Flipped(byte[] closed) => [.. closed[..^1], (byte)(closed[^1] ^ 1)];

    [Fact]
    public async Task The_ring_opens_by_the_new_key_alone()
    {
        await using var own = await server.FreshWithOwnKeysAsync();
        await own.UserAsync();
        var id = await own.RotateAsync();
        await own.RewrapAsync();

        var row = Assert.Single(await own.RowsAsync<KeyRingRow>(_ => true));
        var wrapping = Assert.Single(System.Xml.Linq.XElement.Parse(row.Xml).Descendants("wrapped"));
        Assert.Equal(id, wrapping.Attribute("key")!.Value);
        Assert.NotEmpty(KeyRingUnwrap.Open(own.Keys, wrapping).Value);
    }

    [Fact]
    public async Task A_key_that_has_not_taken_over_can_be_taken_back_while_every_node_still_hears_of_it()
    {
        await using var own = await server.FreshWithOwnKeysAsync();
        var id = await own.AddKeyAsync();

        Assert.Empty(await own.RetireAsync(id));

        Assert.Equal(["1"], own.KeyFile.Read().Select(l => l.Id));
        await own.AddKeyAsync();
        Assert.Equal(2, own.KeyFile.Read().Count);
    }

    [Fact]
    public async Task Beside_keys_in_an_HSM_no_bare_one_is_written()
    {
        await using var own = await server.FreshWithOwnKeysAsync();
        await own.RotateAsync();
        await own.RewrapAsync();
        await own.RenewSealsAsync();
        own.Clock.Advance(TimeSpan.FromDays(1));
        await File.AppendAllTextAsync(
            own.KeyFile.Path,
            $"9 pkcs11:countersign-1 {Convert.ToBase64String(new byte[KeyLine.WrappedLength])}\n",
            TestContext.Current.CancellationToken);
        var before = await File.ReadAllTextAsync(own.KeyFile.Path, TestContext.Current.CancellationToken);

        await RefusesAsync(own, "Set Keys:Source to Pkcs11", "1");

        Assert.Equal(before, await File.ReadAllTextAsync(own.KeyFile.Path, TestContext.Current.CancellationToken));
    }

    [Fact]
    public async Task Of_two_commands_that_change_the_file_one_waits_its_turn_and_after_one_that_was_cut_off_none_begins()
    {
        await using var own = await server.FreshWithOwnKeysAsync();
        using (own.KeyFile.Lock())
        {
            Assert.Contains(
                "Another command", (await Assert.ThrowsAsync<StartException>(own.AddKeyAsync)).Message, StringComparison.Ordinal);
            await RefusesAsync(own, "Another command", "1");
        }

        await File.WriteAllTextAsync(own.KeyFile.Path + ".before", "what the file held\n", TestContext.Current.CancellationToken);
        await RefusesAsync(own, "was cut off", "1");
        File.Delete(own.KeyFile.Path + ".before");
        await own.AddKeyAsync();
    }

    [Fact]
    public async Task A_change_that_cannot_be_made_leaves_no_copy_behind()
    {
        await using var own = await server.FreshWithOwnKeysAsync();

        Assert.Throws<InvalidOperationException>(() => own.KeyFile.Rewrite(_ => throw new InvalidOperationException("No.")));

        Assert.False(File.Exists(own.KeyFile.Path + ".before"));
        Assert.Single(own.KeyFile.Read());
    }

    private static async Task<string> RefusesAsync(CountersignServer own, string words, string id)
    {
        var refused = await Assert.ThrowsAsync<StartException>(() => own.RetireAsync(id));
        Assert.Contains(words, refused.Message, StringComparison.Ordinal);
        return refused.Message;
    }
}

public sealed class RetirementOnSqlite(OnSqlite server) : RetirementTests(server)
{
    private const string Queue = "countersign.writer.queue{}";

    /// <summary>On the thread itself: the writer has no other.</summary>
    private protected override Task HoldAsync(Task go)
    {
#pragma warning disable CA1849 // As said.
        go.Wait(CancellationToken.None);
#pragma warning restore CA1849
        return Task.CompletedTask;
    }

    private protected override Func<Task<bool>> StopsBehind(CountersignServer own, Measured measured)
    {
        // Nothing leaves the queue while the one at work stands still.
        var before = measured[Queue];
        return () => Task.FromResult(measured[Queue] > before);
    }
}

public sealed class RetirementOnPostgres(OnPostgres server) : RetirementTests(server)
{
    private protected override Task HoldAsync(Task go) => go;

    private protected override Func<Task<bool>> StopsBehind(CountersignServer own, Measured measured)
    {
        var database = own.App.Services.GetRequiredService<Contexts>().Postgres!;
        return async () => await OnPostgres.WaitingForLocksAsync(database) > 0;
    }
}
