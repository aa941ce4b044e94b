using Countersign.Server.Data;
using Countersign.Server.Features.Confirming.Challenges;
using Countersign.Server.Features.Confirming.Devices;
using Microsoft.EntityFrameworkCore;

namespace Countersign.Server.Features.Kinds.Passkeys;

/// <summary>Reads the passkeys that a user has.</summary>
internal sealed class HeldPasskeys(DeviceViews devices)
{
    /// <summary>Active and suspended ones: a passkey that was lost or removed may be made anew.</summary>
    public async Task<IReadOnlyList<(DeviceView Device, PasskeyCredential Passkey)>> OfAsync(CountersignDbContext db, Guid userId, CancellationToken ct)
    {
        var rows = await db.Set<Device>().AsNoTracking()
            .Where(d => d.UserId == userId && d.Kind == PasskeyKind.KindId && (d.Status == DeviceStatus.Active || d.Status == DeviceStatus.Suspended)).ToListAsync(ct);
        return [.. from row in rows
                   let device = devices.Of(row, physical: null)
                   where device is not null
                   let passkey = PasskeyCredential.Read(device.State)
                   where passkey is not null
                   select (device, passkey)];
    }

    /// <summary>The user with all of them.</summary>
    public async Task<PasskeyOwner> OwnerAsync(CountersignDbContext db, Guid userId, CancellationToken ct) =>
        new(PasskeyOwner.HandleOf(userId), [.. (await OfAsync(db, userId, ct)).Select(h => h.Passkey)]);
}
