using System.Globalization;
using System.Text;
using Countersign.Server.Features.Access.Passwords;
using Countersign.Server.Features.Clients.Records.Import;
using Countersign.Server.Features.Ground.Imports;
using Countersign.Server.Features.Ground.Audit;
using Countersign.Server.Features.Confirming.Devices;
using Countersign.Server.Features.Messaging.Messages;
using Countersign.Server.Features.Registry.Accounts;
using Countersign.Server.Features.Registry.People;
using Countersign.Server.Features.Registry.PhoneNumbers;
using Countersign.Server.Features.Registry.Users;
using Countersign.Server.Tests.Hosting;
using Countersign.Testing;
using CsCheck;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Time.Testing;

namespace Countersign.Server.Tests.Features.Clients.Records.Import;

public abstract class ImportTests(CountersignServer server)
{
    private const string Header =
        "person,name,user,email,account,jurisdiction,residence,zone,equity,equity_currency,equity_as_of,mobile,"
        + "mobile_verified_at,initial_password\n";

    [Fact]
    public async Task An_imported_user_signs_in_with_the_code_and_has_to_choose_a_password()
    {
        var user = new TestUser(Guid.Empty, "imp.one", "first password of mine", "+85262345671", "imp.one@mail.example");
        await ImportAsync(Header + Row(user.Name, "IMP-1", user.Mobile, user.Password));
        using var browser = server.Browser();
        await server.EnrolAsync();

        var page = await server.SignInAsync(browser, user);

        Assert.Equal("/settings/password", page.Path);
    }

    [Fact]
    public async Task Importing_again_brings_up_to_date_and_never_touches_a_password()
    {
        await ImportAsync(Header + Row("imp.two", "IMP-2", "+85262345672", "first password of mine"));
        var before = Assert.Single(await server.RowsAsync<User>(u => u.NormalisedName == "imp.two"));

        var result = await ImportAsync(
            Header
                + Row("IMP.TWO", "IMP-2", "+85262345672", "another password of mine").Replace("1000.5", "2500", StringComparison.Ordinal));

        Assert.Equal((0, 1), (result.NewUsers, result.UpdatedUsers));
        var after = Assert.Single(await server.RowsAsync<User>(u => u.NormalisedName == "imp.two"));
        Assert.Equal(before.PasswordHash, after.PasswordHash);
        Assert.Equal(2500m, Assert.Single(await server.RowsAsync<Account>(a => a.Number == "IMP-2")).Equity);
        Assert.Single(await server.RowsAsync<PhoneNumber>(n => n.UserId == after.Id));
    }

    [Fact]
    public async Task A_leaner_file_takes_nothing_away_and_a_later_number_is_young()
    {
        const string Full = "person,name,user,account,jurisdiction,residence,zone,equity,equity_currency,equity_as_of,birthday,relatives\n";
        await ImportAsync(
            Full + "P-lean,Name of lean,imp.lean,IMP-6,HK,HK,Asia/Hong_Kong,1000.5,USD,2026-11-20,1980-05-01,Ann 2001-02-03\n");
        var before = Assert.Single(await server.RowsAsync<Person>(p => p.Number == "P-lean")).Details;

        await ImportAsync(
            Header + "P-lean,Name of lean,imp.lean,,IMP-6,HK,HK,Asia/Hong_Kong,1000.5,USD,2026-11-20,+85262345678,2020-01-01T00:00:00Z,\n");

        Assert.Equal(before, Assert.Single(await server.RowsAsync<Person>(p => p.Number == "P-lean")).Details);
        var user = Assert.Single(await server.RowsAsync<User>(u => u.NormalisedName == "imp.lean"));
        Assert.Equal(server.Clock.GetUtcNow(), Assert.Single(await server.RowsAsync<PhoneNumber>(n => n.UserId == user.Id)).VerifiedAt);
    }

    [Fact]
    public async Task A_joint_account_has_two_holders_and_two_users()
    {
        await ImportAsync(Header + Row("imp.left", "IMP-3", "", "") + Row("imp.right", "IMP-3", "", ""));

        var account = Assert.Single(await server.RowsAsync<Account>(a => a.Number == "IMP-3"));
        Assert.Equal(2, (await server.RowsAsync<AccountHolder>(h => h.AccountId == account.Id)).Count);
        Assert.Equal(2, (await server.RowsAsync<AccountUser>(u => u.AccountId == account.Id)).Count);
    }

