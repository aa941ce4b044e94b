using Countersign.Server.Data;
using Countersign.Server.Data.Protection;
using Countersign.Server.Features.Challenges;
using Countersign.Server.Features.Devices.Tiers;

namespace Countersign.Server.Features.Devices.Lifecycle;

/// <summary>Makes the row of a device that was agreed to. It waits: the device itself has to show that it is in the client's hands.</summary>
internal sealed class AddDevice(KindCatalog kinds, DeviceTiers tiers, DeviceHistory history, RowProtection protection, TimeProvider time)
{
    public async Task<Outcome> CompleteAsync(CountersignDbContext db, ChallengeView approved, DeviceChangeSubject change, DeviceView by, CancellationToken ct)
    {
        if (kinds.Find(change.Kind) is not IAddableKind kind)
        {
            return new Outcome(null, DeviceErrors.NotAddable);
        }

        var prepared = await kind.PrepareAsync(approved.User, change.Typed, db, ct);
        if (!prepared.Succeeded)
        {
            return new Outcome(null, prepared.Error);
        }

        var now = time.GetUtcNow();
        var id = Guid.CreateVersion7(now);
        var made = prepared.Value;
        db.Add(new Device
        {
            UserId = approved.User.Id,
            Id = id,
            Kind = kind.Id,
            Serial = made.Serial ?? id.ToString("N"),
            Label = change.Label,
            Status = DeviceStatus.Ordered,
            State = protection.Protect(Device.StateColumn, approved.User.Id, id, made.State),
            CreatedAt = now,
            InheritedTier = tiers.NameOf(by),
            PhysicalId = made.PhysicalId,
        });
        history.Add(db, approved.User.Id, id, DeviceEventKind.Ordered, by.Id, approved.Source);
        return new Outcome(id);
    }
}
