using System.Globalization;
using System.Text.Json;
using Countersign.Protocol.Statements;
using Countersign.Server.Data;
using Countersign.Server.Features.Confirming.Challenges;
using Countersign.Server.Features.Ground.Audit;
using Countersign.Server.Features.Messaging.Messages;
using Countersign.Server.Features.Messaging.Notices;
using Countersign.Server.Features.Messaging.Shield;
using Countersign.Server.Features.Registry.PhoneNumbers;
using Countersign.Server.Features.Registry.Users;
using Countersign.Server.Http;
using Microsoft.EntityFrameworkCore;

namespace Countersign.Server.Features.Clients.NumberSettings;

/// <summary>The number to be verified.</summary>
internal sealed record NumberVerificationSubject(Guid NumberId, string E164);

/// <summary>Shows that a number is in the person's hands: the code that was sent there comes back (S1). Answered by the number's own device, which is not active yet.</summary>
internal sealed class NumberVerificationPurpose(
    INumberDevices devices, UserViews users, MessageShield shield, NoticeBoard notices, AuditTrail audit, TimeProvider time) : IPurpose
{
    public const string PurposeId = "number-verification";

    /// <summary>Others who are told that somebody verified the number which they have: more than these share no phone.</summary>
    private const int MostOthers = 10;

    public string Id => PurposeId;

    public bool Activates => true;

    public ChallengeRules Rules(UserView user) => ChallengeRules.Of(user.Regime);

    public Statement Say(JsonElement subject, CultureInfo language)
    {
        var number = Read(subject);
        return new(string.Format(language, TextOf<NumberText>.In(language, "statement.confirm"), MobileNumber.Mask(number.E164)), [new StatementDetail("number", number.E164), new StatementDetail("row", number.NumberId.ToString("N"))]);
    }

    public Error? Refuses(DeviceView device, KindTraits kind, JsonElement subject) => null;

    public async Task<Outcome> CompleteAsync(ChallengeView approved, DeviceView device, CountersignDbContext db, CancellationToken ct)
    {
        var user = approved.User;
        var id = Read(approved.Subject).NumberId;
        var now = time.GetUtcNow();
        if (await Row(db, user.Id, id).Where(n => n.VerifiedAt == null && n.AgreedAt != null).ExecuteUpdateAsync(set => set.SetProperty(n => n.VerifiedAt, now), ct) == 0)
        {
            return new Outcome(null, NumberErrors.Gone);
        }

        var number = await db.NumbersOf(user.Id).SingleAsync(n => n.Id == id, ct);
        await shield.ProvedAsync(db, user.Id, number.E164, ct);
        audit.Add(db, AuditEvents.NumberVerified, user.Id, approved.Source, ("challenge", approved.Id), ("number", id));
        var replaced = number.ReplacesId is { } old ? await RemoveReplacedAsync(db, user.Id, old, now, ct) : null;
        if (replaced?.Preferred == true || !await db.VerifiedNumbersOf(user.Id).AnyAsync(n => n.Preferred, ct))
        {
            await db.Set<PhoneNumber>().Where(n => n.UserId == user.Id).ExecuteUpdateAsync(set => set.SetProperty(n => n.Preferred, n => n.Id == id), ct);
            await devices.MoveAsync(db, number, by: null, ct);
        }

        if (replaced is not null)
        {
            await devices.EndAsync(db, user.Id, replaced.Id, ct);
        }

        await devices.LookAgainAsync(db, user.Id, ct);
        await TellAsync(db, user, number, replaced, ct);
        await TellOthersAsync(db, user, number, ct);
        return new Outcome(id);
    }

    private static async Task<PhoneNumber?> RemoveReplacedAsync(CountersignDbContext db, Guid userId, Guid id, DateTimeOffset now, CancellationToken ct)
    {
        var old = await db.NumbersOf(userId).SingleOrDefaultAsync(n => n.Id == id, ct);
        await Row(db, userId, id).ExecuteUpdateAsync(set => set.SetProperty(n => n.RemovedAt, now).SetProperty(n => n.Preferred, false), ct);
        return old;
    }

    /// <summary>All old and new ones are told (D4): the owner of the old number must hear of it even where a thief has the new one.</summary>
    private async Task TellAsync(CountersignDbContext db, UserView user, PhoneNumber number, PhoneNumber? replaced, CancellationToken ct)
    {
        var numbers = await db.VerifiedNumbersOf(user.Id).Select(n => n.E164).ToListAsync(ct);
        if (replaced is { VerifiedAt: not null })
        {
            notices.TellNumbers(db, user, Notice.NumberReplaced, [.. numbers, replaced.E164], MobileNumber.Mask(number.E164), MobileNumber.Mask(replaced.E164));
        }
        else
        {
            notices.TellNumbers(db, user, Notice.NumberVerified, numbers, MobileNumber.Mask(number.E164));
        }
    }

    /// <summary>
    /// A number goes from hand to hand: who verified it before, and is somebody else, hears of it by e-mail (the phone may be
    /// the other's by now) and can put it right. Neither learns who the other is.
    /// </summary>
    private async Task TellOthersAsync(CountersignDbContext db, UserView user, PhoneNumber number, CancellationToken ct)
    {
        var others = await (from n in db.Set<PhoneNumber>().AsNoTracking()
                            join u in db.Set<User>() on n.UserId equals u.Id
                            join me in db.Set<User>() on user.Id equals me.Id
                            where n.E164 == number.E164 && n.RemovedAt == null && n.VerifiedAt != null && u.PersonId != me.PersonId
                            select u.Id).Take(MostOthers).ToListAsync(ct);
        foreach (var other in others)
        {
            if (await users.FindAsync(db, other, ct) is { } view)
            {
                await notices.TellAsync(db, view, Notice.NumberElsewhere, except: MessageChannel.Sms, ct, MobileNumber.Mask(number.E164));
            }
        }
    }

    private static IQueryable<PhoneNumber> Row(CountersignDbContext db, Guid userId, Guid id) => db.Set<PhoneNumber>().Where(n => n.UserId == userId && n.Id == id && n.RemovedAt == null);

    private static NumberVerificationSubject Read(JsonElement subject) => subject.Deserialize(NumbersJson.Default.NumberVerificationSubject)!;
}
