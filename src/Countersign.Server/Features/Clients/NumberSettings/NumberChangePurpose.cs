using System.Globalization;
using System.Text.Json;
using System.Text.Json.Serialization;
using Countersign.Protocol.Statements;
using Countersign.Server.Data;
using Countersign.Server.Features.Confirming.Challenges;
using Countersign.Server.Features.Ground.Audit;
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
/// <param name="NumberId">The number that is there; with <see cref="NumberChange.Replace"/> the one that goes; null with <see cref="NumberChange.Add"/>.</param>
/// <param name="E164">The number that is meant, as it is shown.</param>
/// <param name="Strongest">Strength of the device that it takes.</param>
/// <param name="TooNew">Devices that may not agree: the numbers behind them were verified a moment ago (D1).</param>
internal sealed record NumberChangeSubject(NumberChange Change, Guid? NumberId, string E164, int Strongest, IReadOnlyList<string> TooNew);

[JsonSerializable(typeof(NumberChangeSubject))]
[JsonSerializable(typeof(NumberVerificationSubject))]
internal sealed partial class NumbersJson : JsonSerializerContext;

/// <summary>A change of numbers, agreed to with the strongest device (D1): whoever has only the password, or a weaker device, changes none.</summary>
internal sealed class NumberChangePurpose(
    NumberRules rules, INumberDevices devices, NoticeBoard notices, AuditTrail audit, SettledNumbers settled, TimeProvider time) : IPurpose
{
    public const string PurposeId = "number-change";

    public string Id => PurposeId;

    public ChallengeRules Rules(UserView user) => ChallengeRules.Of(user.Regime);

    public Statement Say(JsonElement subject, CultureInfo language)
    {
        var change = Read(subject);
        var text = TextOf<NumberText>.In(language, "statement." + JsonNamingPolicy.CamelCase.ConvertName(change.Change.ToString()));
        return new(
            string.Format(language, text, MobileNumber.International(change.E164)),
            [new StatementDetail("change", change.Change.ToString()), new StatementDetail("number", change.E164), new StatementDetail("row", change.NumberId?.ToString("N") ?? string.Empty)]);
    }

    public Error? Refuses(DeviceView device, KindTraits kind, JsonElement subject)
    {
        var change = Read(subject);
        return kind.Strength < change.Strongest ? ChallengeErrors.NotStrongest : settled.Refuses(device, kind, change.TooNew);
    }

    /// <returns>The id of the number to verify next, where there is one.</returns>
    public async Task<Outcome> CompleteAsync(ChallengeView approved, DeviceView device, CountersignDbContext db, CancellationToken ct)
    {
        var change = Read(approved.Subject);
        var userId = approved.User.Id;

        // Much may have been agreed to since this was asked for: what was looked at then is looked at again, one unit after the other.
        await UserLock.TakeAsync(db, userId, ct);
        audit.Add(
            db, AuditEvents.NumberChangeAgreed, userId, Actor.Client(userId, approved.Source),
            ("challenge", approved.Id), ("device", device.Id), ("change", change.Change), ("number", change.NumberId));
        return change.Change switch
        {
            NumberChange.Add => await AddAsync(db, userId, change.E164, replaces: null, device, ct),
            NumberChange.Replace => await ReplaceAsync(db, userId, change, device, ct),
            NumberChange.Verify => await AgreeAsync(db, userId, change.NumberId!.Value, device, ct),
            NumberChange.Prefer => await PreferAsync(db, approved.User, change.NumberId!.Value, device, ct),
            NumberChange.Remove => await RemoveAsync(db, approved.User, change.NumberId!.Value, device, ct),
            _ => throw new System.Diagnostics.UnreachableException(),
        };
    }

    private async Task<Outcome> AddAsync(CountersignDbContext db, Guid userId, string e164, Guid? replaces, DeviceView by, CancellationToken ct)
    {
        if (await rules.RefusesAsync(db, userId, e164, ct) is { } refusal)
        {
            return new Outcome(null, refusal);
        }

        var now = time.GetUtcNow();
        var number = new PhoneNumber { UserId = userId, Id = Guid.CreateVersion7(now), E164 = e164, AddedAt = now, AgreedAt = now, ReplacesId = replaces };
        db.Add(number);
        await devices.AgreedAsync(db, number, by, ct);
        return new Outcome(number.Id);
    }

    private async Task<Outcome> ReplaceAsync(CountersignDbContext db, Guid userId, NumberChangeSubject change, DeviceView by, CancellationToken ct) =>
        await db.NumbersOf(userId).AnyAsync(n => n.Id == change.NumberId, ct)
            ? await AddAsync(db, userId, change.E164, change.NumberId, by, ct)
            : new Outcome(null, NumberErrors.Gone);

    private async Task<Outcome> AgreeAsync(CountersignDbContext db, Guid userId, Guid id, DeviceView by, CancellationToken ct)
    {
        var now = time.GetUtcNow();
        if (await Row(db, userId, id).Where(n => n.VerifiedAt == null).ExecuteUpdateAsync(set => set.SetProperty(n => n.AgreedAt, now), ct) == 0)
        {
            return new Outcome(null, NumberErrors.Gone);
        }

        await devices.AgreedAsync(db, await db.NumbersOf(userId).SingleAsync(n => n.Id == id, ct), by, ct);
        return new Outcome(id);
    }

    private async Task<Outcome> PreferAsync(CountersignDbContext db, UserView user, Guid id, DeviceView by, CancellationToken ct)
    {
        var number = await db.VerifiedNumbersOf(user.Id).SingleOrDefaultAsync(n => n.Id == id, ct);
        if (number is null)
        {
            return new Outcome(null, NumberErrors.Gone);
        }

        if (await devices.RefusesAsync(db, number, ct) is { } refusal)
        {
            return new Outcome(null, refusal);
        }

        await db.Set<PhoneNumber>().Where(n => n.UserId == user.Id).ExecuteUpdateAsync(set => set.SetProperty(n => n.Preferred, n => n.Id == id), ct);
        await devices.MoveAsync(db, number, by, ct);
        notices.TellNumbers(db, user, Notice.NumberPreferred, await VerifiedAsync(db, user.Id, ct), MobileNumber.Mask(number.E164));
        return new Outcome(null);
    }

    private async Task<Outcome> RemoveAsync(CountersignDbContext db, UserView user, Guid id, DeviceView by, CancellationToken ct)
    {
        if (await devices.IsLastAsync(db, user.Id, id, ct))
        {
            return new Outcome(null, NumberErrors.OnlyOne);
        }

        var number = await db.NumbersOf(user.Id).SingleOrDefaultAsync(n => n.Id == id, ct);
        var told = await VerifiedAsync(db, user.Id, ct);
        var now = time.GetUtcNow();
        if (number is null || await Row(db, user.Id, id).ExecuteUpdateAsync(set => set.SetProperty(n => n.RemovedAt, now).SetProperty(n => n.Preferred, false), ct) == 0)
        {
            return new Outcome(null, NumberErrors.Gone);
        }

        if (number.Preferred && await devices.AnsweringAsync(db, user.Id, ct) is [var next, ..])
        {
            await Row(db, user.Id, next.Id).ExecuteUpdateAsync(set => set.SetProperty(n => n.Preferred, true), ct);
            await devices.MoveAsync(db, next, by, ct);
        }

        await devices.EndAsync(db, user.Id, id, ct);
        notices.TellNumbers(db, user, Notice.NumberRemoved, told, MobileNumber.Mask(number.E164));
        return new Outcome(null);
    }

    private static async Task<IReadOnlyList<string>> VerifiedAsync(CountersignDbContext db, Guid userId, CancellationToken ct) =>
        await db.VerifiedNumbersOf(userId).Select(n => n.E164).ToListAsync(ct);

    private static IQueryable<PhoneNumber> Row(CountersignDbContext db, Guid userId, Guid id) => db.Set<PhoneNumber>().Where(n => n.UserId == userId && n.Id == id && n.RemovedAt == null);

    public static NumberChange ChangeOf(JsonElement subject) => Read(subject).Change;

    private static NumberChangeSubject Read(JsonElement subject) => subject.Deserialize(NumbersJson.Default.NumberChangeSubject)!;
}
