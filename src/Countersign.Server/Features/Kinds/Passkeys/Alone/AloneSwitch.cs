using Countersign.Server.Data;
using Countersign.Server.Features.Confirming.Challenges;
using Countersign.Server.Features.Confirming.Devices;
using Countersign.Server.Features.Ground.Audit;
using Countersign.Server.Features.Messaging.Messages;
using Countersign.Server.Features.Messaging.Notices;
using Countersign.Server.Features.Registry.Users;
using Microsoft.EntityFrameworkCore;

namespace Countersign.Server.Features.Kinds.Passkeys.Alone;

/// <summary>Keeps, with the passkey, whether it signs in alone. Turned on, the client is told.</summary>
internal sealed class AloneSwitch(HeldPasskeys held, CredentialVault vault, NoticeBoard notices, AuditTrail audit)
{
    /// <returns>Null when done, else why not.</returns>
    public async Task<Error?> TurnOnAsync(CountersignDbContext db, Approval<AloneSubject> approved, CancellationToken ct)
    {
        var (user, passkey) = (approved.User, approved.Subject);
        if (!await SetAsync(db, user.Id, passkey.DeviceId, alone: true, ct))
        {
            return DeviceErrors.Gone;
        }

        audit.Add(db, AuditEvents.PasskeyAloneOn, user.Id, approved.By, ("challenge", approved.ChallengeId), ("device", passkey.DeviceId));
        await notices.TellAsync(db, user, Notice.PasskeyAlone, except: null, ct, TypedWords.Mark(passkey.Label));
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

    private async Task<bool> SetAsync(CountersignDbContext db, Guid userId, Guid deviceId, bool alone, CancellationToken ct)
    {
        if (await held.FindActiveAsync(db, userId, deviceId, ct) is not { } found)
        {
            return false;
        }

        var ((owner, id), version) = (found.Credential.Key, found.Credential.Facts.Version);
        var state = vault.Close(found.Credential.Key, (found.Passkey with { Alone = alone }).ToBytes());
        return await db.Set<Credential>()
            .Where(c => c.OwnerId == owner && c.Id == id && c.Version == version && c.Status == CredentialStatus.Held)
                .ExecuteUpdateAsync(set => set.SetProperty(c => c.State, state).SetProperty(c => c.Version, c => c.Version + 1), ct) == 1;
    }
}
