using System.Security.Cryptography;
using System.Text;
using Countersign.Server.Data;
using Countersign.Server.Data.Protection;
using Countersign.Server.Features.Confirming.Devices;
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
    public static CardsWritten operator +(CardsWritten one, CardsWritten other) =>
        new(one.NewCards + other.NewCards, one.NewDevices + other.NewDevices);
}

/// <summary>Writes checked cards: adds what is new, gives cards to their users, and changes nothing that is there.</summary>
internal sealed class CardWriter(CredentialVault vault, NewCredentials credentials, DeviceLife life, ISecrets secrets, TimeProvider time)
{
    /// <summary>A card is up to four rows, and a unit at most 500.</summary>
    public const int BatchSize = 100;

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
                    faults.Add(
                        new BadRow(row.Line, CardColumns.Serial, "is that of a card with other cells, or with cells that do not open"));
                }
                else if (holder is not null && known.Status == CredentialStatus.Held && known.OwnerId != holder.PersonId)
                {
                    faults.Add(new BadRow(row.Line, CardColumns.User, "is not the person who has this card"));
                }
            }
        }

        return faults;
    }

    /// <summary>Writes rows in the caller's unit of work. Rows that are there already change nothing.</summary>
    /// <exception cref="StartException">Somebody else took a card, or made one, since the rows were checked.</exception>
    public async Task<CardsWritten> WriteAsync(CountersignDbContext db, IReadOnlyList<CardRow> batch, Actor by, CancellationToken ct)
    {
        var (users, cards) = (await UsersAsync(db, batch, ct), await CardsAsync(db, batch, ct));
        var ids = users.Values.Select(u => u.Id).ToList();
        var devices = (await db.Set<Device>().AsNoTracking().Where(d => ids.Contains(d.UserId) && d.Kind == CodeCardKind.KindId)
                .Select(d => new { d.UserId, d.CredentialId }).ToListAsync(ct)).Select(d => (d.UserId, d.CredentialId)).ToHashSet();
        var written = default(CardsWritten);
        foreach (var row in batch)
        {
            var holder = row.User is null ? null : users[row.User];
            CredentialView? card;
            if (!cards.TryGetValue(row.Serial, out var known))
            {
                card = credentials.Add(
                    db, holder?.PersonId ?? Credential.Nobody, CodeCardKind.KindId,
                    new CodeCard(row.Cells, secrets.Bytes(CodeCard.KeyLength)).ToBytes(), row.Serial);
                written += new CardsWritten(1, 0);
            }
            else if (!IsSame(known, row))
            {
                throw new StartException(
                    $"The card of line {row.Line} was made with other cells a moment ago. What came before it is "
                        + "imported; look at it and import again.");
            }
            else
            {
                card = holder is null ? null : await OfAsync(db, known, holder, row, ct);
            }

            if (holder is not null && card is not null && !devices.Contains((holder.Id, card.Key.Id)))
            {
                await AddDeviceAsync(db, card, holder, row, by, ct);
                written += new CardsWritten(0, 1);
            }
        }

        return written;
    }

    /// <summary>The card, if it is the person's now. One that was retired is nobody's any more.</summary>
    private async Task<CredentialView?> OfAsync(
        CountersignDbContext db, Credential card, Holder holder, CardRow row, CancellationToken ct) => card.Status switch
        {
            CredentialStatus.Stock => await credentials.HandOutAsync(db, card, holder.PersonId, ct)
                ?? throw new StartException(
                    $"The card of line {row.Line} was taken by somebody a moment ago. What came before it is imported; "
                        + "look at it and import again."),
            CredentialStatus.Held when card.OwnerId == holder.PersonId => CredentialVault.Look(card),
            _ => null,
        };

    private async Task AddDeviceAsync(
        CountersignDbContext db, CredentialView card, Holder holder, CardRow row, Actor by, CancellationToken ct)
    {
        var (label, active) = (row.Serial[^CardWriting.ShortestSerial..], row.Standing == CardStanding.Active);

        // It was trusted in the system before; nothing that this one confirmed holds it down.
        var device = new NewDevice(holder.Id, card, label, active ? DeviceStatus.Active : DeviceStatus.Shipped, CodeCardKind.KindId)
        {
            TrustedAt = active ? time.GetUtcNow() : null,
        };
        await life.MakeAsync(db, device, new Cause(by) { Event = AuditEvents.DeviceImported, ToldElsewhere = true }, ct);
    }

    /// <summary>Whether the card has the cells that the row says; one that does not open has none. Compared like any secret.</summary>
    private bool IsSame(Credential card, CardRow row) => vault.Open(card) is { } opened
        && CryptographicOperations.FixedTimeEquals(
            Encoding.ASCII.GetBytes(CodeCard.Read(opened.State).Cells), Encoding.ASCII.GetBytes(row.Cells));

    private static Task<Dictionary<string, Holder>> UsersAsync(CountersignDbContext db, IReadOnlyList<CardRow> batch, CancellationToken ct)
    {
        var names = batch.Where(r => r.User is not null).Select(r => r.User!).Distinct().ToList();
        return db.Set<User>().Where(u => names.Contains(u.NormalisedName)).ToDictionaryAsync(
            u => u.NormalisedName, u => new Holder(u.Id, u.PersonId), ct);
    }

    private static Task<Dictionary<string, Credential>> CardsAsync(
        CountersignDbContext db, IReadOnlyList<CardRow> batch, CancellationToken ct)
    {
        var serials = batch.Select(r => r.Serial).ToList();
        return db.Set<Credential>().AsNoTracking().Where(p => p.Kind == CodeCardKind.KindId && serials.Contains(p.Serial))
            .ToDictionaryAsync(p => p.Serial, ct);
    }

    private sealed record Holder(Guid Id, Guid PersonId);
}
