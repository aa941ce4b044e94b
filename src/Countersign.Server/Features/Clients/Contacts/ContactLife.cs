using Countersign.Server.Data;
using Countersign.Server.Data.Protection;
using Countersign.Server.Features.Ground.Audit;
using Countersign.Server.Features.Messaging.Messages;
using Countersign.Server.Features.Messaging.Notices;
using Countersign.Server.Features.Registry.People;
using Countersign.Server.Features.Registry.PhoneNumbers;
using Countersign.Server.Features.Registry.Users;
using Microsoft.EntityFrameworkCore;

namespace Countersign.Server.Features.Clients.Contacts;

/// <summary>
/// The one place where the e-mail address of a user, or the postal address of a person, becomes another one, wherever that comes from:
/// a device has agreed to it, an application or a file says so. It is new for the trust age, it is audited, and everybody is told, the
/// old address and the new (D4). What a user or a person begins with is no change.
/// </summary>
internal sealed class ContactLife(NoticeBoard notices, UserViews users, RowProtection protection, AuditTrail audit, TimeProvider time)
{
    /// <summary>Makes an address the user's.</summary>
    /// <param name="proved">Whether a code that was sent there came back.</param>
    /// <param name="challenge">The challenge that was answered for it; null where none was.</param>
    public async Task EmailAsync(
        CountersignDbContext db, Guid userId, EmailAddress address, bool proved, Actor by, Guid? challenge, CancellationToken ct)
    {
        // One after the other: each tells the address that the one before has left.
        await UserLock.TakeAsync(db, userId, ct);
        var before = (await users.FindAsync(db, userId, ct))!;
        var now = time.GetUtcNow();
        var (value, provedAt, trustedAt) = (address.Value, proved ? now : (DateTimeOffset?)null, now + before.Regime.TrustAge);
        if (address.IsSameAs(before.Email))
        {
            await db.Set<User>().Where(u => u.Id == userId && u.EmailConfirmedAt == null).ExecuteUpdateAsync(
                set => set.SetProperty(u => u.EmailConfirmedAt, provedAt), ct);
            return;
        }

        var told = await Emails.ToldAsync(db, before, now, ct);
        await db.Set<User>().Where(u => u.Id == userId).ExecuteUpdateAsync(
            set => set.SetProperty(u => u.Email, value)
                .SetProperty(u => u.EmailConfirmedAt, provedAt)
                .SetProperty(u => u.EmailTrustedAt, trustedAt),
            ct);
        if (before.Email is { } former)
        {
            db.Append(new FormerEmail { UserId = userId, Id = Guid.CreateVersion7(now), Address = former, ToldUntil = trustedAt });
        }

        audit.Add(
            db, AuditEvents.EmailChanged, userId, by, ("challenge", challenge), ("proved", proved), ("trusted", trustedAt.ToString("O")));
        await notices.TellAsync(
            db, before, Notice.EmailChanged, [.. told.Prepend(value).Distinct(StringComparer.OrdinalIgnoreCase)],
            await NumbersAsync(db, userId, ct), FromOf(by, now), [TypedWords.Mark(EmailAddress.Mask(value))], ct);
    }

    /// <summary>
    /// Makes an address the person's, whose row the caller tracks, saves, and has locked before it was read. All users of the person are
    /// told.
    /// </summary>
    /// <param name="details">What else is to be stored of the person.</param>
    public async Task AddressAsync(
        CountersignDbContext db, Person person, HolderDetails details, HolderAddress address, Actor by, Guid? challenge,
        CancellationToken ct)
    {
        var now = time.GetUtcNow();
        person.AddressTrustedAt = now;
        Keep(person, details with { Home = address });
        foreach (var id in await db.Set<User>().Where(u => u.PersonId == person.Id).OrderBy(u => u.Id).Select(u => u.Id).ToListAsync(ct))
        {
            var user = (await users.FindAsync(db, id, ct))!;
            var trustedAt = now + user.Regime.TrustAge;
            person.AddressTrustedAt = trustedAt > person.AddressTrustedAt ? trustedAt : person.AddressTrustedAt;
            audit.Add(db, AuditEvents.AddressChanged, id, by, ("challenge", challenge), ("trusted", trustedAt.ToString("O")));
            await notices.TellAsync(
                db, user, Notice.AddressChanged, await Emails.ToldAsync(db, user, now, ct), await NumbersAsync(db, id, ct),
                FromOf(by, now), [], ct);
        }
    }

    /// <summary>What is known of a person; null where it does not open.</summary>
    public HolderDetails? Open(Person person) =>
        protection.Open(HolderDetails.Column, person.Id, person.Id, person.Details, PeopleJson.Default.HolderDetails);

    /// <summary>Has those who change these people wait for each other: each reads afterwards what the one before has left.</summary>
    public static Task LockAsync(IQueryable<Person> people, CancellationToken ct) =>
        people.ExecuteUpdateAsync(set => set.SetProperty(p => p.Number, p => p.Number), ct);

    private void Keep(Person person, HolderDetails details) => person.Details = protection.Protect(
        HolderDetails.Column, person.Id, person.Id, details, PeopleJson.Default.HolderDetails);

    /// <summary>
    /// An import's go now and take nothing of the day's budgets: its one transaction must not hold a country's budget until it is written.
    /// </summary>
    private static DateTimeOffset? FromOf(Actor by, DateTimeOffset now) => by.Kind == ActorKind.Import ? now : null;

    private static async Task<IReadOnlyList<string>> NumbersAsync(CountersignDbContext db, Guid userId, CancellationToken ct) =>
        await db.VerifiedNumbersOf(userId).Select(n => n.E164).ToListAsync(ct);
}
