using Countersign.Server.Data;
using Countersign.Server.Data.Protection;
using Countersign.Server.Features.Clients.Contacts;
using Countersign.Server.Features.Ground.Audit;
using Countersign.Server.Features.Registry.Accounts;
using Countersign.Server.Features.Registry.People;
using Countersign.Server.Features.Registry.Users;
using Microsoft.EntityFrameworkCore;
using NodaTime.TimeZones;

namespace Countersign.Server.Features.Clients.AccountOpening;

/// <summary>An account application as its pages see it.</summary>
/// <param name="Answers">Null where they do not open, because they were changed in the database.</param>
internal sealed record AccountApplicationView(
    AccountApplicationState State, ApplicantAnswers? Answers, DateTimeOffset? SubmittedAt, string? AccountNumber)
{
    /// <summary>Whether it cannot go on: nobody writes over what does not open.</summary>
    public bool IsStuck => this is { State: AccountApplicationState.Draft, Answers: null };
}

/// <summary>Reads, saves and submits account applications.</summary>
internal sealed class AccountApplications(
    RowProtection protection, AccountApplicationRules rules, ContactLife contacts, ISecrets secrets, AuditTrail audit, TimeProvider time)
{
    private const int MostAttempts = 5;
    private const int AccountNumbers = 9_000_000;

    public async Task<AccountApplicationView?> FindAsync(CountersignDbContext db, Guid userId, CancellationToken ct) =>
        await db.Set<AccountApplication>().AsNoTracking().SingleOrDefaultAsync(a => a.UserId == userId, ct) is { } row
            ? new AccountApplicationView(row.State, Open(userId, row.Answers), row.SubmittedAt, row.AccountNumber)
            : null;

    /// <summary>A new draft, in the unit that makes its user.</summary>
    public void Begin(CountersignDbContext db, Guid userId, string source)
    {
        var now = time.GetUtcNow();
        db.Add(new AccountApplication
        {
            UserId = userId,
            State = AccountApplicationState.Draft,
            Answers = Close(userId, new ApplicantAnswers()),
            BegunAt = now,
            SavedAt = now,
        });
        audit.Add(db, AuditEvents.AccountOpeningBegun, userId, Actor.Client(userId, source));
    }

    /// <summary>Keeps what was typed, good or not: nothing is lost. What was submitted is not changed any more.</summary>
    public async Task<bool> SaveAsync(CountersignDbContext db, Guid userId, ApplicantAnswers answers, CancellationToken ct)
    {
        var now = time.GetUtcNow();
        var closed = Close(userId, answers);
        return await db.Set<AccountApplication>().Where(a => a.UserId == userId && a.State == AccountApplicationState.Draft)
            .ExecuteUpdateAsync(set => set.SetProperty(a => a.Answers, closed).SetProperty(a => a.SavedAt, now), ct) == 1;
    }

    /// <summary>Hands the application in and opens the account, once: of two that press the button one does it.</summary>
    /// <returns>Null when it is submitted, now or before; else why it is not.</returns>
    public async Task<Error?> SubmitAsync(CountersignDbContext db, Guid userId, string source, CancellationToken ct)
    {
        if (await FindAsync(db, userId, ct) is not { State: AccountApplicationState.Draft } draft)
        {
            return null;
        }

        if (draft.Answers is not { } answers)
        {
            return AccountApplicationErrors.Unreadable;
        }

        if (rules.FirstIncomplete(answers) is not null)
        {
            return AccountApplicationErrors.Incomplete;
        }

        var now = time.GetUtcNow();
        var number = await NewNumberAsync(db, ct);
        if (await db.Set<AccountApplication>()
            .Where(a => a.UserId == userId && a.State == AccountApplicationState.Draft)
            .ExecuteUpdateAsync(
                set => set.SetProperty(a => a.State, AccountApplicationState.Submitted).SetProperty(a => a.SubmittedAt, now).SetProperty(
                    a => a.AccountNumber, number),
                ct) == 1)
        {
            await OpenAccountAsync(db, userId, number, answers, ct);
            audit.Add(db, AuditEvents.AccountOpeningSubmitted, userId, Actor.Client(userId, source), ("number", number));
        }

        return null;
    }

    private async Task OpenAccountAsync(CountersignDbContext db, Guid userId, string number, ApplicantAnswers answers, CancellationToken ct)
    {
        var now = time.GetUtcNow();
        var user = await db.Set<User>().SingleAsync(u => u.Id == userId, ct);
        var row = db.Set<Person>().Where(p => p.Id == user.PersonId);
        await ContactLife.LockAsync(row, ct);
        var person = await row.SingleAsync(ct);
        person.Name = answers.FullName!;
        person.Residence = answers.Residence!;
        var details = new HolderDetails(
            DateOnly.Parse(answers.Birthday!, System.Globalization.CultureInfo.InvariantCulture),
            [string.Join(", ", new[] { answers.Street, answers.Postcode, answers.City }.Where(l => !string.IsNullOrEmpty(l)))],
            [],
            // What a device has agreed to in the settings meanwhile stands above what was typed without one (D4).
            Home: contacts.Open(person)?.Home ?? new HolderAddress(answers.Street, Number: null, answers.Postcode, answers.City));
        person.Details = protection.Protect(HolderDetails.Column, person.Id, person.Id, details, PeopleJson.Default.HolderDetails);
        user.TimeZone = ZoneOf(answers.Residence!);
        var account = new Account
        {
            Id = Guid.CreateVersion7(now),
            Number = number,
            Jurisdiction = answers.Residence!,
            TimeZone = user.TimeZone,
            Equity = 0m,
            EquityCurrency = answers.Currency!,
            EquityAsOf = Times.DayIn(user.TimeZone, now),
        };
        db.Add(account);
        db.Add(new AccountHolder { AccountId = account.Id, PersonId = person.Id });
        db.Add(new AccountUser { AccountId = account.Id, UserId = userId });
    }

    private async Task<string> NewNumberAsync(CountersignDbContext db, CancellationToken ct)
    {
        for (var attempt = 0; attempt < MostAttempts; attempt++)
        {
            var number = string.Create(System.Globalization.CultureInfo.InvariantCulture, $"U{1_000_000 + secrets.Below(AccountNumbers)}");
            if (!await db.Set<Account>().AnyAsync(a => a.Number == number, ct))
            {
                return number;
            }
        }

        throw new InvalidOperationException("No free account number was found.");
    }

    /// <summary>A country's first zone is the one of most of its people; they can be asked later.</summary>
    private static string ZoneOf(string country) =>
        TzdbDateTimeZoneSource.Default.ZoneLocations?.FirstOrDefault(l => l.CountryCode == country)?.ZoneId ?? "Etc/UTC";

    private byte[] Close(Guid userId, ApplicantAnswers answers) =>
        protection.Protect(AccountApplication.AnswersColumn, userId, userId, answers, AccountApplicationJson.Default.ApplicantAnswers);

    private ApplicantAnswers? Open(Guid userId, byte[] closed) =>
        protection.Open(AccountApplication.AnswersColumn, userId, userId, closed, AccountApplicationJson.Default.ApplicantAnswers);
}
