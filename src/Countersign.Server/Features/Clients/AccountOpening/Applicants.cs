using System.Globalization;
using Countersign.Server.Data;
using Countersign.Server.Data.Protection;
using Countersign.Server.Features.Ground.Rations;
using Countersign.Server.Features.Registry.People;
using Countersign.Server.Features.Registry.Users;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Options;

namespace Countersign.Server.Features.Clients.AccountOpening;

/// <summary>
/// Makes the user of an account application. The name is the person's own letters and four digits of ours, so that nobody can find out
/// by it which names exist (D19).
/// </summary>
internal sealed class Applicants(
    AccountApplications applications, RowProtection protection, UserViews users, Rationing rationing, ISecrets secrets,
    IOptions<AccountApplicationOptions> options, TimeProvider time)
{
    private const int LeastLetters = 3;
    private const int MostLetters = 20;
    private const int MostAttempts = 8;

    /// <summary>The letters that a name can begin with.</summary>
    public static Result<string> Letters(string? typed)
    {
        var text = typed?.Trim().ToLowerInvariant() ?? string.Empty;
        return text.Length is >= LeastLetters and <= MostLetters && text.All(char.IsAsciiLetterLower)
            ? text
            : AccountApplicationErrors.UserName with { Arguments = [LeastLetters, MostLetters] };
    }

    /// <summary>Takes one of the source's applications of a day. Null when there was one left.</summary>
    public async Task<Error?> ChargeAsync(CountersignDbContext db, string source)
    {
        var rule = new RationRule(options.Value.PerSourceDaily, TimeSpan.FromDays(1));
        return await rationing.TakeAsync(db, Guid.Empty, "account_opening/" + source, rule)
            ? null
            : AccountApplicationErrors.TooMany with { RetryAfter = rule.Window };
    }

    /// <summary>Adds person, user and draft to the unit of work.</summary>
    public async Task<UserView> AddAsync(
        CountersignDbContext db, EmailAddress email, string letters, string passwordHash, CultureInfo language, string source,
        CancellationToken ct)
    {
        var now = time.GetUtcNow();
        var personId = Guid.CreateVersion7(now);
        db.Add(new Person
        {
            Id = personId,
            Number = "A-" + personId.ToString("N"),
            Name = string.Empty,
            Residence = "ZZ",
            Details = protection.Protect(HolderDetails.Column, personId, personId, HolderDetails.None, PeopleJson.Default.HolderDetails),
        });
        var name = await FreeNameAsync(db, letters, ct);
        var user = new User
        {
            Id = Guid.CreateVersion7(now),
            PersonId = personId,
            Name = name,
            NormalisedName = name,
            Email = email.Value,
            Language = language.Name,
            TimeZone = "Etc/UTC",
            PasswordHash = passwordHash,
            PasswordSetAt = now,
            CreatedAt = now,
        };
        db.Add(user);
        applications.Begin(db, user.Id, source);
        return users.Of(user);
    }

    private async Task<string> FreeNameAsync(CountersignDbContext db, string letters, CancellationToken ct)
    {
        for (var attempt = 0; attempt < MostAttempts; attempt++)
        {
            var name = letters + secrets.Below(10_000).ToString("D4", CultureInfo.InvariantCulture);
            if (!await db.Set<User>().AnyAsync(u => u.NormalisedName == name, ct))
            {
                return name;
            }
        }

        throw new InvalidOperationException("No free user name was found.");
    }
}
