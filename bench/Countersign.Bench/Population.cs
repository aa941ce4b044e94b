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

namespace Countersign.Bench;

/// <summary>A user who takes part: the keys, and the name to type.</summary>
internal sealed record BenchUser(Guid Id, Guid NumberId, string Name, string Mobile)
{
    /// <summary>The id of the user's device of a kind: it follows from both, so that a million need not be kept.</summary>
    public Guid DeviceOf(string kind) => new(SHA256.HashData([.. Id.ToByteArray(), .. Encoding.ASCII.GetBytes(kind)]).AsSpan(0, 16));
}

/// <summary>
/// Fills an empty database with distinct users, each with an account, a verified number and an active device of each kind.
/// </summary>
internal sealed class Population(
    Contexts contexts, RowProtection protection, PasswordHash hashes, IReadOnlyList<IBenchKind> kinds, TimeProvider time)
{
    /// <summary>One for all, and one hash: the salt is part of it, so each check costs what it costs.</summary>
    public const string Password = "lantern-harbour-7";

    private const int UsersPerCommit = 200;

    public async Task<IReadOnlyList<BenchUser>> AddAsync(int count, CancellationToken ct)
    {
        var hash = hashes.Make(Password);
        var users = new List<BenchUser>(count);
        await using var db = contexts.Write();
        foreach (var numbers in Enumerable.Range(1, count).Chunk(UsersPerCommit))
        {
            users.AddRange(numbers.Select(n => Add(db, n, hash)));
            await db.SaveChangesAsync(ct);
            db.ChangeTracker.Clear();
        }

        return users;
    }

    private BenchUser Add(CountersignDbContext db, int number, string passwordHash)
    {
        var now = time.GetUtcNow();
        var (personId, accountId) = (Guid.CreateVersion7(now), Guid.CreateVersion7(now));
        var user = new BenchUser(Guid.CreateVersion7(now), Guid.CreateVersion7(now), Numbered("bench", number), Numbered("+8525", number));
        db.Add(new Person
        {
            Id = personId,
            Number = user.Name,
            Name = user.Name,
            Residence = "HK",
            Details = protection.Protect(HolderDetails.Column, personId, personId, HolderDetails.None, PeopleJson.Default.HolderDetails),
        });
        db.Add(new Account
        {
            Id = accountId,
            Number = user.Name,
            Jurisdiction = "HK",
            TimeZone = "Asia/Hong_Kong",
            Equity = 100_000m,
            EquityCurrency = "USD",
            EquityAsOf = DateOnly.FromDateTime(now.UtcDateTime),
        });
        db.Add(new User
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
        db.Add(new AccountUser { AccountId = accountId, UserId = user.Id });
        db.Add(new AccountHolder { AccountId = accountId, PersonId = personId });
        db.Add(new PhoneNumber
        {
            UserId = user.Id,
            Id = user.NumberId,
            E164 = user.Mobile,
            AddedAt = now,
            VerifiedAt = now,
            Preferred = true,
        });
        foreach (var kind in kinds)
        {
            kind.Add(db, user, now);
        }

        return user;
    }

    private static string Numbered(string prefix, int number) => string.Create(CultureInfo.InvariantCulture, $"{prefix}{number:D7}");
}
