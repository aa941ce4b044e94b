using Countersign.Server.Data;
using Countersign.Server.Features.Confirming.Challenges;
using Countersign.Server.Features.Confirming.Devices;
using Countersign.Server.Features.Ground.Rations;
using Countersign.Server.Features.Registry.Users;
using Microsoft.EntityFrameworkCore;

namespace Countersign.Server.Features.Kinds.CodeCards;

/// <summary>Finds the card that a client holds by its serial number, and hands it over once.</summary>
internal sealed class CardRegister(Rationing rationing, TimeProvider time)
{
    private const string Ration = "code-card/serials";

    /// <summary>Wrong serial numbers of one user: they are told apart from those in stock, which is no reason to list the stock.</summary>
    private static readonly RationRule WrongSerials = new(10, TimeSpan.FromHours(1));

    /// <summary>Why the user cannot add the card with this serial number; null when it can be added.</summary>
    public async Task<Error?> RefusesAsync(CountersignDbContext db, Guid userId, string? typed, CancellationToken ct)
    {
        if (CardWriting.TryReadSerial(typed, out var serial))
        {
            if (await MineAsync(db, userId, serial, ct) is { Status: not DeviceStatus.Shipped } known)
            {
                return Refusal(known);
            }

            if (await HandedTo(db, serial, await PersonViews.IdOfUserAsync(db, userId, ct)).AnyAsync(ct))
            {
                return null;
            }
        }

        return await rationing.TakeAsync(db, userId, Ration, WrongSerials, ct) ? CodeCardErrors.NoSuchCard : CodeCardErrors.TooManySerials with { RetryAfter = WrongSerials.Window };
    }

    /// <summary>Takes the card for the user's person. Of two persons who take it together one gets it.</summary>
    public async Task<Result<NewDevice>> TakeAsync(CountersignDbContext db, Guid userId, string? typed, CancellationToken ct)
    {
        if (!CardWriting.TryReadSerial(typed, out var serial))
        {
            return CodeCardErrors.NoSuchCard;
        }

        var (person, now) = (await PersonViews.IdOfUserAsync(db, userId, ct), time.GetUtcNow());
        if (await HandedTo(db, serial, person).ExecuteUpdateAsync(
            set => set.SetProperty(p => p.Status, PhysicalStatus.Assigned).SetProperty(p => p.PersonId, person).SetProperty(p => p.AssignedAt, p => p.AssignedAt ?? now), ct) == 0)
        {
            return CodeCardErrors.NoSuchCard;
        }

        // Asked under the lock that the UPDATE took: the same user may have added it twice at the same moment.
        var mine = await MineAsync(db, userId, serial, ct);
        if (mine is { Status: not DeviceStatus.Shipped })
        {
            return Refusal(mine);
        }

        var id = await db.Set<PhysicalDevice>().Where(p => p.Kind == CodeCardKind.KindId && p.Serial == serial).Select(p => p.Id).SingleAsync(ct);
        return new NewDevice([], serial, id) { ShippedId = mine?.Id };
    }

    private static Task<Device?> MineAsync(CountersignDbContext db, Guid userId, string serial, CancellationToken ct) =>
        db.Set<Device>().AsNoTracking().SingleOrDefaultAsync(d => d.UserId == userId && d.Kind == CodeCardKind.KindId && d.Serial == serial, ct);

    private static Error Refusal(Device mine) =>
        mine.Status is DeviceStatus.Ordered or DeviceStatus.Active or DeviceStatus.Suspended ? CodeCardErrors.Yours : CodeCardErrors.Ended;

    /// <summary>A card in stock, or one that the person holds already: all users of a person may answer with the same thing (D11).</summary>
    private static IQueryable<PhysicalDevice> HandedTo(CountersignDbContext db, string serial, Guid person) =>
        db.Set<PhysicalDevice>().Where(p => p.Kind == CodeCardKind.KindId && p.Serial == serial
            && (p.Status == PhysicalStatus.Stock || (p.Status == PhysicalStatus.Assigned && p.PersonId == person)));
}
