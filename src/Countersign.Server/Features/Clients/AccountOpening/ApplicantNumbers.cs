using System.Globalization;
using Countersign.Server.Data;
using Countersign.Server.Features.Clients.NumberSettings;
using Countersign.Server.Features.Confirming.Challenges;
using Countersign.Server.Features.Confirming.Devices;
using Countersign.Server.Features.Ground.Rations;
using Countersign.Server.Features.Registry.Accounts;
using Countersign.Server.Features.Registry.PhoneNumbers;
using Countersign.Server.Features.Registry.Users;
using Microsoft.EntityFrameworkCore;

namespace Countersign.Server.Features.Clients.AccountOpening;

/// <summary>
/// Confirms an applicant's mobile number (S4). Only here is a number taken without a device (D1): there is none yet, and no money.
/// The address comes first, and a message goes out by itself once in a session (D27).
/// </summary>
internal sealed class ApplicantNumbers(IWriter writer, NumberRules rules, ChangeNumbers numbers, Rationing rationing, TimeProvider time)
{
    private static readonly RationRule Once = new(1, TimeSpan.FromDays(1));

    /// <param name="byItself">Whether nobody pressed a button: the field was complete.</param>
    public async Task<Result<ChallengeHandle>> SendAsync(
        UserView user, Guid sessionId, Opener opener, string? typed, string? country, bool byItself, CultureInfo language,
        CancellationToken ct)
    {
        var read = rules.Read(typed, country);
        return read.Succeeded
            ? await writer.RunAsync((db, token) => SendAsync(db, user, sessionId, opener, read.Value, byItself, language, token), ct)
            : read.Error;
    }

    private async Task<Result<ChallengeHandle>> SendAsync(
        CountersignDbContext db, UserView user, Guid sessionId, Opener opener, MobileNumber mobile, bool byItself, CultureInfo language,
        CancellationToken ct)
    {
        if (!await db.Set<User>().AnyAsync(u => u.Id == user.Id && u.EmailConfirmedAt != null, ct))
        {
            return AccountApplicationErrors.EmailFirst;
        }

        if (await db.VerifiedNumbersOf(user.Id).AnyAsync(ct) || await AccountViews.IsFundedAsync(db, user.Id, ct))
        {
            return NumberErrors.AlreadyVerified;
        }

        // D1: who has, or had, a device agrees with one, under Settings.
        if (await DeviceViews.EverActivatedAsync(db, user.Id, ct))
        {
            return AccountApplicationErrors.UnderSettings;
        }

        // The dialog sends by itself, and the person may press the button at that moment.
        await UserLock.TakeAsync(db, user.Id, ct);
        if (byItself && !await rationing.TakeAsync(db, user.Id, $"account_opening/by-itself/{sessionId:N}", Once))
        {
            return AccountApplicationErrors.PressToSend;
        }

        var number = await TakeAsync(db, user.Id, mobile, ct);
        var step = await numbers.BeginVerificationAsync(db, user, opener, number, language, ct);
        return step.Succeeded ? step.Value.Challenge : step.Error;
    }

    /// <summary>The number that was typed last is the one that counts: others that were not confirmed go.</summary>
    private async Task<PhoneNumber> TakeAsync(CountersignDbContext db, Guid userId, MobileNumber mobile, CancellationToken ct)
    {
        var now = time.GetUtcNow();
        await db.Set<PhoneNumber>().Where(n => n.UserId == userId && n.RemovedAt == null && n.VerifiedAt == null && n.E164 != mobile.E164)
            .ExecuteUpdateAsync(set => set.SetProperty(n => n.RemovedAt, now).SetProperty(n => n.Preferred, false), ct);
        await db.Set<PhoneNumber>().Where(n => n.UserId == userId && n.RemovedAt == null && n.E164 == mobile.E164)
            .ExecuteUpdateAsync(set => set.SetProperty(n => n.AgreedAt, now).SetProperty(n => n.Preferred, true), ct);
        if (await db.NumbersOf(userId).SingleOrDefaultAsync(n => n.E164 == mobile.E164, ct) is { } known)
        {
            return known;
        }

        var number = new PhoneNumber
        {
            UserId = userId,
            Id = Guid.CreateVersion7(now),
            E164 = mobile.E164,
            AddedAt = now,
            AgreedAt = now,
            Preferred = true,
        };
        db.Add(number);
        await db.SaveChangesAsync(ct);
        return number;
    }
}
