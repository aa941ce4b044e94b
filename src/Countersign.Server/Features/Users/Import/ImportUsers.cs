using Countersign.Server.Data;
using Countersign.Server.Data.Protection;
using Countersign.Server.Features.Accounts;
using Countersign.Server.Features.Audit;
using Countersign.Server.Features.Devices.TextMessages;
using Countersign.Server.Features.People;
using Countersign.Server.Features.PhoneNumbers;
using Countersign.Server.Features.Users.Passwords;
using Microsoft.EntityFrameworkCore;

namespace Countersign.Server.Features.Users.Import;

/// <summary>What an import did.</summary>
internal sealed record ImportResult(int NewUsers, int UpdatedUsers, int People, int Accounts);

/// <summary>
/// Writes a checked file in one transaction of the command line's own: all of it, or nothing, whatever dies in between. What is
/// there already is brought up to date; the password of a user who has one is never touched.
/// </summary>
internal sealed class ImportUsers(Contexts contexts, RowProtection protection, PasswordHash hashes, AuditTrail audit, TimeProvider time)
{
    private const int BatchSize = 250;
    private const string Source = "import";

    public async Task<ImportResult> RunAsync(ImportCheck file, Action<string, int, int> progress, CancellationToken ct)
    {
        // Before the transaction: hashes are slow, and the key ring writes by itself.
        var passwords = HashPasswords(file.Users, progress, ct);
        protection.Warm();

        await using var db = contexts.Write();
        await using var transaction = await db.Database.BeginTransactionAsync(ct);
        var people = await EachAsync(db, file.People, "people", progress, PeopleAsync, p => p.Number, ct);
        var accounts = await EachAsync(db, file.Accounts, "accounts", progress, AccountsAsync, a => a.Number, ct);
        var (newUsers, updatedUsers) = (0, 0);
        var users = await EachAsync(
            db,
            file.Users,
            "users",
            progress,
            async (context, batch, token) =>
            {
                var (ids, added) = await UsersAsync(context, batch, people, passwords, token);
                newUsers += added;
                updatedUsers += batch.Count - added;
                return ids;
            },
            u => u.NormalisedName,
            ct);
        var personOf = file.Users.ToDictionary(u => u.NormalisedName, u => u.Person, StringComparer.Ordinal);
        foreach (var batch in file.Links.Chunk(BatchSize))
        {
            await LinkAsync(db, batch, users, accounts, people, personOf, ct);
        }

        await transaction.CommitAsync(ct);
        return new ImportResult(newUsers, updatedUsers, people.Count, accounts.Count);
    }

    private Dictionary<string, string> HashPasswords(IReadOnlyCollection<UserFacts> users, Action<string, int, int> progress, CancellationToken ct)
    {
        var wanted = users.Where(u => u.InitialPassword is not null).ToList();
        var made = new System.Collections.Concurrent.ConcurrentDictionary<string, string>(StringComparer.Ordinal);
        Parallel.ForEach(wanted, new ParallelOptions { CancellationToken = ct, MaxDegreeOfParallelism = Environment.ProcessorCount }, user =>
        {
            made[user.NormalisedName] = hashes.Make(user.InitialPassword!);
            progress("passwords", made.Count, wanted.Count);
        });
        return new Dictionary<string, string>(made, StringComparer.Ordinal);
    }

    /// <summary>Writes one table in batches, each saved and forgotten, so that memory stays flat; yields the ids by key.</summary>
    private static async Task<Dictionary<string, Guid>> EachAsync<T>(
        CountersignDbContext db,
        IReadOnlyCollection<T> all,
        string what,
        Action<string, int, int> progress,
        Func<CountersignDbContext, IReadOnlyList<T>, CancellationToken, Task<Dictionary<string, Guid>>> write,
        Func<T, string> key,
        CancellationToken ct)
    {
        var ids = new Dictionary<string, Guid>(all.Count, StringComparer.Ordinal);
        foreach (var batch in all.Chunk(BatchSize))
        {
            var written = await write(db, batch, ct);
            await db.SaveChangesAsync(ct);
            db.ChangeTracker.Clear();
            foreach (var item in batch)
            {
                ids[key(item)] = written[key(item)];
            }

            progress(what, ids.Count, all.Count);
        }

        return ids;
    }

