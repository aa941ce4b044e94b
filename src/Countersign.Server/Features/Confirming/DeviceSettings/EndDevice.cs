using Countersign.Server.Data;
using Countersign.Server.Features.Confirming.Challenges;
using Countersign.Server.Features.Confirming.Devices;
using Countersign.Server.Features.Registry.Users;

namespace Countersign.Server.Features.Confirming.DeviceSettings;

/// <summary>Suspends, resumes, unlocks or ends a device that a device agreed to, unless nothing would be left to sign in with.</summary>
internal sealed class EndDevice(DeviceReach reaches, DeviceLife life, LastDevice last)
{
    public async Task<Result<ChangedDevice>> CompleteAsync(
        CountersignDbContext db, Approval<DeviceChangeSubject> approved, CancellationToken ct)
    {
        var (user, change, id) = (approved.User, approved.Subject.Change, approved.Subject.DeviceId!.Value);

        // Asked again under a lock: another change may have been agreed to since this one was asked for.
        await UserLock.TakeAsync(db, user.Id, ct);
        if (change is not (DeviceChange.Resume or DeviceChange.Unlock) && await last.IsAsync(db, user.Id, id, ct))
        {
            return DeviceErrors.OnlyOne;
        }

        var cause = new Cause(approved.By) { With = approved.With, Challenge = approved.ChallengeId, Session = approved.Subject.Session };
        var changed = change switch
        {
            DeviceChange.Suspend => await life.SuspendAsync(db, user.Id, id, cause, ct),
            DeviceChange.Resume => await life.ResumeAsync(db, user, id, reaches.Of(approved.With), cause, ct),
            DeviceChange.Unlock => await life.UnlockAsync(db, user, id, cause, ct),
            DeviceChange.Lost => await life.EndAsync(db, user.Id, id, DeviceStatus.Lost, cause, ct),
            _ => await life.EndAsync(db, user.Id, id, DeviceStatus.Revoked, cause, ct),
        };
        return changed ? new ChangedDevice(Waiting: null) : DeviceErrors.Gone;
    }
}
