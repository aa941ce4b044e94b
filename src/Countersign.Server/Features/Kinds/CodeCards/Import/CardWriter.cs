using System.Security.Cryptography;
using System.Text;
using Countersign.Server.Data;
using Countersign.Server.Data.Protection;
using Countersign.Server.Features.Confirming.Devices;
using Countersign.Server.Features.Confirming.DeviceSettings;
using Countersign.Server.Features.Ground.Audit;
using Countersign.Server.Features.Ground.Imports;
using Countersign.Server.Features.Registry.Users;
using Microsoft.EntityFrameworkCore;

namespace Countersign.Server.Features.Kinds.CodeCards.Import;

/// <summary>What the import found and did.</summary>
/// <param name="NewCards">Cards that were not known.</param>
/// <param name="NewDevices">Cards that became a user's device.</param>
internal readonly record struct CardsWritten(int NewCards, int NewDevices)
{
    public static CardsWritten operator +(CardsWritten one, CardsWritten other) => new(one.NewCards + other.NewCards, one.NewDevices + other.NewDevices);
}

/// <summary>Writes checked cards: adds what is new, gives cards to their users, and changes nothing that is there.</summary>
internal sealed class CardWriter(RowProtection protection, ISecrets secrets, DeviceHistory history, AuditTrail audit, TimeProvider time)
{
    /// <summary>A card is up to four rows, and a unit at most 500.</summary>
    public const int BatchSize = 100;

    public const string Source = "import";

    /// <summary>What stands against the rows in the database, beyond what the file itself shows.</summary>
    public async Task<IReadOnlyList<BadRow>> FaultsAsync(CountersignDbContext db, IReadOnlyList<CardRow> batch, CancellationToken ct)
    {
        var (users, cards) = (await UsersAsync(db, batch, ct), await CardsAsync(db, batch, ct));
        var faults = new List<BadRow>();
        foreach (var row in batch)
        {
            Holder? holder = null;
            if (row.User is { } name && !users.TryGetValue(name, out holder))
            {
                faults.Add(new BadRow(row.Line, CardColumns.User, "is a user who does not exist"));
            }

            if (cards.TryGetValue(row.Serial, out var known))
            {
                if (!IsSame(known, row))
                {
                    faults.Add(new BadRow(row.Line, CardColumns.Serial, "is that of a card with other cells, or with cells that do not open"));
                }
                else if (holder is not null && known.Status == PhysicalStatus.Assigned && known.PersonId != holder.PersonId)
                {
                    faults.Add(new BadRow(row.Line, CardColumns.User, "is not the person who has this card"));
                }
            }
        }

        return faults;
    }

    /// <summary>Writes rows in the caller's unit of work. Rows that are there already change nothing.</summary>
    /// <exception cref="StartException">Somebody else took a card, or made one, since the rows were checked.</exception>
    public async Task<CardsWritten> WriteAsync(CountersignDbContext db, IReadOnlyList<CardRow> batch, string source, CancellationToken ct)
    {
        var (users, cards) = (await UsersAsync(db, batch, ct), await CardsAsync(db, batch, ct));
        var ids = users.Values.Select(u => u.Id).ToList();
        var serials = batch.Select(r => r.Serial).ToList();
        var devices = (await db.Set<Device>().AsNoTracking().Where(d => ids.Contains(d.UserId) && d.Kind == CodeCardKind.KindId && serials.Contains(d.Serial)).Select(d => new { d.UserId, d.Serial }).ToListAsync(ct))
            .Select(d => (d.UserId, d.Serial)).ToHashSet();
        var written = default(CardsWritten);
        foreach (var row in batch)
        {
            var holder = row.User is null ? null : users[row.User];
            if (!cards.TryGetValue(row.Serial, out var card))
            {
                card = NewCard(row, holder);
                db.Add(card);
                written += new CardsWritten(1, 0);
            }
            else if (!IsSame(card, row))
            {
                throw new StartException($"The card of line {row.Line} was made with other cells a moment ago. What came before it is imported; look at it and import again.");
            }

            if (holder is not null && !devices.Contains((holder.Id, row.Serial)) && await IsOfAsync(db, card, holder, row, ct))
            {
                AddDevice(db, card, holder, row, source);
                written += new CardsWritten(0, 1);
            }
        }

        return written;
    }