    [Fact]
    public async Task What_breaks_in_the_middle_leaves_nothing()
    {
        // The third user belongs to another person already, which only the database knows.
        await ImportAsync(Header + Row("imp.owned", "IMP-4", "", ""));
        var file = Header
            + Row("imp.new", "IMP-5", "", "")
            + Row("imp.owned", "IMP-4", "", "").Replace("P-imp.owned", "P-somebody", StringComparison.Ordinal);

        var refused = await TryAsync(file);

        Assert.Equal("account.user_of_another", refused.Error?.Code);
        Assert.Equal(["imp.owned"], refused.Error!.Arguments);
        Assert.Empty(await server.RowsAsync<User>(u => u.NormalisedName == "imp.new"));
        Assert.Empty(await server.RowsAsync<Account>(a => a.Number == "IMP-5"));
    }

    /// <summary>What is stored of a person is neither lost nor written over (D28).</summary>
    [Fact]
    public async Task A_person_whose_facts_were_changed_in_the_database_is_refused_by_number()
    {
        await ImportAsync(Header + Row("imp.changed", "IMP-7", "", ""));
        await server.WriteAsync(
            (db, ct) => db.Set<Person>().Where(p => p.Number == "P-imp.changed").ExecuteUpdateAsync(
                set => set.SetProperty(p => p.Details, new byte[40]), ct));

        var refused = await TryAsync(Header + Row("imp.beside", "IMP-8", "", "") + Row("imp.changed", "IMP-7", "", ""));

        Assert.Equal("account.person_unreadable", refused.Error?.Code);
        Assert.Equal(["P-imp.changed"], refused.Error!.Arguments);
        Assert.Empty(await server.RowsAsync<Account>(a => a.Number == "IMP-8"));
    }

    [Fact]
    public async Task Twenty_thousand_rows_go_in_at_once()
    {
        await using var own = await server.FreshAsync();
        var file = new StringBuilder(Header);
        for (var i = 0; i < 20_000; i++)
        {
            file.Append(
                Row(string.Create(CultureInfo.InvariantCulture, $"many{i}"), string.Create(CultureInfo.InvariantCulture, $"M{i}"), "", ""));
        }

        var result = await ImportAsync(file.ToString(), own);

        Assert.Equal(20_000, result.NewUsers);
        Assert.Equal(20_000, await own.CountAsync<AccountUser>());
    }

    [Fact]
    public async Task A_row_says_what_its_user_is_to_the_account_and_one_that_says_nothing_leaves_it()
    {
        const string Roles = "person,name,user,account,jurisdiction,residence,zone,equity,equity_currency,equity_as_of,role\n";
        static string Line(string user, string role) =>
            $"P-{user},Name of {user},{user},IMP-R,HK,HK,Asia/Hong_Kong,1000.5,USD,2026-11-20,{role}\n";
        await ImportAsync(Roles + Line("role.one", "") + Line("role.two", "viewer") + Line("role.three", "advisor"));
        await ImportAsync(Roles + Line("role.one", "") + Line("role.two", "") + Line("role.three", "security_officer"));

        var account = Assert.Single(await server.RowsAsync<Account>(a => a.Number == "IMP-R")).Id;
        var roles = (await server.RowsAsync<AccountUser>(l => l.AccountId == account)).ToDictionary(l => l.UserId, l => l.Role);
        var users = (await server.RowsAsync<User>(u => roles.Keys.Contains(u.Id))).ToDictionary(u => u.NormalisedName, u => roles[u.Id]);
        Assert.Equal(AccountRole.Owner, users["role.one"]);
        Assert.Equal(AccountRole.Viewer, users["role.two"]);
        Assert.Equal(AccountRole.SecurityOfficer, users["role.three"]);
        Assert.Single(await server.RowsAsync<AccountHolder>(h => h.AccountId == account));
        var told = await server.RowsAsync<AuditEvent>(e => e.Event == AuditEvents.AccountRoleSet && e.ActorKind == ActorKind.Import);
        Assert.Equal(3, told.Count(t => roles.ContainsKey(t.UserId!.Value)));
        Assert.All(told, t => Assert.Equal("clients.csv", t.ActorId));
    }