    private async Task<Dictionary<string, Guid>> PeopleAsync(CountersignDbContext db, IReadOnlyList<PersonFacts> batch, CancellationToken ct)
    {
        var now = time.GetUtcNow();
        var numbers = batch.Select(p => p.Number).ToList();
        var known = await db.Set<Person>().Where(p => numbers.Contains(p.Number)).ToDictionaryAsync(p => p.Number, ct);
        foreach (var facts in batch)
        {
            if (known.TryGetValue(facts.Number, out var person))
            {
                (person.Name, person.Residence) = (facts.Name, facts.Residence);
                var older = protection.Unprotect(HolderDetails.Column, person.Id, person.Id, person.Details, PeopleJson.Default.HolderDetails);
                var details = facts.Details.Over(older);
                if (!details.SameAs(older))
                {
                    person.Details = protection.Protect(HolderDetails.Column, person.Id, person.Id, details, PeopleJson.Default.HolderDetails);
                }

                continue;
            }

            var id = Guid.CreateVersion7(now);
            known[facts.Number] = new Person
            {
                Id = id,
                Number = facts.Number,
                Name = facts.Name,
                Residence = facts.Residence,
                Details = protection.Protect(HolderDetails.Column, id, id, facts.Details, PeopleJson.Default.HolderDetails),
            };
            db.Add(known[facts.Number]);
        }

        return known.ToDictionary(p => p.Key, p => p.Value.Id, StringComparer.Ordinal);
    }

    private async Task<Dictionary<string, Guid>> AccountsAsync(CountersignDbContext db, IReadOnlyList<AccountFacts> batch, CancellationToken ct)
    {
        var now = time.GetUtcNow();
        var numbers = batch.Select(a => a.Number).ToList();
        var known = await db.Set<Account>().Where(a => numbers.Contains(a.Number)).ToDictionaryAsync(a => a.Number, ct);
        foreach (var facts in batch)
        {
            if (known.TryGetValue(facts.Number, out var account))
            {
                (account.Jurisdiction, account.TimeZone, account.Equity, account.EquityCurrency, account.EquityAsOf) =
                    (facts.Jurisdiction, facts.TimeZone, facts.Equity, facts.EquityCurrency, facts.EquityAsOf);
                continue;
            }

            known[facts.Number] = new Account
            {
                Id = Guid.CreateVersion7(now),
                Number = facts.Number,
                Jurisdiction = facts.Jurisdiction,
                TimeZone = facts.TimeZone,
                Equity = facts.Equity,
                EquityCurrency = facts.EquityCurrency,
                EquityAsOf = facts.EquityAsOf,
            };
            db.Add(known[facts.Number]);
        }

        return known.ToDictionary(a => a.Key, a => a.Value.Id, StringComparer.Ordinal);
    }

