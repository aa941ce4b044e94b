using Countersign.Server.Data;
using Countersign.Server.Data.Protection;
using Countersign.Server.Features.Access.Passwords;
using Countersign.Server.Features.Confirming.Devices;
using Countersign.Server.Features.Kinds.TextMessages;
using Countersign.Server.Features.Pages.Demo.Lab;
using Countersign.Server.Features.Registry.Accounts;
using Countersign.Server.Features.Registry.People;
using Countersign.Server.Features.Registry.PhoneNumbers;
using Countersign.Server.Features.Registry.Users;
using Microsoft.EntityFrameworkCore;

namespace Countersign.Server.Features.Pages.Demo;

/// <summary>Puts the personas into a new demo database.</summary>
internal sealed class DemoPersonas(
    IWriter writer, PasswordHash hashes, RowProtection protection, AutomaticEnrolment enrolment, TimeProvider time)
{
    /// <summary>Long enough for everything to be trusted: a demo shows every day, and not only the first.</summary>
    private static readonly TimeSpan Known = TimeSpan.FromDays(90);

    /// <summary>Adds the personas once; a demo database that has them is left as it is.</summary>
    public async Task SeedAsync(CancellationToken ct)
    {
        // Hashed before the unit: nothing slow belongs into one.
        var hash = hashes.Make(Persona.Password);
        await writer.RunAsync((db, token) => AddAsync(db, hash, token), ct);
        while (await enrolment.RunOnceAsync(ct) > 0)
        {
        }
    }

    public static IEnumerable<string> Greeting(string address)
    {
        yield return string.Empty;
        yield return "Countersign demo. Everything here is invented, and every password is public.";
        yield return string.Empty;
        yield return $"  Start here   {address}/demo";
        yield return $"  Sign in      {address}/sign-in";
        yield return $"  Demo phone   {address}/demo/phone";
        yield return $"  Devices      {address}/demo/devices";
        yield return $"  Mailbox      {address}/demo/mailbox";
        yield return $"  New account  {address}/apply";
        yield return $"  Operations   {address}/operations/messages";
        yield return DemoApplication.Greeting;
        yield return string.Empty;
        yield return $"  Password for all: {Persona.Password}";
        foreach (var persona in Persona.All)
        {
            var devices = persona.Verified ? "SMS" + DemoDevices.Say(persona.UserName) : "number not verified: no device yet";
            yield return $"  {persona.UserName,-14} {persona.Name,-14} {persona.Jurisdiction}  {persona.Mobile,-15} {devices}";
        }

        yield return string.Empty;
    }

    private async Task AddAsync(CountersignDbContext db, string passwordHash, CancellationToken ct)
    {
        if (await db.Set<User>().AnyAsync(ct))
        {
            return;
        }

        var now = time.GetUtcNow();
        var people = Persona.All.DistinctBy(p => p.Person).ToDictionary(p => p.Person, p => AddPerson(db, p, now));
        var accounts = Persona.All.DistinctBy(p => p.Account).ToDictionary(p => p.Account, p => AddAccount(db, p, now));
        foreach (var persona in Persona.All)
        {
            var userId = AddUser(db, persona, people[persona.Person], passwordHash, now);
            db.Add(new AccountUser { AccountId = accounts[persona.Account], UserId = userId });
            if (persona.Verified)
            {
                await EnrolmentRequest.AddAsync(db, userId, now, ct);
            }
        }

        foreach (var (account, person) in Persona.All.Select(p => (p.Account, p.Person)).Distinct())
        {
            db.Add(new AccountHolder { AccountId = accounts[account], PersonId = people[person] });
        }
    }

    private Guid AddPerson(CountersignDbContext db, Persona persona, DateTimeOffset now)
    {
        var id = Guid.CreateVersion7(now);
        db.Add(new Person
        {
            Id = id,
            Number = persona.Person,
            Name = persona.Name,
            Residence = persona.Residence,
            Details = protection.Protect(HolderDetails.Column, id, id, HolderDetails.None, PeopleJson.Default.HolderDetails),
        });
        return id;
    }

    private static Guid AddAccount(CountersignDbContext db, Persona persona, DateTimeOffset now)
    {
        var id = Guid.CreateVersion7(now);
        db.Add(new Account
        {
            Id = id,
            Number = persona.Account,
            Jurisdiction = persona.Jurisdiction,
            TimeZone = persona.TimeZone,
            Equity = persona.Equity,
            EquityCurrency = "USD",
            EquityAsOf = DateOnly.FromDateTime(now.UtcDateTime),
        });
        return id;
    }

    private static Guid AddUser(CountersignDbContext db, Persona persona, Guid personId, string passwordHash, DateTimeOffset now)
    {
        var id = Guid.CreateVersion7(now);
        db.Add(new User
        {
            Id = id,
            PersonId = personId,
            Name = persona.UserName,
            NormalisedName = persona.UserName,
            Email = persona.Email,
            Language = persona.Language,
            TimeZone = persona.TimeZone,
            PasswordHash = passwordHash,
            PasswordSetAt = now,
            CreatedAt = now,
        });
        db.Add(new PhoneNumber
        {
            UserId = id,
            Id = Guid.CreateVersion7(now),
            E164 = persona.Mobile,
            AddedAt = now - Known,
            VerifiedAt = persona.Verified ? now - Known : null,
            Preferred = true,
        });
        return id;
    }
}
