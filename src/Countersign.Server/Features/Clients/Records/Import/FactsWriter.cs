using Countersign.Server.Data;
using Countersign.Server.Data.Protection;
using Countersign.Server.Features.Clients.Contacts;
using Countersign.Server.Features.Confirming.Devices;
using Countersign.Server.Features.Ground.Audit;
using Countersign.Server.Features.Registry.Accounts;
using Countersign.Server.Features.Registry.People;
using Countersign.Server.Features.Registry.PhoneNumbers;
using Countersign.Server.Features.Registry.Users;
using Microsoft.EntityFrameworkCore;

namespace Countersign.Server.Features.Clients.Records.Import;

/// <summary>The ids of users by normalised name, and how many of them are new.</summary>
internal sealed record WrittenUsers(Dictionary<string, Guid> Ids, int Added);

/// <summary>The ids of what was written: of users by normalised name, of accounts and people by number.</summary>
internal sealed record KnownIds(Dictionary<string, Guid> Users, Dictionary<string, Guid> Accounts, Dictionary<string, Guid> People);

/// <summary>
/// Writes checked facts of people, users and accounts: adds what is new and brings up to date what is there. The password of a user
/// who has one is never touched, and nobody is taken away.
/// </summary>
internal sealed class FactsWriter(RowProtection protection, ContactLife contacts, AuditTrail audit, TimeProvider time)
{
    /// <summary>Adds or updates people; yields their ids by number. Saves nothing yet, and changes nothing where it refuses.</summary>
    /// <param name="by">Who says so, for the audit.</param>
    public async Task<Result<Dictionary<string, Guid>>> PeopleAsync(
        CountersignDbContext db, IReadOnlyList<PersonFacts> batch, Actor by, CancellationToken ct)
    {
        var now = time.GetUtcNow();
        var numbers = batch.Select(p => p.Number).ToList();
        var housed = batch.Where(p => p.Details.Home is not null).Select(p => p.Number).ToList();
        await ContactLife.LockAsync(db.Set<Person>().Where(p => housed.Contains(p.Number)), ct);
        var known = await db.Set<Person>().Where(p => numbers.Contains(p.Number)).ToDictionaryAsync(p => p.Number, ct);
        var older = known.ToDictionary(
            p => p.Key,
            p => protection.Open(HolderDetails.Column, p.Value.Id, p.Value.Id, p.Value.Details, PeopleJson.Default.HolderDetails),
            StringComparer.Ordinal);
        if (older.FirstOrDefault(p => p.Value is null).Key is { } closed)
        {
            return AccountErrors.PersonUnreadable with { Arguments = [closed] };
        }

        foreach (var facts in batch)
        {
            if (known.TryGetValue(facts.Number, out var person))
            {
                await UpdateAsync(db, person, facts, older[facts.Number]!, by, ct);
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

    private async Task UpdateAsync(
        CountersignDbContext db, Person person, PersonFacts facts, HolderDetails older, Actor by, CancellationToken ct)
    {
        var details = facts.Details.Over(older);
        if (facts.Details.Home is { } home)
        {
            // What the facts do not say of the same address stays.
            var whole = home with { More = home.More ?? older.Home?.More, Country = home.Country ?? older.Home?.Country };
            details = details with { Home = whole.IsSameAs(older.Home, person.Residence) ? whole : home };
        }

        // A home without a country is in the one where the person lives, before and now.
        var before = older.Home is { Country: null } there ? there with { Country = person.Residence } : older.Home;
        if (details.Home is { } address && !address.IsSameAs(before, facts.Residence))
        {
            await contacts.AddressAsync(db, person, details, address, by, challenge: null, ct);
        }
        else if (!details.SameAs(older))
        {
            person.Details = protection.Protect(HolderDetails.Column, person.Id, person.Id, details, PeopleJson.Default.HolderDetails);
        }

        (person.Name, person.Residence) = (facts.Name, facts.Residence);
    }

    /// <summary>Adds or updates accounts; yields their ids by number. Saves nothing yet.</summary>
    /// <remarks>An equity that is older than the one on record is left aside.</remarks>
    public async Task<Dictionary<string, Guid>> AccountsAsync(
        CountersignDbContext db, IReadOnlyList<AccountFacts> batch, CancellationToken ct)
    {
        var now = time.GetUtcNow();
        var numbers = batch.Select(a => a.Number).ToList();
        var known = await db.Set<Account>().Where(a => numbers.Contains(a.Number)).ToDictionaryAsync(a => a.Number, ct);
        foreach (var facts in batch)
        {
            if (known.TryGetValue(facts.Number, out var account))
            {
                (account.Jurisdiction, account.TimeZone) = (facts.Jurisdiction, facts.TimeZone);
                // One of a day to come, from before those were refused, stands against no correction.
                if (facts.EquityAsOf >= account.EquityAsOf || account.EquityAsOf > DateOnly.FromDateTime(now.UtcDateTime).AddDays(1))
                {
                    account.FundedAt ??= account.Equity == 0 && facts.Equity > 0 ? now : null;
                    (account.Equity, account.EquityCurrency, account.EquityAsOf) = (facts.Equity, facts.EquityCurrency, facts.EquityAsOf);
                }

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
                FundedAt = facts.Equity > 0 ? now : null,
            };
            db.Add(known[facts.Number]);
        }

        return known.ToDictionary(a => a.Key, a => a.Value.Id, StringComparer.Ordinal);
    }

    /// <summary>
    /// Adds or updates users; yields their ids by normalised name. Saves nothing yet. Where it refuses, the caller's unit must not
    /// be saved.
    /// </summary>
    /// <param name="by">Who says so, for the audit.</param>
    /// <param name="notices">When they are told; null: at once.</param>
    public async Task<Result<WrittenUsers>> UsersAsync(
        CountersignDbContext db, IReadOnlyList<UserFacts> batch, Dictionary<string, Guid> people, Dictionary<string, string> passwords,
        Actor by, ImportNotices? notices, CancellationToken ct)
    {
        var now = time.GetUtcNow();
        var names = batch.Select(u => u.NormalisedName).ToList();
        var known = await db.Set<User>().Where(u => names.Contains(u.NormalisedName)).ToDictionaryAsync(u => u.NormalisedName, ct);
        var ids = known.Values.Select(u => u.Id).ToList();
        var numbers = (await db.Set<PhoneNumber>().Where(n => ids.Contains(n.UserId) && n.RemovedAt == null).ToListAsync(ct)).ToLookup(
            n => n.UserId);
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
                    Email = facts.Email?.Value,
                    TimeZone = facts.TimeZone,
                    CreatedAt = now,
                };
                db.Add(user);
                known[facts.NormalisedName] = user;
                added++;
            }
            else if (user.PersonId != people[facts.Person])
            {
                return AccountErrors.UserOfAnother with { Arguments = [user.Name] };
            }

            Update(user, facts, passwords, now);
            if (!isNew && facts.Email is { } email && !email.IsSameAs(user.Email))
            {
                await contacts.EmailAsync(db, user.Id, email, proved: false, by, challenge: null, ct);
            }

            var enrols = AddNumber(db, user, facts, [.. numbers[user.Id]], isNew, now);
            if (enrols)
            {
                await EnrolmentRequest.AddAsync(db, user.Id, now, notices?.Next(), ct);
            }

            audit.Add(
                db, AuditEvents.UserImported, user.Id, by, ("mobile_verified", enrols),
                ("told", enrols ? notices is not { Quiet: true } : null));
        }

        return new WrittenUsers(known.ToDictionary(u => u.Key, u => u.Value.Id, StringComparer.Ordinal), added);
    }