    /// <summary>A file of a hundred thousand must not be a hundred thousand messages in a minute.</summary>
    [Fact]
    public async Task Its_notices_trickle_one_after_the_other_and_the_shield_s_budget_is_left_to_others()
    {
        await using var own = await server.FreshAsync(
            ("Import:NoticesPerMinute", "2"), ("Shield:BudgetPerCountryDaily", "1"), ("Shield:Price", "9"));
        var start = own.Clock.GetUtcNow();
        var result = await ImportAsync(Many(6), own);
        while (await own.EnrolAsync() > 0)
        {
        }

        Assert.Equal(6, result.Enrolled);
        var told = (await own.RowsAsync<Message>(m => m.Template == "notice-device-enrolled")).OrderBy(m => m.CreatedAt).ToList();
        Assert.Equal(6, told.Count);
        await Waiting.UntilAsync(
            async () => (await own.RowsAsync<Message>(m => m.State == MessageState.Delivered)).Count == 1, Waiting.Ceiling);
        Assert.Equal(
            Enumerable.Range(1, 5).Select(i => start + TimeSpan.FromSeconds(30 * i)),
            (await own.RowsAsync<Message>(m => m.State == MessageState.Queued)).Select(m => m.DueAt).Order());
        Assert.Empty(await own.RowsAsync<AuditEvent>(e => e.Event == AuditEvents.BudgetReached));

        own.Clock.Advance(TimeSpan.FromMinutes(5));
        await own.SettledAsync();

        Assert.All(Enumerable.Range(0, 6), i => Assert.Single(own.Sms.To(Mobile(i))));
    }

    [Fact]
    public async Task Quiet_tells_nobody_and_the_audit_says_so()
    {
        await using var own = await server.FreshAsync();
        var result = await TryAsync(Many(3), own, quiet: true);
        while (await own.EnrolAsync() > 0)
        {
        }

        Assert.Equal(3, result.Value!.Enrolled);
        Assert.Equal(3, (await own.RowsAsync<Device>(d => d.Kind == "sms")).Count);
        Assert.Empty(await own.RowsAsync<Message>(_ => true));
        var audited = await own.RowsAsync<AuditEvent>(e => e.Event == AuditEvents.UserImported);
        Assert.Equal(3, audited.Count);
        Assert.All(audited, e => Assert.Contains("\"told\":\"False\"", e.Details, StringComparison.Ordinal));
    }

    [Fact]
    public async Task What_its_notices_cost_is_known_before()
    {
        await using var own = await server.FreshAsync(("Shield:Price", "0.10"), ("Shield:Prices:GB", "0.05"));
        var check = Read(Many(3) + Row("gb.one", "IMP-GB", "+447400123456", "") + Row("none.one", "IMP-NO", "", ""));

        var costs = own.App.Services.GetRequiredService<ImportCosts>().Of(check.Users);

        Assert.Equal([("HK", 3), ("GB", 1)], costs.Select(c => (c.Region, c.Clients)));
        Assert.All(costs, c => Assert.Equal(c.Parts * (c.Region == "GB" ? 0.05m : 0.10m), c.Cost));
        await ImportAsync(Many(3), own);
        while (await own.EnrolAsync() > 0)
        {
        }

        own.Clock.Advance(TimeSpan.FromMinutes(5));
        await own.SettledAsync();
        Assert.Equal(costs[0].Parts, (await own.RowsAsync<Message>(m => m.Channel == MessageChannel.Sms)).Sum(m => m.Parts));
    }

    private static string Mobile(int number) => string.Create(CultureInfo.InvariantCulture, $"+8526234{number:D4}");

    private static string Many(int count) => Header + string.Concat(Enumerable.Range(0, count).Select(
        i => Row(
            string.Create(CultureInfo.InvariantCulture, $"slow{i}"), string.Create(CultureInfo.InvariantCulture, $"SLOW-{i}"), Mobile(i),
            "")));

    private static string Row(string user, string account, string mobile, string password) =>
        $"P-{user.ToUpperInvariant().ToLowerInvariant()},Name of {user.ToLowerInvariant()},{user},,{account},HK,HK,Asia/Hong_Kong,"
        + $"1000.5,USD,2026-11-20,{mobile},{(mobile.Length > 0 ? "2026-11-01T00:00:00Z" : "")},{password}\n";

    private async Task<ImportResult> ImportAsync(string text, CountersignServer? host = null) => (await TryAsync(text, host)).Value!;

