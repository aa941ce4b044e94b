using Countersign.Server.Data;
using Countersign.Server.Features.Confirming.Devices;
using Countersign.Server.Features.Registry.PhoneNumbers;
using Microsoft.EntityFrameworkCore;

namespace Countersign.Server.Features.Kinds.TextMessages;

/// <summary>
/// A number that a device agreed to, and that no code came back from yet, takes another device's word once that one rests or has
/// ended: whoever had the device may have asked for it (D8).
/// </summary>
internal sealed class NumberAgreements : IEndsWithDevice
{
    public Task EndAsync(CountersignDbContext db, Guid userId, Guid deviceId, CancellationToken ct) =>
        db.Set<PhoneNumber>().Where(n => n.UserId == userId && n.AgreedBy == deviceId && n.VerifiedAt == null)
            .ExecuteUpdateAsync(set => set.SetProperty(n => n.AgreedAt, (DateTimeOffset?)null), ct);
}
