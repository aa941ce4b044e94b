using Countersign.Server.Data;
using Countersign.Server.Data.Protection;
using Countersign.Server.Features.Confirming.Challenges;
using Countersign.Server.Features.Confirming.Devices;
using Countersign.Server.Features.Ground.Audit;
using Countersign.Server.Features.Messaging.Notices;
using Countersign.Server.Features.Registry.Users;
using Microsoft.EntityFrameworkCore;

namespace Countersign.Server.Features.Kinds.Passkeys.Alone;

/// <summary>Keeps, with the passkey, whether it signs in alone. Turned on, the client is told.</summary>
internal sealed class AloneSwitch(DeviceViews devices, RowProtection protection, NoticeBoard notices, AuditTrail audit)
{
    /// <returns>Null when done, else why not.</returns>
    public async Task<Error?> TurnOnAsync(CountersignDbContext db, ChallengeView approved, AloneSubject passkey, CancellationToken ct)
    {
        if (!await SetAsync(db, approved.User.Id, passkey.DeviceId, alone: true, ct))
        {
            return DeviceErrors.Gone;
        }

        audit.Add(
            db, AuditEvents.PasskeyAloneOn, approved.User.Id, Actor.Client(approved.User.Id, approved.Source),
            ("challenge", approved.Id), ("device", passkey.DeviceId));
        await notices.TellAsync(db, approved.User, Notice.PasskeyAlone, except: null, ct, passkey.Label);
        return null;
    }

    /// <returns>Null when done, else why not.</returns>
    public async Task<Error?> TurnOffAsync(CountersignDbContext db, UserView user, Guid deviceId, string source, CancellationToken ct)
    {
        if (!await SetAsync(db, user.Id, deviceId, alone: false, ct))
        {
            return DeviceErrors.Gone;
        }

        audit.Add(db, AuditEvents.PasskeyAloneOff, user.Id, Actor.Client(user.Id, source), ("device", deviceId));
        return null;
    }

    /// <summary>The passkey, while it is active.</summary>
    public async Task<DeviceView?> FindAsync(CountersignDbContext db, Guid userId, Guid deviceId, CancellationToken ct) =>
        await devices.FindAsync(db, userId, deviceId, ct) is { Kind: PasskeyKind.KindId, Status: DeviceStatus.Active } device ? device : null;

    private async Task<bool> SetAsync(CountersignDbContext db, Guid userId, Guid deviceId, bool alone, CancellationToken ct)
    {
        if (await FindAsync(db, userId, deviceId, ct) is not { } device || PasskeyCredential.Read(device.State) is not { } passkey)
        {
            return false;
        }

        var state = protection.Protect(Device.StateColumn, userId, deviceId, (passkey with { Alone = alone }).ToBytes());
        return await db.Set<Device>().Where(d => d.UserId == userId && d.Id == deviceId && d.Version == device.Version && d.Status == DeviceStatus.Active)
            .ExecuteUpdateAsync(set => set.SetProperty(d => d.State, state).SetProperty(d => d.Version, d => d.Version + 1), ct) == 1;
    }
}
