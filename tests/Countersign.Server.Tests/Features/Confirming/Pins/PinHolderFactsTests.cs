using System.Text;
using System.Text.Json;
using Countersign.Server.Data;
using Countersign.Server.Features.Clients.Records.Import;
using Countersign.Server.Features.Confirming.Pins;
using Countersign.Server.Features.Ground.Audit;
using Countersign.Server.Features.Registry.People;
using Countersign.Server.Features.Registry.Users;
using Countersign.Server.Tests.Features.Clients.Records.Import;
using Countersign.Server.Tests.Hosting;
using Countersign.Testing;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;

namespace Countersign.Server.Tests.Features.Confirming.Pins;

public abstract class PinHolderFactsTests(CountersignServer server)
{
    private const string Header =
        "person,name,user,account,jurisdiction,residence,zone,equity,equity_currency,equity_as_of,birthday,addresses,relatives,"
        + "home_street,home_number,home_postcode,home_city,office_street,office_number,office_postcode,office_city,"
        + "other_names,identity_numbers,teams,mobile";

    private const string Facts =
        "1985-07-19,Old Mill 7,Mei Ling 1986-11-02|Zoë,Queen's Road,128B,999077,Hong Kong,,25,E14 5LQ,London,"
        + "CHAN Tai Man|Billy,H680352(4)|K20497316,Kitchee|Spurs,+85261234571";

    [Fact]
    public async Task What_a_file_says_of_a_person_reaches_the_rules()
    {
        await ImportAsync($"{Header}\nP-pin,陳大文,pin.facts,PIN-1,HK,HK,Asia/Hong_Kong,1,USD,2026-11-20,{Facts}\n");

        var holder = await ReadAsync("pin.facts");

        Assert.Equal("陳大文", holder.Name);
        Assert.Equal(new DateOnly(1985, 7, 19), holder.Details.Birthday);
        Assert.Equal([new("Mei Ling", new DateOnly(1986, 11, 2)), new("Zoë", null)], holder.Details.Relatives);
        Assert.Equal(new HolderAddress("Queen's Road", "128B", "999077", "Hong Kong"), holder.Details.Home);
        Assert.Equal(new HolderAddress(null, "25", "E14 5LQ", "London"), holder.Details.Office);
        Assert.Equal(["CHAN Tai Man", "Billy"], holder.Details.OtherNames);
        Assert.Equal(["H680352(4)", "K20497316"], holder.Details.IdentityNumbers);
        Assert.Equal(["Kitchee", "Spurs"], holder.Details.Teams);
        Assert.Equal(["+85261234571"], holder.PhoneNumbers);
        Assert.Equal(["birthday"], Holders.Faults("1907", holder));
        Assert.Contains("phone_number", Holders.Faults("4571", holder));
    }

    [Fact]
    public async Task A_leaner_file_takes_none_of_it_away()
    {
        var facts = Facts.Replace("61234571", "61234572", StringComparison.Ordinal);
        await ImportAsync($"{Header}\nP-pin2,Ann Lee,pin.lean,PIN-2,HK,HK,Asia/Hong_Kong,1,USD,2026-11-20,{facts}\n");
        var before = await ReadAsync("pin.lean");

        await ImportAsync($"{Header}\nP-pin2,Ann Lee,pin.lean,PIN-2,HK,HK,Asia/Hong_Kong,1,USD,2026-11-20,,,,,,,New City,,,,,,,Rovers,\n");

        var after = await ReadAsync("pin.lean");
        Assert.Equal(before.Details.IdentityNumbers, after.Details.IdentityNumbers);
        Assert.Equal(before.Details.OtherNames, after.Details.OtherNames);
        Assert.Equal(before.Details.Office, after.Details.Office);
        Assert.Equal(new HolderAddress(null, null, null, "New City"), after.Details.Home);
        Assert.Equal(["Rovers"], after.Details.Teams);
    }

    [Fact]
    public async Task Of_a_user_without_facts_name_and_number_are_known()
    {
        var user = await server.UserAsync(mobile: "+85261234573");

        var holder = await ReadAsync(user.Name);

        Assert.Equal("Person " + user.Name, holder.Name);
        Assert.Equal([user.Mobile], holder.PhoneNumbers);
        Assert.True(holder.Details.SameAs(HolderDetails.None));
    }

    [Fact]
    public async Task What_an_applicant_typed_reaches_the_rules()
    {
        using var person = server.Applicant();
        await person.BeginAndConfirmEmailAsync();
        await person.FillInAsync();
        await person.StepAsync("review", ("agreed", "yes"));

        var holder = await ReadAsync(person.UserName);

        Assert.Equal(("Lam Pe", new DateOnly(1990, 5, 31)), (holder.Name, holder.Details.Birthday));
        Assert.Equal(("1 Harbour Road", "Hong Kong"), (holder.Details.Home?.Street, holder.Details.Home?.City));
        Assert.Equal(["birthday"], Holders.Faults("3105", holder));
        Assert.Contains("place", Holders.Faults("hongko", holder));
    }

