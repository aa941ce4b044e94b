using System.Globalization;
using Countersign.Server.Data;
using Countersign.Server.Data.Protection;
using Countersign.Server.Features.Access.Passwords;
using Countersign.Server.Features.Access.Sessions;
using Countersign.Server.Features.Confirming.Challenges;
using Countersign.Server.Features.Ground.Rations;
using Countersign.Server.Features.Kinds.EmailCodes;
using Countersign.Server.Features.Registry.People;
using Countersign.Server.Features.Registry.Users;
using Countersign.Server.Http;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Options;

namespace Countersign.Server.Features.Clients.AccountOpening;

/// <summary>A new applicant's session and the challenge that confirms the e-mail address; the latter is null where no message could go.</summary>
internal sealed record BegunApplication(SessionToken Session, ChallengeHandle? EmailChallenge);

/// <summary>
/// Makes the user of an application. The name is the person's own letters and four digits of ours, so that nobody can find out
/// by it which names exist (D19).
/// </summary>
internal sealed class BeginApplication(
    IWriter writer, PasswordQueue passwords, PasswordBlocklist blocklist, ApplicationDesk desk, ConfirmEmail confirmEmail, NewSession sessions, Rationing rationing, RowProtection protection, UserViews users,
    ISecrets secrets, IOptions<PasswordOptions> passwordOptions, IOptions<ApplicationOptions> options, IOptions<SiteOptions> site, TimeProvider time)
{
    private const int LeastLetters = 3;
    private const int MostLetters = 20;
    private const int MostAttempts = 8;

    public async Task<Result<BegunApplication>> RunAsync(Opener opener, string browser, string? email, string? letters, string? password, CultureInfo language, CancellationToken ct)
    {
        if (!EmailAddress.TryParse(email, out var address))
        {
            return ApplicationErrors.Email;
        }

        var wanted = Letters(letters);
        if (wanted is null)
        {
            return ApplicationErrors.UserName with { Arguments = [LeastLetters, MostLetters] };
        }

        if (PasswordRules.Check(password ?? string.Empty, Policy, blocklist, wanted, site.Value.Name) is { } broken)
        {
            return PasswordErrors.Of(broken, Policy);
        }

        // Charged before the hash is made: it is what a stranger could make us pay for.
        var rule = new RationRule(options.Value.PerSourceDaily, TimeSpan.FromDays(1));
        if (!await writer.RunAsync((db, token) => rationing.TakeAsync(db, Guid.Empty, "application/" + opener.Source, rule, token), ct))
        {
            return ApplicationErrors.TooMany with { RetryAfter = rule.Window };
        }

        if (passwords.TryMake(password!) is not { } make)
        {
            return PasswordErrors.Overloaded;
        }

        var hash = await make;
        return await writer.RunAsync((db, token) => AddAsync(db, opener, browser, address, wanted, hash, language, token), ct);
    }

    private PasswordPolicy Policy => new(passwordOptions.Value.MinimumLength, passwordOptions.Value.MaximumLength);

    private async Task<Result<BegunApplication>> AddAsync(
        CountersignDbContext db, Opener opener, string browser, EmailAddress email, string wanted, string hash, CultureInfo language, CancellationToken ct)
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
        var name = await FreeNameAsync(db, wanted, ct);
        var user = new User
        {
            Id = Guid.CreateVersion7(now),
            PersonId = personId,
            Name = name,
            NormalisedName = name,
            Email = email.Value,
            Language = language.Name,
            TimeZone = "Etc/UTC",
            PasswordHash = hash,
            PasswordSetAt = now,
            CreatedAt = now,
        };
        db.Add(user);
        desk.Begin(db, user.Id, opener.Source);
        var view = users.Of(user);
        var session = sessions.AddForApplication(db, view, opener.Source, browser);
        await db.SaveChangesAsync(ct);
        var challenge = await confirmEmail.BeginAsync(db, view, opener, language, ct);
        return new BegunApplication(session, challenge.Succeeded ? challenge.Value : null);
    }

    private async Task<string> FreeNameAsync(CountersignDbContext db, string wanted, CancellationToken ct)
    {
        for (var attempt = 0; attempt < MostAttempts; attempt++)
        {
            var name = wanted + secrets.Below(10_000).ToString("D4", CultureInfo.InvariantCulture);
            if (!await db.Set<User>().AnyAsync(u => u.NormalisedName == name, ct))
            {
                return name;
            }
        }

        throw new InvalidOperationException("No free user name was found.");
    }

    private static string? Letters(string? typed)
    {
        var text = typed?.Trim().ToLowerInvariant() ?? string.Empty;
        return text.Length is >= LeastLetters and <= MostLetters && text.All(char.IsAsciiLetterLower) ? text : null;
    }
}