    /// <summary>Whether the card is the person's now. One that was retired is nobody's any more.</summary>
    private async Task<bool> IsOfAsync(CountersignDbContext db, PhysicalDevice card, Holder holder, CardRow row, CancellationToken ct)
    {
        if (card.Status == PhysicalStatus.Stock)
        {
            var now = time.GetUtcNow();
            if (await db.Set<PhysicalDevice>().Where(p => p.Id == card.Id && p.Status == PhysicalStatus.Stock)
                .ExecuteUpdateAsync(set => set.SetProperty(p => p.Status, PhysicalStatus.Assigned).SetProperty(p => p.PersonId, holder.PersonId).SetProperty(p => p.AssignedAt, now), ct) == 0)
            {
                throw new StartException($"The card of line {row.Line} was taken by somebody a moment ago. What came before it is imported; look at it and import again.");
            }

            return true;
        }

        return card.Status == PhysicalStatus.Assigned && card.PersonId == holder.PersonId;
    }

    private PhysicalDevice NewCard(CardRow row, Holder? holder)
    {
        var now = time.GetUtcNow();
        var id = Guid.CreateVersion7(now);
        return new PhysicalDevice
        {
            Id = id,
            Kind = CodeCardKind.KindId,
            Serial = row.Serial,
            Status = holder is null ? PhysicalStatus.Stock : PhysicalStatus.Assigned,
            PersonId = holder?.PersonId,
            State = protection.Protect(PhysicalDevice.StateColumn, id, id, new CodeCard(row.Cells, secrets.Bytes(CodeCard.KeyLength)).ToBytes()),
            ImportedAt = now,
            AssignedAt = holder is null ? null : now,
        };
    }

    private void AddDevice(CountersignDbContext db, PhysicalDevice card, Holder holder, CardRow row, string source)
    {
        var now = time.GetUtcNow();
        var id = Guid.CreateVersion7(now);
        var active = row.Standing == CardStanding.Active;
        db.Add(new Device
        {
            UserId = holder.Id,
            Id = id,
            Kind = CodeCardKind.KindId,
            Serial = row.Serial,
            Label = row.Serial[^CardWriting.ShortestSerial..],
            Status = active ? DeviceStatus.Active : DeviceStatus.Shipped,
            State = protection.Close(holder.Id, id, [], card.Id),
            CreatedAt = now,

            // It was trusted in the system before; nothing that this one confirmed holds it down.
            ActivatedAt = active ? now : null,
            TrustedAt = active ? now : null,
            PhysicalId = card.Id,
        });
        history.Add(db, holder.Id, id, active ? DeviceEventKind.Activated : DeviceEventKind.Shipped, by: null, source);
        audit.Add(db, AuditEvents.DeviceImported, holder.Id, source, ("device", id), ("kind", CodeCardKind.KindId), ("status", row.Standing));
    }

    /// <summary>Whether the card has the cells that the row says; one that does not open has none. Compared like any secret.</summary>
    private bool IsSame(PhysicalDevice card, CardRow row)
    {
        try
        {
            var known = CodeCard.Read(protection.Unprotect(PhysicalDevice.StateColumn, card.Id, card.Id, card.State));
            return CryptographicOperations.FixedTimeEquals(Encoding.ASCII.GetBytes(known.Cells), Encoding.ASCII.GetBytes(row.Cells));
        }
        catch (UnreadableSecretException)
        {
            return false;
        }
    }

    private static Task<Dictionary<string, Holder>> UsersAsync(CountersignDbContext db, IReadOnlyList<CardRow> batch, CancellationToken ct)
    {
        var names = batch.Where(r => r.User is not null).Select(r => r.User!).Distinct().ToList();
        return db.Set<User>().Where(u => names.Contains(u.NormalisedName)).ToDictionaryAsync(u => u.NormalisedName, u => new Holder(u.Id, u.PersonId), ct);
    }

    private static Task<Dictionary<string, PhysicalDevice>> CardsAsync(CountersignDbContext db, IReadOnlyList<CardRow> batch, CancellationToken ct)
    {
        var serials = batch.Select(r => r.Serial).ToList();
        return db.Set<PhysicalDevice>().AsNoTracking().Where(p => p.Kind == CodeCardKind.KindId && serials.Contains(p.Serial)).ToDictionaryAsync(p => p.Serial, ct);
    }

    private sealed record Holder(Guid Id, Guid PersonId);
}