    /// <summary>A PIN is the person's own to choose all the same; the rules know only less (D28).</summary>
    [Fact]
    public async Task Facts_that_were_changed_in_the_database_are_none()
    {
        var user = await server.UserAsync(mobile: "+85261234574");
        await server.WriteAsync(
            (db, ct) => db.Set<Person>().Where(p => p.Name == "Person " + user.Name).ExecuteUpdateAsync(
                set => set.SetProperty(p => p.Details, new byte[40]), ct));

        var holder = await ReadAsync(user.Name);

        Assert.Equal("Person " + user.Name, holder.Name);
        Assert.True(holder.Details.SameAs(HolderDetails.None));
    }

    private CountersignDbContext Reading() => server.App.Services.GetRequiredService<Contexts>().Read();

    private async Task<PinHolder> ReadAsync(string name)
    {
        var user = Assert.Single(await server.RowsAsync<User>(u => u.NormalisedName == name));
        await using var db = Reading();
        return await server.App.Services.GetRequiredService<PinHolderFacts>().ReadAsync(db, user.Id, CancellationToken.None);
    }

    private async Task ImportAsync(string text)
    {
        TestSecrets.Note("+85261234571");
        var check = new ImportCheck();
        foreach (var (row, bad) in ImportFile.Read(new MemoryStream(Encoding.UTF8.GetBytes(text)), ImportParserTests.Parser))
        {
            Assert.Empty(bad);
            Assert.Null(check.Add(row!));
        }

        await server.App.Services.GetRequiredService<ImportUsers>().RunAsync(
            check, Actor.Import("clients.csv"), quiet: false, (_, _, _) => { }, CancellationToken.None);
    }
}

public sealed class PinHolderFactsOnSqlite(OnSqlite server) : PinHolderFactsTests(server);

public sealed class PinHolderFactsOnPostgres(OnPostgres server) : PinHolderFactsTests(server);

public sealed class HolderDetailsTests
{
    [Fact]
    public void Details_that_were_stored_before_there_were_more_facts_can_be_read()
    {
        var details = JsonSerializer.Deserialize(
            """{"Birthday":"1985-07-19","Addresses":["A"],"Relatives":[{"Name":"Ann","Birthday":null}]}""",
            PeopleJson.Default.HolderDetails)!;

        Assert.Null(details.Home);
        Assert.Empty(details.OtherNames);
        Assert.Empty(details.IdentityNumbers);
        Assert.Empty(details.Teams);
        Assert.Equal([new Relative("Ann", null)], details.Relatives);
    }

    [Fact]
    public void What_is_stored_comes_back_whole()
    {
        var json = JsonSerializer.Serialize(Holders.Known.Details, PeopleJson.Default.HolderDetails);

        Assert.True(Holders.Known.Details.SameAs(JsonSerializer.Deserialize(json, PeopleJson.Default.HolderDetails)!));
    }

    [Fact]
    public void Details_that_differ_in_one_fact_are_not_the_same()
    {
        var known = Holders.Known.Details;
        HolderDetails[] others =
        [
            known with { Birthday = null }, known with { Addresses = [] }, known with { Relatives = [] }, known with { Home = null },
            known with { Office = known.Home },
            known with { OtherNames = [] }, known with { IdentityNumbers = [] }, known with { Teams = [] },
        ];

        Assert.True(known.SameAs(known with { Teams = [.. known.Teams] }));
        Assert.All(others, other => Assert.False(known.SameAs(other)));
    }

    [Theory]
    [InlineData("home_street", 201)]
    [InlineData("home_number", 41)]
    [InlineData("home_postcode", 41)]
    [InlineData("home_city", 101)]
    [InlineData("office_street", 201)]
    [InlineData("office_number", 41)]
    [InlineData("office_postcode", 41)]
    [InlineData("office_city", 101)]
    [InlineData("other_names", 201)]
    [InlineData("identity_numbers", 41)]
    [InlineData("teams", 101)]
    public void A_fact_that_is_too_long_is_named_and_one_that_just_fits_is_taken(string column, int tooLong)
    {
        Assert.Equal([column], Faulty(column, new string('x', tooLong)));
        Assert.Empty(Faulty(column, new string('x', tooLong - 1)));
    }

    [Theory]
    [InlineData("other_names")]
    [InlineData("identity_numbers")]
    [InlineData("teams")]
    public void Ten_of_a_list_are_taken_and_eleven_are_not(string column)
    {
        Assert.Empty(Faulty(column, string.Join('|', Enumerable.Repeat("x", 10))));
        Assert.Equal([column], Faulty(column, string.Join('|', Enumerable.Repeat("x", 11))));
    }

    private static List<string> Faulty(string column, string text)
    {
        var bad = new List<string>();
        HolderParser.Read(c => c == column ? text : string.Empty, (c, _) => bad.Add(c));
        return bad;
    }
}
