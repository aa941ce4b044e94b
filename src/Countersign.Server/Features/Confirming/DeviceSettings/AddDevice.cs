using Countersign.Server.Data;
using Countersign.Server.Data.Protection;
using Countersign.Server.Features.Confirming.Challenges;
using Countersign.Server.Features.Confirming.Devices;
using Countersign.Server.Features.Confirming.Devices.Tiers;
using Countersign.Server.Features.Registry.Users;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Options;

namespace Countersign.Server.Features.Confirming.DeviceSettings;

/// <summary>Makes the row of a device that was agreed to. It waits: the device itself has to show that it is in the client's hands.</summary>
internal sealed class AddDevice(KindCatalog kinds, DeviceTiers tiers, DeviceHistory history, RowProtection protection, IOptions<DeviceOptions> options, TimeProvider time)
{
    public async Task<Outcome> CompleteAsync(CountersignDbContext db, ChallengeView approved, DeviceChangeSubject change, DeviceView by, CancellationToken ct)
    {
        if (kinds.Find(change.Kind) is not IAddableKind kind)
        {
            return new Outcome(null, DeviceErrors.NotAddable);
        }

        // Others may have been agreed to since this one was asked for.
        await UserLock.TakeAsync(db, approved.User.Id, ct);
        if (await ChangeDevices.CountAsync(db, approved.User.Id, ct) >= options.Value.Most)
        {
            return new Outcome(null, DeviceErrors.TooMany with { Arguments = [options.Value.Most] });
        }

        var prepared = await kind.PrepareAsync(approved.User, change.Typed, db, ct);
        if (!prepared.Succeeded)
        {
            return new Outcome(null, prepared.Error);
        }

        var made = prepared.Value;
        if (made.ShippedId is { } shipped)
        {
            return await ArrivedAsync(db, approved, change, by, shipped, ct);
        }

        var now = time.GetUtcNow();
        var id = Guid.CreateVersion7(now);
        db.Add(new Device
        {
            UserId = approved.User.Id,
            Id = id,
            Kind = kind.Id,
            Serial = made.Serial ?? id.ToString("N"),
            Label = change.Label,
            Status = DeviceStatus.Ordered,
            State = protection.Close(approved.User.Id, id, made.State, made.PhysicalId),
            CreatedAt = now,
            InheritedTier = tiers.NameOf(by),
            PhysicalId = made.PhysicalId,
            OrderedIn = change.Session,
        });
        history.Add(db, approved.User.Id, id, DeviceEventKind.Ordered, by.Id, approved.Source);
        return new Outcome(id);
    }

    /// <summary>A device that was on its way to the client is in the client's hands: the same row waits from now on.</summary>
    private async Task<Outcome> ArrivedAsync(CountersignDbContext db, ChallengeView approved, DeviceChangeSubject change, DeviceView by, Guid id, CancellationToken ct)
    {
        var inherited = tiers.NameOf(by);
        if (await db.Set<Device>().Where(d => d.UserId == approved.User.Id && d.Id == id && d.Status == DeviceStatus.Shipped)
            .ExecuteUpdateAsync(set => set.SetProperty(d => d.Status, DeviceStatus.Ordered).SetProperty(d => d.Label, change.Label).SetProperty(d => d.InheritedTier, inherited), ct) == 0)
        {
            return new Outcome(null, DeviceErrors.Gone);
        }

        history.Add(db, approved.User.Id, id, DeviceEventKind.Ordered, by.Id, approved.Source);
        return new Outcome(id);
    }
}
