using Countersign.Server.Data;
using Countersign.Server.Features.Confirming.Devices;
using Countersign.Server.Features.Ground.Rations;
using Countersign.Server.Features.Registry.Users;

namespace Countersign.Server.Features.Kinds.CodeCards;

/// <summary>Finds the card that a client holds by its serial number, and hands it over once.</summary>
internal sealed class CardRegister(NewCredentials credentials, Rationing rationing)
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

            if (await FindAsync(db, userId, serial, ct) is not null)
            {
                return null;
            }
        }

        return await rationing.TakeAsync(db, userId, Ration, WrongSerials)
            ? CodeCardErrors.NoSuchCard
            : CodeCardErrors.TooManySerials with { RetryAfter = WrongSerials.Window };
    }

    /// <summary>Takes the card for the user's person. Of two persons who take it together one gets it.</summary>
    public async Task<Result<Prepared>> TakeAsync(CountersignDbContext db, Guid userId, string? typed, CancellationToken ct)
    {
        if (!CardWriting.TryReadSerial(typed, out var serial) || await FindAsync(db, userId, serial, ct) is not { } card)
        {
            return CodeCardErrors.NoSuchCard;
        }

        // Asked under the user's lock, which the unit has taken: the same user may have added it twice at the same moment.
        var mine = await MineAsync(db, userId, serial, ct);
        if (mine is { Status: not DeviceStatus.Shipped })
        {
            return Refusal(mine);
        }

        var held = card.Status == CredentialStatus.Held ? CredentialVault.Look(card)
            : await credentials.HandOutAsync(db, card, await PersonViews.IdOfUserAsync(db, userId, ct), ct);
        return held is null ? CodeCardErrors.NoSuchCard : new Prepared.Taken(held, mine?.Id);
    }

    /// <summary>The user's newest device of that card, whatever has become of it.</summary>
    private static async Task<DeviceView?> MineAsync(CountersignDbContext db, Guid userId, string serial, CancellationToken ct) =>
        (await DeviceViews.AllAsync(db, userId, ct)).Where(d => d.Kind == CodeCardKind.KindId && d.Serial == serial).MaxBy(
            d => d.CreatedAt);

    private static Error Refusal(DeviceView mine) =>
        mine.Status is DeviceStatus.Waiting or DeviceStatus.Active or DeviceStatus.Suspended ? CodeCardErrors.Yours : CodeCardErrors.Ended;

    /// <summary>
    /// A card in stock, or one that the person holds already: all users of a person may answer with the same thing (D11).
    /// </summary>
    private static async Task<Credential?> FindAsync(CountersignDbContext db, Guid userId, string serial, CancellationToken ct)
    {
        var person = await PersonViews.IdOfUserAsync(db, userId, ct);
        return await CredentialReading.FindAsync(db, CodeCardKind.KindId, serial, ct) is { } card
            && (card.Status == CredentialStatus.Stock || (card.Status == CredentialStatus.Held && card.OwnerId == person))
            ? card
            : null;
    }
}
