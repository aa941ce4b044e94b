using Countersign.Server.Data;
using Countersign.Server.Features.Confirming.Challenges;
using Countersign.Server.Features.Confirming.Devices;
using Countersign.Server.Features.Registry.Users;
using Microsoft.Extensions.Options;

namespace Countersign.Server.Features.Confirming.DeviceSettings;

/// <summary>Makes a device that was agreed to. It waits: it has to show itself that it is in the client's hands.</summary>
internal sealed class AddDevice(
    KindCatalog kinds, DeviceReach reaches, DeviceLife life, NewCredentials credentials, IOptions<DeviceOptions> options, TimeProvider time)
{
    public async Task<Result<ChangedDevice>> CompleteAsync(
        CountersignDbContext db, Approval<DeviceChangeSubject> approved, CancellationToken ct)
    {
        var (user, change) = (approved.User, approved.Subject);
        if (kinds.Find(change.Kind) is not IAddableKind kind)
        {
            return DeviceErrors.NotAddable;
        }

        // Others may have been agreed to since this one was asked for.
        await UserLock.TakeAsync(db, user.Id, ct);
        if (await ChangeDevices.CountAsync(db, user.Id, ct) >= options.Value.Most)
        {
            return DeviceErrors.TooMany with { Arguments = [options.Value.Most] };
        }

        var prepared = await kind.PrepareAsync(user, change.Typed, db, ct);
        if (!prepared.Succeeded)
        {
            return prepared.Error;
        }

        var cause = new Cause(approved.By) { With = approved.With, Challenge = approved.ChallengeId };
        var reach = reaches.Of(approved.With);
        return prepared.Value switch
        {
            Prepared.Taken { ShippedId: { } shipped } => await life.ArriveAsync(db, user.Id, shipped, change.Label, reach, cause, ct)
                ? new ChangedDevice(shipped)
                : DeviceErrors.Gone,
            Prepared.Taken taken => await HoldAsync(taken.Credential.Key) ? await WaitAsync(taken.Credential) : DeviceErrors.Gone,
            Prepared.Made made => await WaitAsync(credentials.Add(db, user.Id, kind.Id, made.State)),
            _ => throw new System.Diagnostics.UnreachableException(),
        };

        // What was handed out from stock in this very unit has to be in the database first.
        async Task<bool> HoldAsync(CredentialKey key)
        {
            await db.SaveChangesAsync(ct);
            return await DeviceLife.HoldAsync(db, key, ct);
        }

        async Task<Result<ChangedDevice>> WaitAsync(CredentialView credential)
        {
            DateTimeOffset? until = kind.Traits.Physical ? null : time.GetUtcNow() + options.Value.ActivationWait;
            var device = new NewDevice(user.Id, credential, change.Label, DeviceStatus.Waiting, kind.Id)
            {
                Reach = reach,
                OrderedIn = change.Session,
                WaitsUntil = until,
            };
            return new ChangedDevice((await life.MakeAsync(db, device, cause, ct)).Id);
        }
    }
}
