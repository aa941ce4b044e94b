using System.ComponentModel;
using System.Text.Json.Serialization;
using Countersign.Server.Features.Clients.Records.Import;
using Countersign.Server.Features.Programs.Api;
using Countersign.Server.Features.Registry.Accounts;

namespace Countersign.Server.Features.Clients.Records;

/// <summary>What an application says of an account, read and found good.</summary>
internal sealed record StatedAccount(
    AccountFacts Account, IReadOnlyList<PersonFacts> People, IReadOnlyList<UserFacts> Users, IReadOnlyList<LinkFacts> Links);

/// <summary>
/// What an application says of an account. All text, and read like a row of an import file: what is wrong is told for each field.
/// </summary>
internal static class AccountBody
{
    private const int MostOfEach = 20;

    /// <summary>An account as the broker's own system knows it.</summary>
    [JsonUnmappedMemberHandling(JsonUnmappedMemberHandling.Disallow)]
    public sealed record Request(
        [property: Needed] string? Jurisdiction, [property: Needed, JsonPropertyName("time_zone")] string? TimeZone,
        [property: Needed] EquityPart? Equity, IReadOnlyList<HolderPart>? Holders, IReadOnlyList<UserPart>? Users);

    /// <summary>What the account is worth, and of which day that is.</summary>
    [JsonUnmappedMemberHandling(JsonUnmappedMemberHandling.Disallow)]
    public sealed record EquityPart(
        [property: Needed] string? Amount, [property: Needed] string? Currency, [property: Needed, JsonPropertyName("as_of")] string? AsOf);

    /// <summary>A person who owns the account.</summary>
    [JsonUnmappedMemberHandling(JsonUnmappedMemberHandling.Disallow)]
    public sealed record HolderPart(
        [property: Needed] string? Person, [property: Needed] string? Name, [property: Needed] string? Residence,
        [property: Description("Where letters go. Left out: as it is. Another one is new for the trust age, and the client is told.")]
        AddressPart? Address = null);

    /// <summary>A postal address in its parts, as far as they are known.</summary>
    [JsonUnmappedMemberHandling(JsonUnmappedMemberHandling.Disallow)]
    public sealed record AddressPart(
        string? Street, string? Number, string? Postcode, string? City,
        [property: Description("ISO 3166, two capital letters. Left out: the country of residence.")] string? Country = null);

    /// <summary>A user name that acts for the account, and whose it is.</summary>
    [JsonUnmappedMemberHandling(JsonUnmappedMemberHandling.Disallow)]
    public sealed record UserPart(
        [property: Needed] string? Name, [property: Needed] string? Person,
        [property: Description("Left out: as it is. Another one than there was is new for the trust age, and told at both.")] string? Email,
        string? Language,
        [property: Description("What the user is to the account: " + AccountRoles.All + ". Left out: as it is; of a new user, owner.")]
        string? Role = null);

    /// <summary>The facts, or what is wrong with them.</summary>
    public static (StatedAccount Stated, List<FieldFault> Faults) Read(string number, Request body, ImportParser parser)
    {
        var faults = new List<FieldFault>();
        var account = ReadAccount(number, body, parser, faults);
        var people = (body.Holders ?? []).Take(MostOfEach).Select((h, i) => ReadHolder(h, $"holders[{i}]", faults)).ToList();
        var users = (body.Users ?? []).Take(MostOfEach).Select((u, i) => ReadUser(u, $"users[{i}]", account.TimeZone, parser, faults))
            .ToList();
        var links = users.Select(
            (u, i) => new LinkFacts(u.NormalisedName, account.Number, ReadRole(body.Users![i], $"users[{i}]", faults))).ToList();
        Limit(body.Holders?.Count, "holders", faults);
        Limit(body.Users?.Count, "users", faults);
        Twice(people.Select(p => p.Number), "holders", "person", faults);
        Twice(users.Select(u => u.NormalisedName), "users", "name", faults);
        for (var i = 0; i < users.Count; i++)
        {
            if (users[i].Person.Length > 0 && !people.Exists(p => p.Number == users[i].Person))
            {
                faults.Add(new FieldFault($"users[{i}].person", "is none of the holders"));
            }
        }

        return (new StatedAccount(account, people, users, links), faults);
    }

    private static AccountFacts ReadAccount(
        string number, Request body, ImportParser parser, List<FieldFault> faults) => parser.ReadAccount(
        column => column switch
        {
            ImportColumns.Account => number,
            ImportColumns.Jurisdiction => body.Jurisdiction,
            ImportColumns.Zone => body.TimeZone,
            ImportColumns.Equity => body.Equity?.Amount,
            ImportColumns.EquityCurrency => body.Equity?.Currency,
            ImportColumns.EquityAsOf => body.Equity?.AsOf,
            _ => null,
        } ?? string.Empty,
        (column, why) => faults.Add(new FieldFault(
            column switch
            {
                ImportColumns.Account => "id",
                ImportColumns.Zone => "time_zone",
                ImportColumns.Equity => "equity.amount",
                ImportColumns.EquityCurrency => "equity.currency",
                ImportColumns.EquityAsOf => "equity.as_of",
                _ => column,
            },
            why)));

    private static PersonFacts ReadHolder(HolderPart? holder, string at, List<FieldFault> faults) => ImportParser.ReadPerson(
        column => column switch
        {
            ImportColumns.Person => holder?.Person,
            ImportColumns.Name => holder?.Name,
            ImportColumns.Residence => holder?.Residence,
            ImportColumns.HomeStreet => holder?.Address?.Street,
            ImportColumns.HomeNumber => holder?.Address?.Number,
            ImportColumns.HomePostcode => holder?.Address?.Postcode,
            ImportColumns.HomeCity => holder?.Address?.City,
            ImportColumns.HomeCountry => holder?.Address?.Country,
            _ => null,
        } ?? string.Empty,
        (column, why) => faults.Add(new FieldFault($"{at}.{column.Replace("home_", "address.", StringComparison.Ordinal)}", why)));

    private static UserFacts ReadUser(UserPart? user, string at, string zone, ImportParser parser, List<FieldFault> faults)
    {
        var person = user?.Person?.Trim() ?? string.Empty;
        if (person.Length == 0)
        {
            faults.Add(new FieldFault(at + ".person", "is empty"));
        }

        return parser.ReadUser(
            column => column switch
            {
                ImportColumns.User => user?.Name,
                ImportColumns.Email => user?.Email,
                ImportColumns.Language => user?.Language,
                _ => null,
            } ?? string.Empty,
            (column, why) => faults.Add(new FieldFault($"{at}.{(column == ImportColumns.User ? "name" : column)}", why)),
            person,
            zone);
    }

    private static AccountRole? ReadRole(UserPart? user, string at, List<FieldFault> faults) =>
        ImportParser.ReadRole(_ => user?.Role ?? string.Empty, (column, why) => faults.Add(new FieldFault($"{at}.{column}", why)));

    private static void Limit(int? count, string field, List<FieldFault> faults)
    {
        if (count > MostOfEach)
        {
            faults.Add(new FieldFault(field, $"are more than {MostOfEach}"));
        }
    }

    private static void Twice(IEnumerable<string> keys, string list, string field, List<FieldFault> faults)
    {
        var seen = new HashSet<string>(StringComparer.Ordinal);
        faults.AddRange(keys.Select((key, i) => (key, i)).Where(k => k.key.Length > 0 && !seen.Add(k.key)).Select(
            k => new FieldFault($"{list}[{k.i}].{field}", "is there twice")));
    }
}
