using System.Globalization;
using Countersign.Protocol.Statements;
using Countersign.Server.Data;
using Countersign.Server.Features.Confirming.Challenges;
using Countersign.Server.Features.Confirming.Devices;
using Countersign.Server.Features.Ground.Audit;
using Countersign.Server.Features.Kinds.TextMessages;
using Countersign.Server.Features.Messaging.Shield;
using Countersign.Server.Features.Registry.PhoneNumbers;
using Countersign.Server.Http;
using Microsoft.EntityFrameworkCore;

namespace Countersign.Server.Features.Clients.NumberSettings;

/// <summary>The number to be verified.</summary>
internal sealed record NumberVerificationSubject(Guid NumberId, string E164);

/// <summary>Shows that a number is in the person's hands: the code that was sent there comes back (S1).</summary>
internal sealed class NumberVerificationPurpose(
    NumberDevices devices, MessageShield shield, NumberNotices notices, AuditTrail audit, TimeProvider time)
    : Purpose<NumberVerificationSubject, Done>
{
    public override string Id => "number-verification";

    public override PurposeTraits Traits => PurposeTraits.Activates;

    public override Statement Say(NumberVerificationSubject subject, CultureInfo language) => new(
        string.Format(language, TextOf<NumberText>.In(language, "statement.confirm"), MobileNumber.Mask(subject.E164)),
        [new StatementDetail("number", subject.E164), new StatementDetail("row", subject.NumberId.ToString("N"))]);

    public override async Task<Result<Done>> CompleteAsync(
        Approval<NumberVerificationSubject> approved, CountersignDbContext db, CancellationToken ct)
    {
        var (user, id, now) = (approved.User, approved.Subject.NumberId, time.GetUtcNow());
        if (await Row(db, user.Id, id).Where(n => n.VerifiedAt == null && n.AgreedAt != null).ExecuteUpdateAsync(
            set => set.SetProperty(n => n.VerifiedAt, now), ct) == 0)
        {
            return NumberErrors.Gone;
        }

        var number = await db.NumbersOf(user.Id).SingleAsync(n => n.Id == id, ct);
        audit.Add(db, AuditEvents.NumberVerified, user.Id, approved.By, ("challenge", approved.ChallengeId), ("number", id));
        await shield.ProvedAsync(db, user.Id, number.E164, ct);
        await AddressCredentials.ProvedAsync(db, (await devices.CredentialAsync(db, number, ct)).Key, now, ct);
        var cause = new Cause(approved.By) { Challenge = approved.ChallengeId, ToldElsewhere = true };
        var replaced = number.ReplacesId is { } old ? await RemoveReplacedAsync(db, user.Id, old, now, ct) : null;
        if (replaced?.Preferred == true || !await db.VerifiedNumbersOf(user.Id).AnyAsync(n => n.Preferred, ct))
        {
            await db.Set<PhoneNumber>().Where(n => n.UserId == user.Id).ExecuteUpdateAsync(
                set => set.SetProperty(n => n.Preferred, n => n.Id == id), ct);
            await devices.MoveAsync(db, number, cause, ct);
        }

        if (replaced is not null)
        {
            await devices.EndAsync(db, user.Id, replaced.Id, cause, ct);
        }

        await EnrolmentRequest.AddAsync(db, user.Id, now, ct);
        await notices.VerifiedAsync(db, user, number, replaced, ct);
        return Done.Now;
    }

    private static async Task<PhoneNumber?> RemoveReplacedAsync(
        CountersignDbContext db, Guid userId, Guid id, DateTimeOffset now, CancellationToken ct)
    {
        var old = await db.NumbersOf(userId).SingleOrDefaultAsync(n => n.Id == id, ct);
        await Row(db, userId, id).ExecuteUpdateAsync(
            set => set.SetProperty(n => n.RemovedAt, now).SetProperty(n => n.Preferred, false), ct);
        return old;
    }

    private static IQueryable<PhoneNumber> Row(CountersignDbContext db, Guid userId, Guid id) =>
        db.Set<PhoneNumber>().Where(n => n.UserId == userId && n.Id == id && n.RemovedAt == null);
}
