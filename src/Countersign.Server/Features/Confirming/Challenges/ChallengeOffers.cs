using Countersign.Server.Data;
using Countersign.Server.Features.Confirming.Devices;
using Countersign.Server.Features.Ground.Audit;
using Countersign.Server.Features.Registry.Users;

namespace Countersign.Server.Features.Confirming.Challenges;

/// <summary>A device that could answer a challenge.</summary>
/// <param name="Refusal">Why it may not; null when it may.</param>
internal sealed record Offer(DeviceView Device, OpenedCredential Credential, IDeviceKind Kind, Error? Refusal);

/// <summary>An active device of a kind that this node knows, whose secret opens.</summary>
internal sealed record Answerable(DeviceRows Rows, OpenedCredential Credential, IDeviceKind Kind);

/// <summary>Says which devices may answer a challenge, and asks again in the unit that uses an approval.</summary>
internal sealed class ChallengeOffers(KindCatalog kinds, CredentialVault vault, ConsentRules consents, AuditTrail audit)
{
    /// <summary>
    /// The user's active devices of kinds that this node knows, whose secrets open, in the picker's order: at least one, or why there
    /// is none.
    /// </summary>
    public async Task<Result<IReadOnlyList<Answerable>>> AnswerableAsync(
        CountersignDbContext db, UserView user, Opener opener, CancellationToken ct)
    {
        var answerable = new List<Answerable>();
        var active = await ActiveAsync(db, user.Id, ct);
        foreach (var rows in active.Where(r => kinds.Find(r.Device.Kind) is not null))
        {
            if (Open(rows) is { } opened)
            {
                answerable.Add(opened);
            }
            else
            {
                audit.Add(db, AuditEvents.DeviceUnreadable, user.Id, opener.ActsFor(user.Id), ("device", rows.Device.Id));
            }
        }

        return answerable.Count > 0 ? answerable : active.Count > 0 ? ChallengeErrors.NoneAnswers : ChallengeErrors.NoDevice;
    }

    /// <summary>What there is to choose: each that can answer, with what stands against it. May be empty.</summary>
    public async Task<IReadOnlyList<Choice>> ChoicesAsync(CountersignDbContext db, LoadedChallenge challenge, CancellationToken ct)
    {
        var choices = new List<Choice>();
        foreach (var answerable in (await ActiveAsync(db, challenge.Row.UserId, ct)).Select(Open).OfType<Answerable>())
        {
            var offer = await OfAsync(db, challenge, answerable, ct);
            choices.Add(new Choice(offer.Device, offer.Kind.Traits, offer.Device.Id == challenge.Device?.Id, offer.Refusal));
        }

        return choices;
    }

    /// <summary>One device, as it is now; null for what cannot answer at all.</summary>
    public async Task<Offer?> FindAsync(CountersignDbContext db, LoadedChallenge challenge, Guid deviceId, CancellationToken ct)
    {
        return await db.DeviceAsync(challenge.Row.UserId, deviceId, challenge.Asks, ct) is { } rows && Open(rows) is { } answerable
            ? await OfAsync(db, challenge, answerable, ct)
            : null;
    }

    /// <summary>A credential that has no device yet; null where it does not open.</summary>
    public OpenedCredential? Open(Credential row) => vault.Open(row);

    /// <summary>Whether what agreed may still agree: the same question, asked in the unit that uses it (D8).</summary>
    /// <returns>Null when it may; else why not.</returns>
    public async Task<Error?> RefusesNowAsync(
        CountersignDbContext db, LoadedChallenge challenge, DeviceView? device, CancellationToken ct) =>
        device is null ? null

            // Another node may have let a kind agree that this one does not know.
            : kinds.Find(device.Kind) is not { } kind ? ChallengeErrors.DeviceUnavailable
            : await consents.RefusesAsync(
                db, challenge.User, device, kind.Traits, challenge.Purpose.Takes(challenge.Subject, challenge.User), ct);

    /// <summary>What stands against it.</summary>
    public async Task<Offer> OfAsync(CountersignDbContext db, LoadedChallenge challenge, Answerable answerable, CancellationToken ct)
    {
        var (rows, credential, kind) = answerable;
        var device = DeviceView.Of(rows.Device, rows.Credential);
        var consent = challenge.Purpose.Takes(challenge.Subject, challenge.User);
        var locked = rows.Credential.Tries(challenge.From.Known) >= challenge.User.Regime.WrongResponsesInARow;
        var refusal = (locked ? ChallengeErrors.TooManyResponses : null)
            ?? await consents.RefusesAsync(db, challenge.User, device, kind.Traits, consent, ct)
            ?? kind.Unavailable(credential, challenge.Ask);
        return new Offer(device, credential, kind, refusal);
    }

    private Answerable? Open(DeviceRows rows) =>
        kinds.Find(rows.Device.Kind) is { } kind && vault.Open(rows.Credential, rows.Device) is { } credential
            ? new Answerable(rows, credential, kind)
            : null;

    private static async Task<List<DeviceRows>> ActiveAsync(CountersignDbContext db, Guid userId, CancellationToken ct) =>
        DeviceViews.InOrder(await db.ActiveDevicesAsync(userId, ct));
}
