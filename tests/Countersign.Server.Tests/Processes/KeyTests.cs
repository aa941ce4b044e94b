using System.Buffers.Text;
using System.Globalization;
using System.Runtime.Versioning;
using Countersign.Testing;
using Microsoft.Data.Sqlite;

namespace Countersign.Server.Tests.Processes;

/// <summary>Keys as an operator meets them: the file, the HSM, the commands.</summary>
public sealed class KeyTests : IDisposable
{
    private static readonly string[] Quick = ["--set", "Keys:Refresh=00:00:01"];
    private static readonly TimeSpan Ceiling = Waiting.Ceiling;
    private readonly TestFolder _folder = new();

    private string KeyFile => Path.Combine(_folder.Path, "master.keys");

    private string[] Where => ["--data", _folder.Path, .. Quick];

    public void Dispose() => _folder.Dispose();

    [Fact]
    [UnsupportedOSPlatform("windows")]
    public async Task A_key_file_that_others_can_read_or_that_is_cut_off_stops_the_start()
    {
        await Command.DoAsync(["db", "migrate", .. Where]);
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(KeyFile));
        File.SetUnixFileMode(KeyFile, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.GroupRead);
        await Command.RefusedAsync("chmod 600", ["serve", .. Where]);
        File.SetUnixFileMode(KeyFile, UnixFileMode.UserRead);
        await Command.DoAsync(["keys", "list", .. Where]);

