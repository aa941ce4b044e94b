using Countersign.Server.Data;
using Countersign.Server.Features.Messaging.Messages;
using Countersign.Server.Features.Messaging.Notices;
using Countersign.Server.Features.Registry.PhoneNumbers;
using Countersign.Server.Features.Registry.Users;
using Microsoft.EntityFrameworkCore;

namespace Countersign.Server.Features.Clients.NumberSettings;

/// <summary>Tells clients what became of their numbers.</summary>
internal sealed class NumberNotices(NoticeBoard notices, UserViews users)
{
    /// <summary>Others who are told that somebody verified the number which they have: more than these share no phone.</summary>
    private const int MostOthers = 10;

    /// <param name="replaced">The number that it took the place of; null where it took none's.</param>
    public async Task VerifiedAsync(CountersignDbContext db, UserView user, PhoneNumber number, PhoneNumber? replaced, CancellationToken ct)
    {
        await TellAsync(db, user, number, replaced, ct);
        await TellOthersAsync(db, user, number, ct);
    }

    /// <summary>Tells these numbers, and the e-mail address, of a change of one of them.</summary>
    public Task ChangedAsync(
        CountersignDbContext db, UserView user, Notice notice, IReadOnlyList<string> told, PhoneNumber number, CancellationToken ct) =>
        notices.TellNumbersAsync(db, user, notice, told, ct, MobileNumber.Mask(number.E164));

    /// <summary>
    /// All old and new ones are told (D4): the owner of the old number must hear of it even where a thief has the new one.
    /// </summary>
    private async Task TellAsync(CountersignDbContext db, UserView user, PhoneNumber number, PhoneNumber? replaced, CancellationToken ct)
    {
        var numbers = await db.VerifiedNumbersOf(user.Id).Select(n => n.E164).ToListAsync(ct);
        if (replaced is { VerifiedAt: not null })
        {
            await notices.TellNumbersAsync(
                db, user, Notice.NumberReplaced, [.. numbers, replaced.E164], ct, MobileNumber.Mask(number.E164),
                MobileNumber.Mask(replaced.E164));
        }
        else
        {
            await notices.TellNumbersAsync(db, user, Notice.NumberVerified, numbers, ct, MobileNumber.Mask(number.E164));
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
}
