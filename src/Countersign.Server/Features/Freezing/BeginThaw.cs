using System.Globalization;
using System.Text.Json;
using Countersign.Server.Data;
using Countersign.Server.Features.Challenges;
using Countersign.Server.Features.Devices;
using Countersign.Server.Features.Users;

namespace Countersign.Server.Features.Freezing;

/// <summary>Asks a frozen user, who has shown the password, for a device.</summary>
internal sealed class BeginThaw(ChallengePrompting prompting, DeviceViews devices, KindCatalog kinds)
{
    public async Task<Result<ChallengeHandle>> RunAsync(CountersignDbContext db, UserView user, Opener opener, CultureInfo language, CancellationToken ct)
    {
        if (user.FrozenAt is not { } since)
        {
            return FreezingErrors.NotFrozen;
        }

        var trusted = (await devices.ActiveAsync(db, user.Id, ct)).Where(d => ThawPurpose.WasTrusted(d.TrustedAt, since)).ToList();
        if (trusted.Count == 0)
        {
            return ChallengeErrors.Frozen;
        }

        var subject = JsonSerializer.SerializeToElement(new ThawSubject(since, trusted.Max(d => kinds.Find(d.Kind)?.Traits.Strength ?? 0)), FreezingJson.Default.ThawSubject);
        return await prompting.BeginAsync(db, user, ThawPurpose.PurposeId, subject, language, opener, ct);
    }
}