    private static void Update(User user, UserFacts facts, Dictionary<string, string> passwords, DateTimeOffset now)
    {
        user.TimeZone = facts.TimeZone;
        user.Language = facts.Language ?? user.Language;
        if (user.PasswordHash is null && passwords.TryGetValue(facts.NormalisedName, out var hash))
        {
            (user.PasswordHash, user.PasswordSetAt, user.MustChangePassword) = (hash, now, true);
        }
    }

    /// <summary>
    /// Adds a number that is new, or the verification of one that lacked it; never takes one away. True when there is a newly
    /// verified number.
    /// </summary>
    private static bool AddNumber(
        CountersignDbContext db, User user, UserFacts facts, List<PhoneNumber> numbers, bool isNew, DateTimeOffset now)
    {
        if (facts.Mobile is not { } mobile)
        {
            return false;
        }

        // Trust age counts from here (D1): a user who is known gains a verification now, whenever the file says it was, and nobody
        // in the future.
        var verifiedAt = facts.MobileVerifiedAt is { } at ? isNew && at < now ? at : now : (DateTimeOffset?)null;
        if (numbers.Find(n => n.E164 == mobile.E164) is { } same)
        {
            var newly = same.VerifiedAt is null && verifiedAt is not null;
            same.VerifiedAt ??= verifiedAt;
            return newly;
        }

        db.Add(new PhoneNumber
        {
            UserId = user.Id,
            Id = Guid.CreateVersion7(now),
            E164 = mobile.E164,
            AddedAt = now,
            VerifiedAt = verifiedAt,
            Preferred = numbers.Count == 0,
        });
        return verifiedAt is not null;
    }

    /// <summary>Lets users act for accounts, and the persons of owners hold them. Saves.</summary>
    public async Task LinkAsync(
        CountersignDbContext db, IReadOnlyCollection<LinkFacts> batch, KnownIds ids, Dictionary<string, string> personOf, Actor by,
        CancellationToken ct)
    {
        var accountIds = batch.Select(l => ids.Accounts[l.Account]).Distinct().ToList();
        var links = await db.Set<AccountUser>().Where(l => accountIds.Contains(l.AccountId))
            .ToDictionaryAsync(l => (l.UserId, l.AccountId), ct);
        var holders = (await db.Set<AccountHolder>().Where(h => accountIds.Contains(h.AccountId)).ToListAsync(ct))
            .Select(h => (h.PersonId, h.AccountId)).ToHashSet();
        foreach (var facts in batch)
        {
            var (userId, accountId) = (ids.Users[facts.User], ids.Accounts[facts.Account]);
            if (!links.TryGetValue((userId, accountId), out var link))
            {
                link = links[(userId, accountId)] = new AccountUser { UserId = userId, AccountId = accountId };
                db.Add(link);
            }

            if (facts.Role is { } role && role != link.Role)
            {
                link.Role = role;
                audit.Add(db, AuditEvents.AccountRoleSet, userId, by, ("account", accountId), ("role", role.Name()));
            }

            var personId = ids.People[personOf[facts.User]];
            if (link.Role == AccountRole.Owner && holders.Add((personId, accountId)))
            {
                db.Add(new AccountHolder { PersonId = personId, AccountId = accountId });
            }
        }

        await db.SaveChangesAsync(ct);
        db.ChangeTracker.Clear();
    }

    /// <summary>Lets persons hold an account. Saves.</summary>
    public static async Task HoldAsync(CountersignDbContext db, Guid accountId, IReadOnlyList<Guid> people, CancellationToken ct)
    {
        var holders = await db.Set<AccountHolder>().Where(h => h.AccountId == accountId).Select(h => h.PersonId).ToListAsync(ct);
        db.AddRange(people.Except(holders).Select(person => new AccountHolder { PersonId = person, AccountId = accountId }));
        await db.SaveChangesAsync(ct);
    }
}
