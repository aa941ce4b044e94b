using Countersign.Server.Data;
using Countersign.Server.Features.Clients.Records.Import;
using Countersign.Server.Features.Ground.Audit;
using Countersign.Server.Features.Programs.Applications;
using Countersign.Server.Features.Registry.Accounts;
using Countersign.Server.Features.Registry.People;
using Countersign.Server.Features.Registry.Users;
using Microsoft.EntityFrameworkCore;

namespace Countersign.Server.Features.Clients.Records;

/// <summary>Creates an account, or brings it up to date, with its holders and users: in one unit of work, all or nothing. Takes nobody away.</summary>
internal sealed class PutAccount(IWriter writer, FactsWriter facts, AuditTrail audit)
{
    private const int Attempts = 5;

    /// <returns>Whether the account is new, or the refusal.</returns>
    public async Task<Result<bool>> RunAsync(
        ApplicationView application, AccountFacts account, IReadOnlyList<PersonFacts> people, IReadOnlyList<UserFacts> users, string source, CancellationToken ct)
    {
        if (!application.MaySee(account.Jurisdiction))
        {
            return AccountErrors.CountryForbidden;
        }

        var by = Actor.Application(application.ClientId, source);
        for (var attempt = 1; ; attempt++)
        {
            try
            {
                return await writer.RunAsync((db, token) => WriteAsync(db, application, account, people, users, by, token), ct);
            }
            catch (DbUpdateException) when (attempt < Attempts)
            {
                // Somebody created the same account, person or user at the same moment; now it is there to be updated.
            }
        }
    }

    private async Task<Result<bool>> WriteAsync(
        CountersignDbContext db, ApplicationView application, AccountFacts account, IReadOnlyList<PersonFacts> people, IReadOnlyList<UserFacts> users, Actor by, CancellationToken ct)
    {
        // Those who change the same account come one after another, and each reads what the one before has written.
        var known = await db.Set<Account>().Where(a => a.Number == account.Number).ExecuteUpdateAsync(set => set.SetProperty(a => a.TimeZone, a => a.TimeZone), ct) == 1;
        if (known && await AccountLookup.FindAsync(db, application, account.Number, ct) is null)
        {
            return AccountErrors.Unknown;
        }

        if (await OfAnotherAsync(db, users, ct) is { } another)
        {
            return AccountErrors.UserOfAnother with { Arguments = [another] };
        }

        var written = await facts.PeopleAsync(db, people, ct);
        if (!written.Succeeded)
        {
            return written.Error;
        }

        var peopleIds = written.Value;
        var accountIds = await facts.AccountsAsync(db, [account], ct);
        var created = db.ChangeTracker.Entries<Account>().Any(e => e.State == EntityState.Added);
        var userIds = (await facts.UsersAsync(db, users, peopleIds, passwords: [], by, ct)).Value?.Ids
            ?? throw new DbUpdateConcurrencyException("A user was created for another person at the same moment.");
        audit.Add(db, AuditEvents.AccountPut, userId: null, by, ("account", accountIds[account.Number]), ("application", application.ClientId));
        await db.SaveChangesAsync(ct);
        await FactsWriter.LinkAsync(db, [.. users.Select(u => (u.NormalisedName, account.Number))], userIds, accountIds, peopleIds, users.ToDictionary(u => u.NormalisedName, u => u.Person, StringComparer.Ordinal), ct);
        await FactsWriter.HoldAsync(db, accountIds[account.Number], [.. peopleIds.Values], ct);
        return created;
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
