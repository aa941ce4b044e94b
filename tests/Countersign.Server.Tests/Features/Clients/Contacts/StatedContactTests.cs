using System.Net;
using System.Text;
using Countersign.Server.Features.Clients.Records.Import;
using Countersign.Server.Features.Ground.Audit;
using Countersign.Server.Features.Messaging.Messages;
using Countersign.Server.Features.Registry.People;
using Countersign.Server.Features.Registry.Users;
using Countersign.Server.Tests.Features.Clients.Records.Import;
using Countersign.Server.Tests.Guards;
using Countersign.Server.Tests.Hosting;
using Countersign.Testing;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;

namespace Countersign.Server.Tests.Features.Clients.Contacts;

/// <summary>What an application or a file says of a contact is told, aged and audited like what a client does (B25, D4).</summary>
public abstract class StatedContactTests(CountersignServer server)
{
    private static int _names;

    [Fact]
    [Claim("D4")]
    public async Task Another_address_that_an_application_states_is_told_to_old_and_new_aged_and_audited()
    {
        var user = await server.UserAsync();
        using var api = await server.SignedInApiAsync();
        await server.WriteAsync((db, ct) => db.Set<User>().Where(u => u.Id == user.Id).ExecuteUpdateAsync(
            set => set.SetProperty(u => u.EmailConfirmedAt, server.Clock.GetUtcNow()), ct));
        var stated = "stated-" + user.Email;

        await PutAsync(api, user, stated);
        await PutAsync(api, user, stated);

        await AssertEmailChangedOnceAsync(user, stated, ActorKind.Application);
    }

    [Fact]
    public async Task Another_address_that_a_file_states_is_told_to_old_and_new_aged_and_audited()
    {
        var user = await server.UserAsync();
        var stated = "stated-" + user.Email;

        await ImportAsync("email", user, stated);
        await ImportAsync("email", user, stated);

        await AssertEmailChangedOnceAsync(user, stated, ActorKind.Import);
    }

    [Fact]
    public async Task What_a_user_begins_with_is_no_change()
    {
        var name = NewName();
        using var api = await server.SignedInApiAsync();

        await PutAsync(
            api, new TestUser(Guid.Empty, name, "", "", ""), name + "@mail.example", new { street = "Elm Row", city = "London" });

        var user = (await server.RowsAsync<User>(u => u.NormalisedName == name)).Single();
        Assert.Equal((name + "@mail.example", null), (user.Email, user.EmailTrustedAt));
        var person = (await server.RowsAsync<Person>(p => p.Number == name)).Single();
        Assert.Null(person.AddressTrustedAt);
        Assert.Equal(new HolderAddress("Elm Row", null, null, "London"), Home(person));
        Assert.Empty(await server.RowsAsync<Message>(m => m.UserId == user.Id));
    }

    [Fact]
    public async Task Another_postal_address_that_an_application_states_is_told_aged_and_audited()
    {
        var user = await server.UserAsync();
        using var api = await server.SignedInApiAsync();
        var address = new { street = "Elm Row", number = "7", postcode = "SW1A 1AA", city = "London", country = "GB" };

        await PutAsync(api, user, user.Email, address);
        await PutAsync(api, user, user.Email, address);
        await PutAsync(api, user, user.Email, new { street = "7 Elm Row", city = "London", postcode = "SW1A 1AA" });

        await AssertAddressChangedOnceAsync(user, ActorKind.Application, "GB");
    }

    [Fact]
    [Claim("D4")]
    public async Task Another_postal_address_that_a_file_states_is_told_aged_and_audited()
    {
        var user = await server.UserAsync();

        await ImportAsync("home_street,home_number,home_postcode,home_city,home_country", user, "Elm Row,7,SW1A 1AA,London,GB");
        await ImportAsync("home_street,home_number,home_postcode,home_city", user, "Elm Row,7,SW1A 1AA,London");

        await AssertAddressChangedOnceAsync(user, ActorKind.Import, "GB");
    }

    [Fact]
    public async Task What_is_wrong_with_an_address_is_named()
    {
        var user = await server.UserAsync();
        using var api = await server.SignedInApiAsync();

        var answer = await SendAsync(
            api, user, "nobody at home", new { street = "Elm\u0007Row", city = "London", country = "Britain" });

        Assert.Equal(HttpStatusCode.UnprocessableEntity, answer.Status);
        var body = answer.Body.GetRawText();
        Assert.Contains("users[0].email", body, StringComparison.Ordinal);
        Assert.Contains("holders[0].address.street", body, StringComparison.Ordinal);
        Assert.Contains("holders[0].address.country", body, StringComparison.Ordinal);
    }