    private Task<Result<ImportResult>> TryAsync(string text, CountersignServer? host = null, bool quiet = false) =>
        (host ?? server).App.Services.GetRequiredService<ImportUsers>()
            .RunAsync(Read(text), Actor.Import("clients.csv"), quiet, (_, _, _) => { }, CancellationToken.None);

    private static ImportCheck Read(string text)
    {
        var check = new ImportCheck();
        foreach (var (row, bad) in ImportFile.Read(new MemoryStream(Encoding.UTF8.GetBytes(text)), ImportParserTests.Parser))
        {
            Assert.Empty(bad);
            Assert.Null(check.Add(row!));
        }

        return check;
    }
}

public sealed class ImportOnSqlite(OnSqlite server) : ImportTests(server);

public sealed class ImportOnPostgres(OnPostgres server) : ImportTests(server);

public sealed class ImportParserTests
{
    private const string Header =
        "person,name,user,account,jurisdiction,residence,zone,equity,equity_currency,equity_as_of,birthday,"
        + "relatives,mobile,mobile_verified_at,initial_password";
    private const string Good =
        "P1,陳大文,tai.man,U1,HK,HK,Asia/Hong_Kong,1000.5,USD,2026-11-20,1980-05-01,"
        + "Ann 2001-02-03|Bob,+85251234567,2026-11-01T08:00:00+08:00,correct horse staple";

    internal static ImportParser Parser { get; } = new(
        new PasswordPolicy(), PasswordBlocklist.Load(null), "Countersign",
        new FakeTimeProvider(new DateTimeOffset(2026, 11, 24, 9, 0, 0, TimeSpan.Zero)));

    [Fact]
    public void A_good_row_is_read_whole()
    {
        var row = Assert.Single(Read($"{Header}\r\n{Good}\r\n").Rows);

        Assert.Equal("陳大文", row.Person.Name);
        Assert.Equal([new("Ann", new DateOnly(2001, 2, 3)), new("Bob", null)], row.Person.Details.Relatives);
        Assert.Equal(1000.5m, row.Account.Equity);
        Assert.Equal(new DateTimeOffset(2026, 11, 1, 0, 0, 0, TimeSpan.Zero), row.User.MobileVerifiedAt);
    }

