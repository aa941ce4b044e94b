using Countersign.Server.Data;
using Countersign.Server.Features.Clients.Records.Import;
using Countersign.Server.Features.Ground.Audit;
using Countersign.Server.Features.Programs.Applications;
using Countersign.Server.Features.Registry.Accounts;
using Countersign.Server.Features.Registry.People;
using Countersign.Server.Features.Registry.Users;
using Microsoft.EntityFrameworkCore;

namespace Countersign.Server.Features.Clients.Records;

/// <summary>
/// Creates an account, or brings it up to date, with its holders and users: in one unit of work, all or nothing. Takes nobody away.
/// </summary>
internal sealed class PutAccount(IWriter writer, FactsWriter facts, AuditTrail audit)
{
    private const int Attempts = 5;

    /// <returns>Whether the account is new, or the refusal.</returns>
    public async Task<Result<bool>> RunAsync(ApplicationView application, StatedAccount stated, string source, CancellationToken ct)
    {
        if (!application.MaySee(stated.Account.Jurisdiction))
        {
            return AccountErrors.CountryForbidden;
        }

        var by = Actor.Application(application.ClientId, source);
        for (var attempt = 1; ; attempt++)
        {
            try
            {
                return await writer.RunAsync((db, token) => WriteAsync(db, application, stated, by, token), ct);
            }
            catch (DbUpdateException) when (attempt < Attempts)
            {
                // Somebody created the same account, person or user at the same moment; now it is there to be updated.
            }
        }
    }

    private async Task<Result<bool>> WriteAsync(
        CountersignDbContext db, ApplicationView application, StatedAccount stated, Actor by, CancellationToken ct)
    {
        var account = stated.Account;

        // Those who change the same account come one after another, and each reads what the one before has written.
        var known = await db.Set<Account>().Where(a => a.Number == account.Number).ExecuteUpdateAsync(
            set => set.SetProperty(a => a.TimeZone, a => a.TimeZone), ct) == 1;
        if (known && await AccountLookup.FindAsync(db, application, account.Number, ct) is null)
        {
            return AccountErrors.Unknown;
        }

        var (people, users, links, apart) = await WithinReachAsync(db, application, stated, ct);
        if (await OfAnotherAsync(db, users, ct) is { } another)
        {
            return AccountErrors.UserOfAnother with { Arguments = [another] };
        }

        var written = await facts.PeopleAsync(db, people, by, ct);
        if (!written.Succeeded)
        {
            return written.Error;
        }

        var peopleIds = written.Value;
        var accountIds = await facts.AccountsAsync(db, [account], ct);
        var created = db.ChangeTracker.Entries<Account>().Any(e => e.State == EntityState.Added);
        var userIds = (await facts.UsersAsync(db, users, peopleIds, passwords: [], by, notices: null, ct)).Value?.Ids
            ?? throw new DbUpdateConcurrencyException("A user was created for another person at the same moment.");
        audit.Add(db, AuditEvents.AccountPut, userId: null, by, ("account", accountIds[account.Number]));
        if (apart > 0)
        {
            audit.Add(db, AuditEvents.AccountNamedOthers, userId: null, by, ("account", accountIds[account.Number]), ("apart", apart));
        }

        await db.SaveChangesAsync(ct);
        await facts.LinkAsync(
            db, links, new KnownIds(userIds, accountIds, peopleIds),
            users.ToDictionary(u => u.NormalisedName, u => u.Person, StringComparer.Ordinal), by, ct);
        await HoldAsync(db, accountIds[account.Number], users, userIds, peopleIds, ct);
        return created;
    }

    /// <summary>What was stated, of those who are there for the application; and how many of the named are clients elsewhere.</summary>
    private static async Task<(IReadOnlyList<PersonFacts>, IReadOnlyList<UserFacts>, IReadOnlyList<LinkFacts>, int Apart)> WithinReachAsync(
        CountersignDbContext db, ApplicationView application, StatedAccount stated, CancellationToken ct)
    {
        var people = await ApplicationReach.PersonKeysAsync(db, application, [.. stated.People.Select(p => p.Number)], ct);
        var users = await ApplicationReach.UserKeysAsync(db, application, [.. stated.Users.Select(u => u.NormalisedName)], ct);
        return (
            [.. stated.People.Select(p => p with { Number = people[p.Number] })],
            [.. stated.Users.Select(u => u with { NormalisedName = users[u.NormalisedName], Person = people[u.Person] })],
            [.. stated.Links.Select(l => l with { User = users[l.User] })],
            people.Concat(users).Count(k => k.Key != k.Value));
    }

    /// <summary>Who only acts for the owners is described among the holders, and becomes none.</summary>
    private static async Task HoldAsync(
        CountersignDbContext db, Guid accountId, IReadOnlyList<UserFacts> users, Dictionary<string, Guid> userIds,
        Dictionary<string, Guid> peopleIds, CancellationToken ct)
    {
        var acting = await db.Set<AccountUser>().Where(l => l.AccountId == accountId && l.Role != AccountRole.Owner)
            .Select(l => l.UserId).ToListAsync(ct);
        var others = users.GroupBy(u => u.Person, StringComparer.Ordinal)
            .Where(p => p.All(u => acting.Contains(userIds[u.NormalisedName]))).Select(p => p.Key);
        var holders = peopleIds.Keys.Except(others, StringComparer.Ordinal).Select(p => peopleIds[p]);
        await FactsWriter.HoldAsync(db, accountId, [.. holders], ct);
    }

    /// <summary>The name of a user who belongs to another person already.</summary>
    private static async Task<string?> OfAnotherAsync(CountersignDbContext db, IReadOnlyList<UserFacts> users, CancellationToken ct)
    {
        var names = users.Select(u => u.NormalisedName).ToList();
        var owners = await (
            from user in db.Set<User>()
            join person in db.Set<Person>() on user.PersonId equals person.Id
            where names.Contains(user.NormalisedName)
            select new { user.Name, user.NormalisedName, person.Number }).ToListAsync(ct);
        return owners.Find(o => users.Any(u => u.NormalisedName == o.NormalisedName && u.Person != o.Number))?.Name;
    }
}
