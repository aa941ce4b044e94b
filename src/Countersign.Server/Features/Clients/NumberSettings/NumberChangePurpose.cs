using System.Globalization;
using System.Text.Json;
using Countersign.Protocol.Statements;
using Countersign.Server.Data;
using Countersign.Server.Features.Confirming.Challenges;
using Countersign.Server.Features.Confirming.Devices;
using Countersign.Server.Features.Confirming.Devices.Tiers;
using Countersign.Server.Features.Ground.Audit;
using Countersign.Server.Features.Kinds.TextMessages;
using Countersign.Server.Features.Messaging.Notices;
using Countersign.Server.Features.Registry.PhoneNumbers;
using Countersign.Server.Features.Registry.Users;
using Countersign.Server.Http;
using Microsoft.EntityFrameworkCore;

namespace Countersign.Server.Features.Clients.NumberSettings;

/// <summary>What a user wants with a number.</summary>
internal enum NumberChange
{
    Add,
    Replace,
    Verify,
    Prefer,
    Remove,
}

/// <summary>A change that waits for a device to agree.</summary>
/// <param name="NumberId">The number that is there; with <see cref="NumberChange.Replace"/> the one that goes; null with
/// <see cref="NumberChange.Add"/>.</param>
/// <param name="E164">The number that is meant, as it is shown.</param>
internal sealed record NumberChangeSubject(NumberChange Change, Guid? NumberId, string E164);

/// <summary>What came of a change of numbers.</summary>
/// <param name="ToVerify">The number to verify next, where there is one.</param>
internal sealed record ChangedNumber(Guid? ToVerify);

