using System.Globalization;
using Countersign.Server.Data;
using Countersign.Server.Features.Access.Freezing;
using Countersign.Server.Features.Confirming.Challenges;
using Countersign.Server.Features.Confirming.Devices;
using Countersign.Server.Features.Registry.Users;

namespace Countersign.Server.Features.SigningIn.Thaw;

/// <summary>Asks a frozen user, who has shown the password, for a device.</summary>
internal sealed class BeginThaw(ChallengeOpening opening, ThawPurpose purpose, ConsentRules consents, KindCatalog kinds)
{
    public async Task<Result<ChallengeHandle>> RunAsync(
        CountersignDbContext db, UserView user, Opener opener, CultureInfo language, CancellationToken ct)
    {
        if (user.FrozenAt is not { } since)
        {
            return FreezingErrors.NotFrozen;
        }

        var subject = new ThawSubject(since);
        return await WhyNoneAsync(db, user, purpose.Takes(subject, user), ct) is { } refusal
            ? refusal
            : await opening.BeginAsync(db, purpose.For(user, subject, language, opener), ct);
    }

    /// <summary>
    /// Why no device that is left may agree: a weaker one must not have ended the stronger ones first. Null where one may.
    /// </summary>
    private async Task<Error?> WhyNoneAsync(CountersignDbContext db, UserView user, Consent consent, CancellationToken ct)
    {
        Error? later = null;
        foreach (var device in await DeviceViews.ActiveAsync(db, user.Id, ct))
        {
            if (kinds.Find(device.Kind) is not { } kind)
            {
                continue;
            }

            if (await consents.RefusesAsync(db, user, device, kind.Traits, consent, ct) is not { } refusal)
            {
                return null;
            }

            if (refusal.Code == ChallengeErrors.NotStrongestYet.Code)
            {
                later ??= FreezingErrors.NoOldDeviceYet with { Arguments = refusal.Arguments };
            }
        }

        return later ?? FreezingErrors.NoOldDevice;
    }
}
