using System.Security.Cryptography;
using System.Text;
using Countersign.Server.Data;
using Countersign.Server.Features.Programs.Applications;
using Countersign.Server.Features.Registry.People;
using Countersign.Server.Features.Registry.Users;
using Microsoft.EntityFrameworkCore;

namespace Countersign.Server.Features.Registry.Accounts;

/// <summary>
/// Which users and people there are for an application: those with an account in its countries, and of those without any account those
/// who live there. All others are not there.
/// </summary>
/// <remarks>
/// User names and numbers of people are unique over all countries, so that one that is taken elsewhere can neither be given again nor be
/// refused, which would tell. What the application says is kept apart, under a key that nobody can type: it looks to the application like
/// any new user, and nobody ever signs in with it.
/// </remarks>
internal static class ApplicationReach
{
    /// <summary>Whoever reads a name or a number takes spaces off its ends.</summary>
    private const string Apart = " elsewhere/";

    /// <summary>The keys under which users stand for the application, by normalised name.</summary>
    public static async Task<IReadOnlyDictionary<string, string>> UserKeysAsync(
        CountersignDbContext db, ApplicationView application, IReadOnlyList<string> names, CancellationToken ct)
    {
        if (application.Countries.Count == 0)
        {
            return Keys(application, names, elsewhere: []);
        }

        var known = await (
            from user in db.Set<User>()
            join person in db.Set<Person>() on user.PersonId equals person.Id
            where names.Contains(user.NormalisedName)
            select new { user.Id, Name = user.NormalisedName, person.Residence }).ToListAsync(ct);
        var ids = known.ConvertAll(u => u.Id);
        var seats = (await (
            from acts in db.Set<AccountUser>()
            join account in db.Set<Account>() on acts.AccountId equals account.Id
            where ids.Contains(acts.UserId)
            select new { Of = acts.UserId, account.Jurisdiction }).Distinct().ToListAsync(ct)).ToLookup(s => s.Of, s => s.Jurisdiction);
        var elsewhere = known.FindAll(u => !IsThere(application, seats[u.Id], u.Residence)).ConvertAll(u => u.Name);
        return Keys(application, names, elsewhere);
    }

    /// <summary>The keys under which people stand for the application, by the broker's own number.</summary>
    public static async Task<IReadOnlyDictionary<string, string>> PersonKeysAsync(
        CountersignDbContext db, ApplicationView application, IReadOnlyList<string> numbers, CancellationToken ct)
    {
        if (application.Countries.Count == 0)
        {
            return Keys(application, numbers, elsewhere: []);
        }

        var known = await db.Set<Person>().Where(p => numbers.Contains(p.Number)).Select(p => new { p.Id, p.Number, p.Residence })
            .ToListAsync(ct);
        var ids = known.ConvertAll(p => p.Id);
        var held = await (
            from holds in db.Set<AccountHolder>()
            join account in db.Set<Account>() on holds.AccountId equals account.Id
            where ids.Contains(holds.PersonId)
            select new { Of = holds.PersonId, account.Jurisdiction }).Distinct().ToListAsync(ct);
        var actedFor = await (
            from user in db.Set<User>()
            join acts in db.Set<AccountUser>() on user.Id equals acts.UserId
            join account in db.Set<Account>() on acts.AccountId equals account.Id
            where ids.Contains(user.PersonId)
            select new { Of = user.PersonId, account.Jurisdiction }).Distinct().ToListAsync(ct);
        var seats = held.Concat(actedFor).ToLookup(s => s.Of, s => s.Jurisdiction);
        var elsewhere = known.FindAll(p => !IsThere(application, seats[p.Id], p.Residence)).ConvertAll(p => p.Number);
        return Keys(application, numbers, elsewhere);
    }

    private static bool IsThere(ApplicationView application, IEnumerable<string> seats, string residence) =>
        seats.DefaultIfEmpty(residence).Any(application.MaySee);

    private static Dictionary<string, string> Keys(
        ApplicationView application, IReadOnlyList<string> named, List<string> elsewhere) =>
        named.Distinct(StringComparer.Ordinal).ToDictionary(
            n => n, n => elsewhere.Contains(n, StringComparer.Ordinal) ? KeyApart(application, n) : n, StringComparer.Ordinal);

    /// <summary>The same for all applications of the same countries: they see the same clients.</summary>
    private static string KeyApart(ApplicationView application, string name)
    {
        var of = string.Join(' ', application.Countries.Order(StringComparer.Ordinal)) + "\n" + name;
        return Apart + Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(of)).AsSpan(0, 20));
    }
}