/// <summary>
/// A change of numbers, agreed to with the strongest device (D1): whoever has only the password, or a weaker device, changes none.
/// </summary>
internal sealed class NumberChangePurpose(
    NumberRules rules, NumberDevices devices, NumberNotices notices, DeviceTiers tiers, AuditTrail audit, TimeProvider time)
    : Purpose<NumberChangeSubject, ChangedNumber>
{
    public override string Id => "number-change";

    public override Statement Say(NumberChangeSubject subject, CultureInfo language)
    {
        var text = TextOf<NumberText>.In(language, "statement." + JsonNamingPolicy.CamelCase.ConvertName(subject.Change.ToString()));
        return new(
            string.Format(language, text, MobileNumber.International(subject.E164)),
            [
                new StatementDetail("change", subject.Change.ToString()), new StatementDetail("number", subject.E164),
                new StatementDetail("row", subject.NumberId?.ToString("N") ?? string.Empty),
            ]);
    }

    /// <summary>What takes a number away, or the codes from it, takes a device that is trusted, where there is one (D2).</summary>
    public override Consent Takes(NumberChangeSubject subject, UserView user) =>
        new()
        {
            Bar = subject.Change is NumberChange.Replace or NumberChange.Prefer or NumberChange.Remove
                ? Bar.StrongestTrusted
                : Bar.Strongest,
            Settled = true,
        };

    public override Guid? IdOf(ChangedNumber result) => result.ToVerify;

    public override Task<Result<ChangedNumber>> AgainAsync(
        Approval<NumberChangeSubject> used, CountersignDbContext db, CancellationToken ct) =>
        Task.FromResult<Result<ChangedNumber>>(
            new ChangedNumber(used.Subject.Change is NumberChange.Prefer or NumberChange.Remove ? null : used.ResultId));

    public override async Task<Result<ChangedNumber>> CompleteAsync(
        Approval<NumberChangeSubject> approved, CountersignDbContext db, CancellationToken ct)
    {
        var (user, change) = (approved.User, approved.Subject);

        // Much may have been agreed to since this was asked for: what was looked at then is looked at again, one unit after the other.
        await UserLock.TakeAsync(db, user.Id, ct);
        audit.Add(
            db,
            AuditEvents.NumberChangeAgreed,
            user.Id,
            approved.By,
            ("challenge", approved.ChallengeId),
            ("device", approved.With.Id),
            ("change", change.Change),
            ("number", change.NumberId));
        return change.Change switch
        {
            NumberChange.Add => await AddAsync(db, user.Id, change.E164, replaces: null, approved.With, ct),
            NumberChange.Replace => await ReplaceAsync(db, user.Id, change, approved.With, ct),
            NumberChange.Verify => await AgreeAsync(db, user.Id, change.NumberId!.Value, approved.With, ct),
            NumberChange.Prefer => await PreferAsync(db, user, change.NumberId!.Value, CauseOf(approved), ct),
            NumberChange.Remove => await RemoveAsync(db, user, change.NumberId!.Value, CauseOf(approved), ct),
            _ => throw new System.Diagnostics.UnreachableException(),
        };
    }

    private static Cause CauseOf(Approval<NumberChangeSubject> approved) =>
        new(approved.By) { With = approved.With, Challenge = approved.ChallengeId, ToldElsewhere = true };

    private async Task<Result<ChangedNumber>> AddAsync(
        CountersignDbContext db, Guid userId, string e164, Guid? replaces, DeviceView with, CancellationToken ct)
    {
        if (await rules.RefusesAsync(db, userId, e164, ct) is { } refusal)
        {
            return refusal;
        }

        var now = time.GetUtcNow();
        var number = new PhoneNumber
        {
            UserId = userId,
            Id = Guid.CreateVersion7(now),
            E164 = e164,
            AddedAt = now,
            AgreedAt = now,
            AgreedReach = tiers.NameOf(with),
            AgreedBy = with.Id,
            ReplacesId = replaces,
        };
        db.Add(number);
        return new ChangedNumber(number.Id);
    }

    private async Task<Result<ChangedNumber>> ReplaceAsync(
        CountersignDbContext db, Guid userId, NumberChangeSubject change, DeviceView with, CancellationToken ct) =>
        await db.NumbersOf(userId).AnyAsync(n => n.Id == change.NumberId, ct)
            ? await AddAsync(db, userId, change.E164, change.NumberId, with, ct)
            : NumberErrors.Gone;

    private async Task<Result<ChangedNumber>> AgreeAsync(
        CountersignDbContext db, Guid userId, Guid id, DeviceView with, CancellationToken ct)
    {
        var (now, reach) = (time.GetUtcNow(), tiers.NameOf(with));
        return await Row(db, userId, id).Where(n => n.VerifiedAt == null)
            .ExecuteUpdateAsync(
                set => set.SetProperty(n => n.AgreedAt, now)
                    .SetProperty(n => n.AgreedReach, reach)
                    .SetProperty(n => n.AgreedBy, with.Id),
                ct) == 1
            ? new ChangedNumber(id)
            : NumberErrors.Gone;
    }

    private async Task<Result<ChangedNumber>> PreferAsync(
        CountersignDbContext db, UserView user, Guid id, Cause cause, CancellationToken ct)
    {
        if (await db.VerifiedNumbersOf(user.Id).SingleOrDefaultAsync(n => n.Id == id, ct) is not { } number)
        {
            return NumberErrors.Gone;
        }

        if (await NumberDevices.RefusesAsync(db, number, ct) is { } refusal)
        {
            return refusal;
        }

        await db.Set<PhoneNumber>().Where(n => n.UserId == user.Id).ExecuteUpdateAsync(
            set => set.SetProperty(n => n.Preferred, n => n.Id == id), ct);
        await devices.MoveAsync(db, number, cause, ct);
        notices.Changed(db, user, Notice.NumberPreferred, await VerifiedAsync(db, user.Id, ct), number);
        return new ChangedNumber(ToVerify: null);
    }

    private async Task<Result<ChangedNumber>> RemoveAsync(
        CountersignDbContext db, UserView user, Guid id, Cause cause, CancellationToken ct)
    {
        if (await NumberDevices.IsLastAsync(db, user.Id, id, ct))
        {
            return NumberErrors.OnlyOne;
        }

        var number = await db.NumbersOf(user.Id).SingleOrDefaultAsync(n => n.Id == id, ct);
        var told = await VerifiedAsync(db, user.Id, ct);
        var now = time.GetUtcNow();
        if (number is null
            || await Row(db, user.Id, id).ExecuteUpdateAsync(
                set => set.SetProperty(n => n.RemovedAt, now).SetProperty(n => n.Preferred, false), ct) == 0)
        {
            return NumberErrors.Gone;
        }

        if (number.Preferred && await LastDevice.AnsweringNumbersAsync(db, user.Id, ct) is [var next, ..])
        {
            await Row(db, user.Id, next.Id).ExecuteUpdateAsync(set => set.SetProperty(n => n.Preferred, true), ct);
            await devices.MoveAsync(db, next, cause, ct);
        }

        await devices.EndAsync(db, user.Id, id, cause, ct);
        notices.Changed(db, user, Notice.NumberRemoved, told, number);
        return new ChangedNumber(ToVerify: null);
    }

    private static async Task<IReadOnlyList<string>> VerifiedAsync(CountersignDbContext db, Guid userId, CancellationToken ct) =>
        await db.VerifiedNumbersOf(userId).Select(n => n.E164).ToListAsync(ct);

    private static IQueryable<PhoneNumber> Row(CountersignDbContext db, Guid userId, Guid id) =>
        db.Set<PhoneNumber>().Where(n => n.UserId == userId && n.Id == id && n.RemovedAt == null);
}
