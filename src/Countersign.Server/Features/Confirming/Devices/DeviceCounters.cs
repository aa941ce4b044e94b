using Countersign.Server.Data;
using Countersign.Server.Data.Protection;
using Countersign.Server.Features.Confirming.Challenges;
using Microsoft.EntityFrameworkCore;

namespace Countersign.Server.Features.Confirming.Devices;

/// <summary>
/// Spends what a device can use once, for every kind alike: the position only ever grows, and the state changes only from the
/// version that was looked at. Each is one conditional UPDATE.
/// </summary>
internal sealed class DeviceCounters(RowProtection protection, TimeProvider time)
{
    /// <summary>False when another response was quicker, or the device is no longer what it was.</summary>
    public async Task<bool> SpendAsync(CountersignDbContext db, DeviceView device, Verdict.Accepted accepted, CancellationToken ct)
    {
        if (device.PhysicalId is { } physicalId && !await SpendPhysicalAsync(db, physicalId, device, accepted, ct))
        {
            return false;
        }

        var now = time.GetUtcNow();
        var rows = db.Set<Device>().Where(d => d.UserId == device.UserId && d.Id == device.Id && d.Status == device.Status);
        var (position, state) = device.PhysicalId is null ? (accepted.Position, accepted.State) : (null, null);
        if (position is { } next)
        {
            rows = rows.Where(d => d.Position < next);
        }

        if (state is not null)
        {
            rows = rows.Where(d => d.Version == device.Version);
        }

        var closed = state is null ? null : protection.Protect(Device.StateColumn, device.UserId, device.Id, state);
        return await rows.ExecuteUpdateAsync(
            set =>
            {
                set.SetProperty(d => d.Tries, 0).SetProperty(d => d.LastUsedAt, now);
                if (position is { } spent)
                {
                    set.SetProperty(d => d.Position, spent);
                }

                if (closed is not null)
                {
                    set.SetProperty(d => d.State, closed).SetProperty(d => d.Version, d => d.Version + 1);
                }
            },
            ct) == 1;
    }

    private async Task<bool> SpendPhysicalAsync(CountersignDbContext db, Guid id, DeviceView device, Verdict.Accepted accepted, CancellationToken ct)
    {
        var rows = db.Set<PhysicalDevice>().Where(d => d.Id == id && d.Status == PhysicalStatus.Assigned);
        if (accepted is { Position: null, State: null })
        {
            return await rows.AnyAsync(ct);
        }

        if (accepted.Position is { } next)
        {
            rows = rows.Where(d => d.Position < next);
        }

        if (accepted.State is not null)
        {
            rows = rows.Where(d => d.Version == device.Version);
        }

        var closed = accepted.State is null ? null : protection.Protect(PhysicalDevice.StateColumn, id, id, accepted.State);
        return await rows.ExecuteUpdateAsync(
            set =>
            {
                if (accepted.Position is { } spent)
                {
                    set.SetProperty(d => d.Position, spent);
                }

                if (closed is not null)
                {
                    set.SetProperty(d => d.State, closed).SetProperty(d => d.Version, d => d.Version + 1);
                }
            },
            ct) == 1;
    }
}