    private async Task<(Dictionary<string, Guid> Ids, int Added)> UsersAsync(
        CountersignDbContext db, IReadOnlyList<UserFacts> batch, Dictionary<string, Guid> people, Dictionary<string, string> passwords, CancellationToken ct)
    {
        var now = time.GetUtcNow();
        var names = batch.Select(u => u.NormalisedName).ToList();
        var known = await db.Set<User>().Where(u => names.Contains(u.NormalisedName)).ToDictionaryAsync(u => u.NormalisedName, ct);
        var ids = known.Values.Select(u => u.Id).ToList();
        var numbers = (await db.Set<PhoneNumber>().Where(n => ids.Contains(n.UserId) && n.RemovedAt == null).ToListAsync(ct)).ToLookup(n => n.UserId);
        var added = 0;
        foreach (var facts in batch)
        {
            var isNew = !known.TryGetValue(facts.NormalisedName, out var user);
            if (user is null)
            {
                user = new User
                {
                    Id = Guid.CreateVersion7(now),
                    PersonId = people[facts.Person],
                    Name = facts.Name,
                    NormalisedName = facts.NormalisedName,
                    TimeZone = facts.TimeZone,
                    CreatedAt = now,
                };
                db.Add(user);
                known[facts.NormalisedName] = user;
                added++;
            }
            else if (user.PersonId != people[facts.Person])
            {
                throw new StartException($"The user {user.Name} belongs to another person already. Nothing was imported.");
            }

            Update(user, facts, passwords, now);
            var enrols = AddNumber(db, user, facts, [.. numbers[user.Id]], isNew, now);
            if (enrols)
            {
                await AutomaticEnrolment.RequestAsync(db, user.Id, now, ct);
            }

            audit.Add(db, AuditEvents.UserImported, user.Id, Source, ("mobile_verified", enrols));
        }

        return (known.ToDictionary(u => u.Key, u => u.Value.Id, StringComparer.Ordinal), added);
    }

    private static void Update(User user, UserFacts facts, Dictionary<string, string> passwords, DateTimeOffset now)
    {
        user.TimeZone = facts.TimeZone;
        user.Email = facts.Email ?? user.Email;
        user.Language = facts.Language ?? user.Language;
        if (user.PasswordHash is null && passwords.TryGetValue(facts.NormalisedName, out var hash))
        {
            (user.PasswordHash, user.PasswordSetAt, user.MustChangePassword) = (hash, now, true);
        }
    }

    /// <summary>Adds a number that is new, or the verification of one that lacked it; never takes one away. True when there is a newly verified number.</summary>
    private static bool AddNumber(CountersignDbContext db, User user, UserFacts facts, List<PhoneNumber> numbers, bool isNew, DateTimeOffset now)
    {
        if (facts.Mobile is not { } mobile)
        {
            return false;
        }

        // Trust age counts from here (D1): a user who is known gains a verification now, whenever the file says it was, and nobody in the future.
        var verifiedAt = facts.MobileVerifiedAt is { } at ? isNew && at < now ? at : now : (DateTimeOffset?)null;
        if (numbers.Find(n => n.E164 == mobile.E164) is { } same)
        {
            var newly = same.VerifiedAt is null && verifiedAt is not null;
            same.VerifiedAt ??= verifiedAt;
            return newly;
        }

        db.Add(new PhoneNumber { UserId = user.Id, Id = Guid.CreateVersion7(now), E164 = mobile.E164, AddedAt = now, VerifiedAt = verifiedAt, Preferred = numbers.Count == 0 });
        return verifiedAt is not null;
    }

    private static async Task LinkAsync(
        CountersignDbContext db,
        (string User, string Account)[] batch,
        Dictionary<string, Guid> users,
        Dictionary<string, Guid> accounts,
        Dictionary<string, Guid> people,
        Dictionary<string, string> personOf,
        CancellationToken ct)
    {
        var accountIds = batch.Select(l => accounts[l.Account]).Distinct().ToList();
        var links = (await db.Set<AccountUser>().Where(l => accountIds.Contains(l.AccountId)).ToListAsync(ct)).Select(l => (l.UserId, l.AccountId)).ToHashSet();
        var holders = (await db.Set<AccountHolder>().Where(h => accountIds.Contains(h.AccountId)).ToListAsync(ct)).Select(h => (h.PersonId, h.AccountId)).ToHashSet();
        foreach (var (user, account) in batch)
        {
            if (links.Add((users[user], accounts[account])))
            {
                db.Add(new AccountUser { UserId = users[user], AccountId = accounts[account] });
            }

            if (holders.Add((people[personOf[user]], accounts[account])))
            {
                db.Add(new AccountHolder { PersonId = people[personOf[user]], AccountId = accounts[account] });
            }
        }

        await db.SaveChangesAsync(ct);
        db.ChangeTracker.Clear();
    }
}
