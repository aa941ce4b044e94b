using Countersign.Server.Data;
using Countersign.Server.Features.Access.Freezing;
using Countersign.Server.Features.Confirming.Devices;
using Countersign.Server.Features.Confirming.Devices.Tiers;
using Countersign.Server.Features.Registry.Accounts;
using Countersign.Server.Features.Registry.PhoneNumbers;
using Countersign.Server.Features.Registry.Users;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Options;

namespace Countersign.Server.Features.Confirming.Challenges;

/// <summary>Says whether a device may agree, as things stand at this moment.</summary>
internal sealed class ConsentRules(
    DeviceReach reaches, DeviceTiers tiers, KindCatalog kinds, IOptions<PhoneNumberOptions> numbers, TimeProvider time)
{
    /// <returns>Null when it may; else why not.</returns>
    public async Task<Error?> RefusesAsync(
        CountersignDbContext db, UserView user, DeviceView device, KindTraits kind, Consent consent, CancellationToken ct)
    {
        if (consent.Only is { } only && device.Id != only)
        {
            return ChallengeErrors.DeviceUnavailable;
        }

        if (device.WaitsUntil <= time.GetUtcNow() && device.Status == DeviceStatus.Waiting)
        {
            return DeviceErrors.WaitedTooLong;
        }

        if (consent.Not == device.Id)
        {
            return DeviceErrors.ItsOwn;
        }

        if (consent.ShowsOrTyped && kind.Links is not (Links.Shows or Links.Typed))
        {
            return ChallengeErrors.NotShown;
        }

        return await WhyTooNewAsync(db, user, device, consent, ct)
            ?? await WhyTooWeakAsync(db, user, device, consent, ct)
            ?? await WhyUnsettledAsync(db, user, device, kind, consent, ct);
    }

    private async Task<Error?> WhyTooNewAsync(
        CountersignDbContext db, UserView user, DeviceView device, Consent consent, CancellationToken ct)
    {
        if (consent.TrustedAt is { } at && !(device.TrustedAt <= at))
        {
            return FreezingErrors.DeviceTooNew;
        }

        if (tiers.IsTrusted(device))
        {
            return null;
        }

        var trustedAtStake = consent.Over is { } over
            && await DeviceViews.FindAsync(db, user.Id, over, ct) is { } ends
            && tiers.IsTrusted(ends);
        return trustedAtStake || (consent.Bar == Bar.StrongestTrusted && await reaches.AnyActiveTrustedAsync(db, user.Id, ct))
            ? device.TrustedAt is { } from
                ? DeviceErrors.TooNewYet with { Arguments = From(from, user, device) }
                : DeviceErrors.TooNew
            : null;
    }

    private async Task<Error?> WhyTooWeakAsync(
        CountersignDbContext db, UserView user, DeviceView device, Consent consent, CancellationToken ct)
    {
        if (consent is { Bar: Bar.None, TrustedAt: null })
        {
            return null;
        }

        var bar = await reaches.BarAsync(db, user, consent.TrustedAt, ct);
        return reaches.Of(device).Strength >= bar.Height ? null
            : reaches.ReachesFrom(device, bar) is { } from
                ? ChallengeErrors.NotStrongestYet with { Arguments = From(from, user, device) }
                : ChallengeErrors.NotStrongest;
    }

    /// <summary>What a refusal says: from when, and which device.</summary>
    private object[] From(DateTimeOffset at, UserView user, DeviceView device) =>
        [new Moment(at, user.TimeZone), new DeviceName(kinds, device)];

    private async Task<Error?> WhyUnsettledAsync(
        CountersignDbContext db, UserView user, DeviceView device, KindTraits kind, Consent consent, CancellationToken ct)
    {
        var after = numbers.Value.SettledAfter;
        return consent.Settled
            && kind.IsAddress
            && !(device.ProvedAt <= time.GetUtcNow() - after)
            && await AccountViews.IsFundedAsync(db, user.Id, ct)
            && !await IsFromBeforeMoneyAsync(db, device, ct)
            ? NumberErrors.TooNew with { Arguments = [(int)Math.Ceiling(after.TotalHours)] }
            : null;
    }

    /// <summary>
    /// A number that was on record before there was money, whenever it was verified: nobody gave it for the sake of the money (D1).
    /// </summary>
    private static async Task<bool> IsFromBeforeMoneyAsync(CountersignDbContext db, DeviceView device, CancellationToken ct) =>
        Guid.TryParseExact(device.Serial, "N", out var id)
        && await db.NumbersOf(device.UserId).SingleOrDefaultAsync(n => n.Id == id, ct) is { } number
        && !await AccountViews.WasFundedAtAsync(db, device.UserId, number.AddedAt, ct);
}