    [Fact]
    [Race]
    public async Task Of_many_addresses_stated_at_once_each_is_told_where_the_next_one_came()
    {
        var user = await server.UserAsync();
        using var api = await server.SignedInApiAsync();

        // In accounts of their own, which do not wait for each other.
        var answers = await Task.WhenAll(
            Enumerable.Range(0, 8).Select(i => SendAsync(api, user, $"race{i}-{user.Email}", address: null, account: $"R{i}-{user.Name}")));

        Assert.All(answers, a => Assert.Equal(HttpStatusCode.Created, a.Status));

        var last = (await server.RowsAsync<User>(u => u.Id == user.Id)).Single().Email!;
        var former = (await server.RowsAsync<FormerEmail>(e => e.UserId == user.Id)).Select(e => e.Address).ToList();
        Assert.Equal(8, (await server.RowsAsync<AuditEvent>(e => e.UserId == user.Id && e.Event == AuditEvents.EmailChanged)).Count);
        Assert.Equal(
            Enumerable.Range(0, 8).Select(i => $"race{i}-{user.Email}").Append(user.Email).Except([last]).Order(StringComparer.Ordinal),
            former.Order(StringComparer.Ordinal));
    }

    private async Task AssertEmailChangedOnceAsync(TestUser user, string stated, ActorKind by)
    {
        var row = (await server.RowsAsync<User>(u => u.Id == user.Id)).Single();
        Assert.Equal(
            (stated, null, server.Clock.GetUtcNow() + TimeSpan.FromHours(24)), (row.Email, row.EmailConfirmedAt, row.EmailTrustedAt));
        var audited = Assert.Single(await server.RowsAsync<AuditEvent>(e => e.UserId == user.Id && e.Event == AuditEvents.EmailChanged));
        Assert.Equal(by, audited.ActorKind);
        Assert.True(server.IsGenuine(audited));
        Assert.Equal(
            new[] { user.Email, user.Mobile, stated }.Order(StringComparer.Ordinal),
            (await server.RowsAsync<Message>(m => m.UserId == user.Id && m.Template == "notice-email-changed"))
                .Select(m => m.Recipient).Order(StringComparer.Ordinal));
        await server.EmailAsync(user, "was changed to");
        await server.EmailAsync(user with { Email = stated }, "was changed to");
    }

    private async Task AssertAddressChangedOnceAsync(TestUser user, ActorKind by, string country)
    {
        var person = (await server.RowsAsync<Person>(p => p.Number == user.Name)).Single();
        Assert.Equal((server.Clock.GetUtcNow() + TimeSpan.FromHours(24), country), (person.AddressTrustedAt, Home(person)!.Country));
        var audited = Assert.Single(await server.RowsAsync<AuditEvent>(e => e.UserId == user.Id && e.Event == AuditEvents.AddressChanged));
        Assert.Equal(by, audited.ActorKind);
        Assert.Equal(2, (await server.RowsAsync<Message>(m => m.UserId == user.Id && m.Template == "notice-address-changed")).Count);
        await server.EmailAsync(user, "postal address");
    }

    private HolderAddress? Home(Person person) => server.Protection.Open(
        HolderDetails.Column, person.Id, person.Id, person.Details, PeopleJson.Default.HolderDetails)!.Home;

    private static string NewName() => $"stated.contact.{Interlocked.Increment(ref _names)}";

    private static async Task PutAsync(ApiClient api, TestUser user, string email, object? address = null)
    {
        var answer = await SendAsync(api, user, email, address);
        Assert.True(answer.Status is HttpStatusCode.OK or HttpStatusCode.Created, answer.Body.GetRawText());
    }

    private static Task<ApiAnswer> SendAsync(
        ApiClient api, TestUser user, string email, object? address, string? account = null) => api.PutAsync(
        $"/api/v1/accounts/{account ?? "A-" + user.Name[^Math.Min(20, user.Name.Length)..]}",
        new
        {
            jurisdiction = "HK",
            time_zone = "Asia/Hong_Kong",
            equity = new { amount = "1", currency = "USD", as_of = "2026-11-23" },
            holders = new[] { new { person = user.Name, name = "Person " + user.Name, residence = "HK", address } },
            users = new[] { new { name = user.Name, person = user.Name, email } },
        });

    private async Task ImportAsync(string columns, TestUser user, string values)
    {
        TestSecrets.Note(user.Mobile);
        var text = $"person,name,user,account,jurisdiction,residence,zone,equity,equity_currency,equity_as_of,{columns}\n"
            + $"{user.Name},Person {user.Name},{user.Name},A-{user.Name},HK,HK,Asia/Hong_Kong,1,USD,2026-11-20,{values}\n";
        var check = new ImportCheck();
        foreach (var (row, bad) in ImportFile.Read(new MemoryStream(Encoding.UTF8.GetBytes(text)), ImportParserTests.Parser))
        {
            Assert.Empty(bad);
            Assert.Null(check.Add(row!));
        }

        var result = await server.App.Services.GetRequiredService<ImportUsers>().RunAsync(
            check, Actor.Import("clients.csv"), quiet: true, (_, _, _) => { }, CancellationToken.None);
        Assert.True(result.Succeeded);
    }
}

public sealed class StatedContactsOnSqlite(OnSqlite server) : StatedContactTests(server);

public sealed class StatedContactsOnPostgres(OnPostgres server) : StatedContactTests(server);
