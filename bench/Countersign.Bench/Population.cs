using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Countersign.Bench.Kinds;
using Countersign.Server.Data;
using Countersign.Server.Data.Protection;
using Countersign.Server.Features.Access.Passwords;
using Countersign.Server.Features.Registry.Accounts;
using Countersign.Server.Features.Registry.People;
using Countersign.Server.Features.Registry.PhoneNumbers;
using Countersign.Server.Features.Registry.Users;
using Microsoft.EntityFrameworkCore;

namespace Countersign.Bench;

/// <summary>A user who takes part: the keys, and the name to type.</summary>
internal sealed record BenchUser(Guid Id, Guid NumberId, string Name, string Mobile)
{
    /// <summary>The id of the user's device of a kind: it follows from both, so that a million need not be kept.</summary>
    public Guid DeviceOf(string kind) => new(SHA256.HashData([.. Id.ToByteArray(), .. Encoding.ASCII.GetBytes(kind)]).AsSpan(0, 16));
}

/// <summary>
/// Fills an empty database with distinct users, each with an account, a verified number and an active device: those who take part with one
/// of each kind, others with one, of the kinds in turn.
/// </summary>
internal sealed class Population(
    Contexts contexts, RowProtection protection, PasswordHash hashes, IReadOnlyList<IBenchKind> kinds, TimeProvider time)
{
    /// <summary>One for all, and one hash: the salt is part of it, so each check costs what it costs.</summary>
    public const string Password = "lantern-harbour-7";

    private const int UsersPerCommit = 5_000;
    private const int NamesPerQuery = 500;

    /// <summary>Mobile numbers of Hong Kong begin here.</summary>
    private const int FirstNumber = 50_000_000;

    /// <summary>How many of all users take part, apart from each other as people are who sign in.</summary>
    private const int MostTakingPart = 100_000;

    /// <summary>Users have come one after the other in this time: it stands in their ids.</summary>
    private static readonly TimeSpan Years = TimeSpan.FromDays(5 * 365);

    /// <returns>The users that take part.</returns>
    public async Task<IReadOnlyList<BenchUser>> AddAsync(int count, CancellationToken ct)
    {
        var (hash, now, every) = (hashes.Make(Password), time.GetUtcNow(), Math.Max(1, count / MostTakingPart));
        var users = new List<BenchUser>(count / every);
        await using var db = contexts.Write();
        await using var filling = await Filling.OnAsync(db, ct);
        foreach (var numbers in Enumerable.Range(1, count).Chunk(UsersPerCommit))
        {
            foreach (var number in numbers)
            {
                var takesPart = number % every == 0;
                var user = Add(filling, number, hash, takesPart, now - (Years * (1 - ((double)number / count))));
                if (takesPart)
                {
                    users.Add(user);
                }
            }

            await filling.SaveAsync(ct);
        }

        return users;
    }

    /// <summary>Those that take part of what was added before by the same number; none where there is nobody.</summary>
    public async Task<IReadOnlyList<BenchUser>> FindAsync(int count, CancellationToken ct)
    {
        var (every, found) = (Math.Max(1, count / MostTakingPart), new List<BenchUser>());
        await using var db = contexts.Read();
        foreach (var numbers in Enumerable.Range(1, count / every).Chunk(NamesPerQuery))
        {
            var names = numbers.Select(number => Numbered("bench", number * every)).ToList();
            var some = await db.Set<User>().Where(u => names.Contains(u.NormalisedName)).Join(
                db.Set<PhoneNumber>(), u => u.Id, n => n.UserId, (u, n) => new BenchUser(u.Id, n.Id, u.Name, n.E164)).ToListAsync(ct);
            if (some.Count == 0)
            {
                break;
            }

            found.AddRange(some);
        }

        return found;
    }

    private BenchUser Add(Filling filling, int number, string passwordHash, bool takesPart, DateTimeOffset now)
    {
        var (personId, accountId) = (Guid.CreateVersion7(now), Guid.CreateVersion7(now));
        var user = new BenchUser(
            Guid.CreateVersion7(now), Guid.CreateVersion7(now), Numbered("bench", number), Numbered("+852", FirstNumber + number));
        filling.Add(new Person
        {
            Id = personId,
            Number = user.Name,
            Name = user.Name,
            Residence = "HK",
            Details = protection.Protect(HolderDetails.Column, personId, personId, HolderDetails.None, PeopleJson.Default.HolderDetails),
        });
        filling.Add(new Account
        {
            Id = accountId,
            Number = user.Name,
            Jurisdiction = "HK",
            TimeZone = "Asia/Hong_Kong",
            Equity = 100_000m,
            EquityCurrency = "USD",
            EquityAsOf = DateOnly.FromDateTime(now.UtcDateTime),
        });
        filling.Add(new User
        {
            Id = user.Id,
            PersonId = personId,
            Name = user.Name,
            NormalisedName = user.Name,
            Email = user.Name + "@mail.example",
            TimeZone = "Asia/Hong_Kong",
            PasswordHash = passwordHash,
            PasswordSetAt = now,
            CreatedAt = now,
        });
        filling.Add(new AccountUser { AccountId = accountId, UserId = user.Id });
        filling.Add(new AccountHolder { AccountId = accountId, PersonId = personId });
        filling.Add(new PhoneNumber
        {
            UserId = user.Id,
            Id = user.NumberId,
            E164 = user.Mobile,
            AddedAt = now,
            VerifiedAt = now,
            Preferred = true,
        });
        foreach (var kind in takesPart ? kinds : [kinds[number % kinds.Count]])
        {
            kind.Add(filling, user, now);
        }

        return user;
    }

    private static string Numbered(string prefix, int number) => string.Create(CultureInfo.InvariantCulture, $"{prefix}{number:D8}");
}
