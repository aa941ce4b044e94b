using System.Globalization;
using System.Text.Json;
using Countersign.Server.Data;
using Countersign.Server.Features.Access.Freezing;
using Countersign.Server.Features.Confirming.Challenges;
using Countersign.Server.Features.Confirming.Devices;
using Countersign.Server.Features.Registry.Users;

namespace Countersign.Server.Features.SigningIn.Thaw;

/// <summary>Asks a frozen user, who has shown the password, for a device.</summary>
internal sealed class BeginThaw(ChallengePrompting prompting, DeviceViews devices, DeviceStrength strength, KindCatalog kinds)
{
    public async Task<Result<ChallengeHandle>> RunAsync(CountersignDbContext db, UserView user, Opener opener, CultureInfo language, CancellationToken ct)
    {
        if (user.FrozenAt is not { } since)
        {
            return FreezingErrors.NotFrozen;
        }

        // A weaker device must not have ended the stronger ones first.
        var strongest = await strength.StrongestTrustedAtAsync(db, user, since, ct);
        var active = await devices.ActiveAsync(db, user.Id, ct);
        if (!active.Any(d => ThawPurpose.WasTrusted(d.TrustedAt, since) && kinds.Find(d.Kind)?.Traits.Strength >= strongest))
        {
            return FreezingErrors.NoOldDevice;
        }

        var subject = JsonSerializer.SerializeToElement(new ThawSubject(since, strongest), FreezingJson.Default.ThawSubject);
        return await prompting.BeginAsync(db, user, ThawPurpose.PurposeId, subject, language, opener, ct);
    }
}