    [Theory]
    [InlineData("HK,HK,Asia", "HK,hk,Asia", "residence")]
    [InlineData("Asia/Hong_Kong", "Hong Kong", "zone")]
    [InlineData("1000.5", "-1", "equity")]
    [InlineData("1000.5", "1,000", "(row)")]
    [InlineData("1000.5", "1.00001", "equity")]
    [InlineData("USD", "dollars", "equity_currency")]
    [InlineData("2026-11-20", "20.11.2026", "equity_as_of")]
    [InlineData("2026-11-20", "9999-12-31", "equity_as_of")]
    [InlineData("2026-11-20", "2016-11-20", "equity_as_of")]
    [InlineData("U1", "U1<b>", "account")]
    [InlineData("2026-11-01T08:00:00+08:00", "2026-11-24T09:06:00Z", "mobile_verified_at")]
    [InlineData("2026-11-01T08:00:00+08:00", "2016-11-20T00:00:00Z", "mobile_verified_at")]
    [InlineData("1980-05-01", "1980-02-30", "birthday")]
    [InlineData("+85251234567", "51234567", "mobile")]
    [InlineData("+85251234567", "+85221234567", "mobile")]
    [InlineData("+85251234567", "", "mobile_verified_at")]
    [InlineData("2026-11-01T08:00:00+08:00", "yesterday", "mobile_verified_at")]
    [InlineData("correct horse staple", "short", "initial_password")]
    [InlineData("correct horse staple", "password1", "initial_password")]
    [InlineData("tai.man", "", "user")]
    [InlineData("P1", "", "person")]
    public void A_bad_field_is_named(string good, string bad, string column)
    {
        var faults = Read($"{Header}\n{Good.Replace(good, bad, StringComparison.Ordinal)}\n").Bad;

        Assert.Contains(faults, f => f.Column == column && f.Line == 2);
        Assert.All(faults, f => Assert.DoesNotContain("staple", f.Why, StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("\"open")]
    [InlineData("\"1 Long\" Road")]
    public void A_quotation_mark_that_encloses_no_field_is_a_fault_and_swallows_no_row_in_silence(string last)
    {
        var row = Good[..(Good.LastIndexOf(',') + 1)];

        var (rows, bad) = Read($"{Header}\n{row}{last}\n{Good.Replace("tai.man", "other", StringComparison.Ordinal)}\n");

        Assert.Contains(bad, b => b.Column == "(row)");
        Assert.DoesNotContain(rows, r => r.User.Name == "tai.man");
    }

    [Fact]
    public void What_contradicts_an_earlier_line_names_it()
    {
        var check = new ImportCheck();
        var other = Good.Replace("1980-05-01", "1981-05-01", StringComparison.Ordinal).Replace("U1", "U2", StringComparison.Ordinal);
        var rows = Read($"{Header}\n{Good}\n{other}\n").Rows;

        Assert.Null(check.Add(rows[0]));
        Assert.Contains("line 2", check.Add(rows[1])!.Why, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("", "header")]
    [InlineData("person,name\n", "lacks the column user")]
    [InlineData("person,person\n", "twice")]
    [InlineData("person,colour\n", "colour")]
    public void A_file_without_the_right_header_is_refused(string text, string why) =>
        Assert.Contains(why, Assert.Throws<StartException>(() => Read(text)).Message, StringComparison.Ordinal);

    [Fact]
    public void A_role_that_is_none_is_a_fault_of_its_column()
    {
        var fault = Assert.Single(Read($"{Header},role\n{Good},king\n").Bad);

        Assert.Equal((2, "role", "is none of owner, advisor, security_officer, viewer"), (fault.Line, fault.Column, fault.Why));
    }

    [Fact]
    public void A_mark_of_byte_order_empty_lines_and_line_breaks_in_a_field_are_read_and_lines_counted_from_where_rows_begin()
    {
        var broken = Good.Replace("陳大文", "\"陳\n大文\"", StringComparison.Ordinal);

        var (rows, bad) = Read($"\uFEFF{Header}\r\n\r\n{broken}\r\n{Good.Replace("USD", "dollars", StringComparison.Ordinal)}\r\n");

        Assert.Empty(rows);
        Assert.Equal([(3, "name"), (5, "equity_currency")], bad.Select(b => (b.Line, b.Column)).Distinct());
    }

    [Theory]
    [InlineData("")]
    [InlineData("\"")]
    public void A_field_that_never_ends_is_refused_with_a_sentence(string quote)
    {
        var text = $"{Header}\n{Good}\n{quote}{new string('x', 3_000_000)}";

        var refused = Assert.Throws<StartException>(() => Read(text));

        Assert.Contains("line 3 is longer than 4000 characters", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_long_field_is_refused_by_its_line()
    {
        var text = $"{Header}\n{Good.Replace("陳大文", new string('x', 20_000), StringComparison.Ordinal)}\n";

        Assert.Contains("line 2", Assert.Throws<StartException>(() => Read(text)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Bytes_that_are_no_text_are_refused_with_a_sentence() =>
        Assert.Contains(
            "UTF-8",
            Assert.Throws<StartException>(() => Consume([.. Encoding.UTF8.GetBytes(Header + "\nP1,"), 0xC3, 0x28, (byte)'\n'])).Message,
            StringComparison.Ordinal);

    [Fact]
    public void No_bytes_break_the_reader() => Gen.Byte.Array[0, 400].Sample(
        bytes =>
        {
            try
            {
                Consume([.. Encoding.UTF8.GetBytes(Header + "\n"), .. bytes]);
            }
            catch (StartException)
            {
                // A file that cannot be read at all says so in one sentence.
            }
        },
        iter: 2_000);

    private static void Consume(byte[] bytes)
    {
        foreach (var (row, bad) in ImportFile.Read(new MemoryStream(bytes), Parser))
        {
            Assert.True(row is not null || bad.Count > 0);
        }
    }

    private static (List<ImportRow> Rows, List<BadRow> Bad) Read(string text)
    {
        var (rows, faults) = (new List<ImportRow>(), new List<BadRow>());
        foreach (var (row, bad) in ImportFile.Read(new MemoryStream(Encoding.UTF8.GetBytes(text)), Parser))
        {
            faults.AddRange(bad);
            if (row is not null)
            {
                rows.Add(row);
            }
        }

        return (rows, faults);
    }
}