        File.SetUnixFileMode(KeyFile, UnixFileMode.UserRead | UnixFileMode.UserWrite);
        var whole = await File.ReadAllTextAsync(KeyFile, TestContext.Current.CancellationToken);
        await File.WriteAllTextAsync(
            KeyFile, whole + whole.Replace("1 ", "2 ", StringComparison.Ordinal)[..40], TestContext.Current.CancellationToken);
        await Command.RefusedAsync("Line 2 of the key file", ["serve", .. Where]);
        await File.WriteAllTextAsync(KeyFile, whole + whole, TestContext.Current.CancellationToken);
        await Command.RefusedAsync("holds the key 1 twice", ["serve", .. Where]);
        await File.WriteAllTextAsync(KeyFile, "# nothing\n", TestContext.Current.CancellationToken);
        await Command.RefusedAsync("holds no key", ["serve", .. Where]);
    }

    [Fact]
    public async Task Keys_move_into_the_HSM_and_back_and_stay_the_same()
    {
        using var hsm = await SoftHsm.NewAsync();
        await Command.DoAsync(["db", "migrate", .. Where]);
        var before = await File.ReadAllTextAsync(KeyFile, TestContext.Current.CancellationToken);
        await File.AppendAllTextAsync(KeyFile, "# a word of the operator\n", TestContext.Current.CancellationToken);
        await Command.RefusedAsync("keys move --to pkcs11", ["serve", .. Where, .. hsm.Source]);

        Assert.Contains(
            "Set Keys:Source to Pkcs11",
            await Command.DoAsync(["keys", "move", "--to", "pkcs11", .. Where, .. hsm.Settings], hsm.Environment),
            StringComparison.Ordinal);

        var wrapped = await File.ReadAllTextAsync(KeyFile, TestContext.Current.CancellationToken);
        Assert.DoesNotContain(before.Split(' ')[^1].Trim(), wrapped, StringComparison.Ordinal);
        Assert.Contains("pkcs11:countersign-1", wrapped, StringComparison.Ordinal);
        Assert.Contains("# a word of the operator", wrapped, StringComparison.Ordinal);
        await Command.RefusedAsync("Keys:Pkcs11:Module is not set", ["keys", "list", .. Where]);
        await Command.RefusedAsync("Set Keys:Source to Pkcs11", ["keys", "rotate", .. Where, .. hsm.Settings], hsm.Environment);
        Assert.Contains(
            "pkcs11:countersign-1",
            await Command.DoAsync(["keys", "list", .. Where, .. hsm.Source], hsm.Environment),
            StringComparison.Ordinal);

        await Command.DoAsync(
            ["keys", "move", "--to", "pkcs11", "--set", "Keys:Pkcs11:KeyLabel=second", .. Where, .. hsm.Source], hsm.Environment);
        Assert.Contains(
            "pkcs11:second", await File.ReadAllTextAsync(KeyFile, TestContext.Current.CancellationToken), StringComparison.Ordinal);

        await Command.DoAsync(["keys", "move", "--to", "file", .. Where, .. hsm.Source], hsm.Environment);
        Assert.StartsWith(before, await File.ReadAllTextAsync(KeyFile, TestContext.Current.CancellationToken), StringComparison.Ordinal);
        await Command.DoAsync(["keys", "list", .. Where]);
        Assert.False(File.Exists(KeyFile + ".before"));
    }

    [Fact]
    public async Task A_grace_of_more_than_a_week_is_refused_with_what_was_meant()
    {
        await Command.DoAsync(["db", "migrate", .. Where]);

        await Command.RefusedAsync("a day is 1 or 24:00:00", ["keys", "rotate", "--grace", "24", .. Where]);
        await Command.RefusedAsync("at most 7 days", ["keys", "rotate", "--grace", "9000000", .. Where]);
        Assert.Single(await File.ReadAllLinesAsync(KeyFile, TestContext.Current.CancellationToken));
    }

    [Fact]
    public async Task What_is_wrong_with_the_HSM_is_said_in_a_sentence()
    {
        using var hsm = await SoftHsm.NewAsync();
        await Command.DoAsync(["db", "migrate", .. Where, .. hsm.Source], hsm.Environment);
        Assert.Contains(
            "pkcs11:countersign-1", await File.ReadAllTextAsync(KeyFile, TestContext.Current.CancellationToken), StringComparison.Ordinal);
        var wrong = Path.Combine(_folder.Path, "wrong-pin");
        SoftHsm.WritePin(wrong, "11112222");

        await RefusedAsync("refuses the PIN", $"Keys:Pkcs11:PinFile={wrong}");
        await RefusedAsync("cannot be read", "Keys:Pkcs11:PinFile=/nowhere/pin");
        await RefusedHereAsync("There is no PKCS#11 library", "Keys:Pkcs11:Module=/nowhere/module.so");
        await RefusedHereAsync("cannot be loaded", $"Keys:Pkcs11:Module={KeyFile}");
        await RefusedAsync("has no token other", "Keys:Pkcs11:TokenLabel=other");
        await RefusedAsync("is not set", "Keys:Pkcs11:TokenLabel=");

        var text = await File.ReadAllTextAsync(KeyFile, TestContext.Current.CancellationToken);
        await File.WriteAllTextAsync(
            KeyFile, text.Replace("countersign-1", "countersign-9", StringComparison.Ordinal), TestContext.Current.CancellationToken);
        await RefusedAsync("has no AES key countersign-9", "Keys:Source=Pkcs11");
        await File.WriteAllTextAsync(
            KeyFile, text.Replace("1 made", "7 made", StringComparison.Ordinal), TestContext.Current.CancellationToken);
        await RefusedAsync("does not open the master key 7", "Keys:Source=Pkcs11");
        await File.WriteAllTextAsync(KeyFile, text, TestContext.Current.CancellationToken);
        await Command.DoAsync(["keys", "list", .. Where, .. hsm.Source], hsm.Environment);

        Task RefusedAsync(string why, string setting) =>
            Command.RefusedAsync(why, ["serve", .. Where, .. hsm.Source, "--set", setting], hsm.Environment);

        // No module comes so far that it would read the environment.
        Task RefusedHereAsync(string why, string setting) =>
            Command.RefusedAsync(why, ["serve", .. Where, .. hsm.Source, "--set", setting]);
    }

    [Fact]
    [UnsupportedOSPlatform("windows")]
    public async Task With_keys_in_the_HSM_people_sign_in_through_a_rotation_and_a_restart()
    {
        using var hsm = await SoftHsm.NewAsync();
        string[] where = [.. Where, .. hsm.Source];
        TestBrowser browser;
        await using (var node = await DemoNode.WithAsync(where, hsm.Environment))
        {
            browser = new TestBrowser(node.BaseAddress);
            Assert.Equal("/", (await SignInAsync(node, browser, "mei.chan", "+85251234567")).Path);
            var id = await RotateAsync(where, hsm.Environment);
            using var later = new TestBrowser(node.BaseAddress);
            Assert.Equal("/", (await SignInAsync(node, later, "olivia.reed", "+12015550123")).Path);
            Assert.Equal("/settings", (await browser.GetAsync("/settings")).Path);
            Assert.StartsWith("1 ", await Command.DoAsync(["keys", "rewrap", .. where], hsm.Environment), StringComparison.Ordinal);
            var list = await Command.DoAsync(["keys", "list", .. where], hsm.Environment);
            Assert.Contains(
                "1 keys of the key ring",
                list.Split('\n').Single(l => l.StartsWith(id, StringComparison.Ordinal)),
                StringComparison.Ordinal);
            Assert.DoesNotContain(
                "credentials", list.Split('\n').Single(l => l.StartsWith("1 ", StringComparison.Ordinal)), StringComparison.Ordinal);
            Assert.DoesNotContain("[12001]", node.Output, StringComparison.Ordinal);
            Assert.Equal(0, await node.StopAsync());
            var forgotten = Path.Combine(_folder.Path, "forgotten.keys");
            await File.WriteAllLinesAsync(
                forgotten,
                (await File.ReadAllLinesAsync(KeyFile, TestContext.Current.CancellationToken))[..1],
                TestContext.Current.CancellationToken);
            File.SetUnixFileMode(forgotten, UnixFileMode.UserRead);
            await Command.RefusedAsync(
                "lacks the master key " + id, ["keys", "list", .. where, "--set", $"Data:KeyFile={forgotten}"], hsm.Environment);
        }

        await using var again = await DemoNode.WithAsync(where, hsm.Environment);
        using var same = new TestBrowser(again.BaseAddress);
        same.TakeCookies(browser);
        browser.Dispose();
        Assert.Equal("/settings", (await same.GetAsync("/settings")).Path);
        using var second = new TestBrowser(again.BaseAddress);
        Assert.Equal("/", (await SignInAsync(again, second, "arjun.rao", "+918123456789")).Path);
    }

    [Fact]
    public async Task A_new_key_of_the_ring_is_known_to_a_running_node_before_it_is_used()
    {
        await using var node = await DemoNode.WithAsync(Where);
        using var browser = new TestBrowser(node.BaseAddress);
        await SignInAsync(node, browser, "mei.chan", "+85251234567");

        Assert.Contains("has a new key", await Command.DoAsync(["keys", "rotate", "--ring", .. Where]), StringComparison.Ordinal);

        Assert.Contains("2 keys of the key ring", await Command.DoAsync(["keys", "list", .. Where]), StringComparison.Ordinal);
        var keys = await ReadAsync("SELECT name FROM key_ring ORDER BY rowid", row => Guid.Parse(row.GetString(0)["key-".Length..]));
        await Waiting.UntilAsync(
            async () =>
            {
                using var another = new TestBrowser(node.BaseAddress);
                await another.GetAsync("/sign-in");
                return EncryptedBy(another.Cookies.Single(c => c.Key.EndsWith("form", StringComparison.Ordinal)).Value) == keys[1];
            },
            Ceiling);
        Assert.Equal("/settings", (await browser.GetAsync("/settings")).Path);
        using var second = new TestBrowser(node.BaseAddress);
        Assert.Equal("/", (await SignInAsync(node, second, "arjun.rao", "+918123456789")).Path);
        Assert.DoesNotContain("[12010]", node.Output, StringComparison.Ordinal);
    }

    /// <summary>A ciphertext of Data Protection begins with four bytes of its own and the id of its key.</summary>
    private static Guid EncryptedBy(string formToken) => new(Base64Url.DecodeFromChars(formToken).AsSpan(4, 16));

    private async Task<IReadOnlyList<T>> ReadAsync<T>(string sql, Func<SqliteDataReader, T> read)
    {
        await using var connection = new SqliteConnection($"Data Source={Path.Combine(_folder.Path, "countersign.db")};Pooling=False");
        await connection.OpenAsync(TestContext.Current.CancellationToken);
        await using var command = connection.CreateCommand();
#pragma warning disable CA2100 // Text of this file.
        command.CommandText = sql;
#pragma warning restore CA2100
        await using var rows = await command.ExecuteReaderAsync(TestContext.Current.CancellationToken);
        var all = new List<T>();
        while (await rows.ReadAsync(TestContext.Current.CancellationToken))
        {
            all.Add(read(rows));
        }

        return all;
    }

    /// <summary>Adds a key and waits until it has taken over. The grace is ten times what a node takes to read it.</summary>
    internal static async Task<string> RotateAsync(IReadOnlyList<string> where, IReadOnlyDictionary<string, string>? environment)
    {
        var said = await Command.DoAsync(["keys", "rotate", "--grace", "00:00:10", .. where], environment);
        var words = said.Split(' ', '\n');
        var takesOver = DateTimeOffset.Parse(words[6].TrimEnd('.'), CultureInfo.InvariantCulture);
        await Waiting.UntilAsync(() => Task.FromResult(TimeProvider.System.GetUtcNow() > takesOver), Ceiling);
        return words[2];
    }

    internal static async Task<TestPage> SignInAsync(PublishedServer node, TestBrowser browser, string user, string mobile)
    {
        var had = (await DemoNode.CodesAsync(node, mobile)).Count;
        var page = await DemoNode.TypePasswordAsync(browser, user);
        return await DemoNode.TypeCodeAsync(browser, page, await DemoNode.CodeAsync(node, mobile, had));
    }
}
