using Countersign.Server.Data;
using Countersign.Server.Data.Protection;
using Countersign.Server.Features.Confirming.Devices;
using Countersign.Server.Features.Ground.Audit;
using Microsoft.EntityFrameworkCore;

namespace Countersign.Server.Features.Confirming.Challenges;

/// <summary>Prompts for challenges. Every step that happens once is one conditional UPDATE.</summary>
internal sealed class ChallengePrompting(
    KindCatalog kinds, ChallengeReader reader, ChallengeOffers offers, RowProtection protection, AuditTrail audit,
    ChallengeMeasures measures, TimeProvider time)
{
    /// <summary>
    /// Prompts on a device. Choosing another device voids the prompt before it (D8); choosing the same one again changes nothing.
    /// </summary>
    /// <returns>Null when done, else why not.</returns>
    public async Task<Error?> ChooseAsync(
        CountersignDbContext db, ChallengeHandle handle, Opener opener, Guid deviceId, CancellationToken ct)
    {
        var found = await reader.FindLiveAsync(db, handle, opener, ct);
        if (!found.Succeeded)
        {
            return found.Error;
        }

        // A waiting device answers for itself alone: another one that waits shows nothing of it.
        return found.Value.Activates
            ? ChallengeErrors.DeviceUnavailable
            : await AskDeviceAsync(db, found.Value, opener, deviceId, had: null, ct);
    }

    /// <summary>Prompts on the only device that there is to choose, for a challenge that was looked at in this unit.</summary>
    /// <returns>Null when done, else why not.</returns>
    public async Task<Error?> AskOnlyAsync(
        CountersignDbContext db, LoadedChallenge challenge, Opener opener, Answerable only, CancellationToken ct) =>
        challenge.Activates ? ChallengeErrors.DeviceUnavailable
            : IsAsked(challenge, only.Rows.Device.Id) ? null
            : await PromptAsync(db, challenge, opener, await offers.OfAsync(db, challenge, only, ct), had: null, ct);

    /// <summary>The same on the one device or credential that can answer, which the challenge's purpose has chosen.</summary>
    public Task<Error?> AskAsync(
        CountersignDbContext db, LoadedChallenge challenge, Opener opener, AskedOf asked, Prompt? had, CancellationToken ct) =>
        asked.DeviceId is { } device
            ? AskDeviceAsync(db, challenge, opener, device, had, ct)
            : AskCredentialAsync(db, challenge, opener, asked.Credential, ct);

    /// <summary>Puts the current prompt to the person once more.</summary>
    /// <returns>Null when done, else why not.</returns>
    public async Task<Error?> RepeatAsync(CountersignDbContext db, ChallengeHandle handle, Opener opener, string? by, CancellationToken ct)
    {
        var found = await reader.FindLiveAsync(db, handle, opener, ct);
        if (!found.Succeeded)
        {
            return found.Error;
        }

        var challenge = found.Value;
        if (challenge is not { State: ChallengeState.Prompted, Credential: { } credential }
            || kinds.Find(credential.Facts.Kind) is not IRepeatablePrompt kind)
        {
            return ChallengeErrors.NotRepeatable;
        }

        if (!challenge.MayAnswer)
        {
            return ChallengeErrors.DeviceUnavailable;
        }

        // Not once the prompt is answered, denied or another one. The UPDATE holds the row: of two repetitions the second one sees
        // what the first has done.
        if (!await db.HoldPromptAsync(challenge))
        {
            return ChallengeReader.WhyNot(await reader.FindAsync(db, handle, opener, ct));
        }

        var prompts = await PromptsNowAsync(db, challenge, ct);
        if (prompts.Find(credential.Key.Id) is not { } earlier)
        {
            return ChallengeErrors.NotRepeatable;
        }

        var repeated = await kind.RepeatAsync(credential, challenge.Ask, earlier, by, db, ct);
        if (!repeated.Succeeded)
        {
            return repeated.Error;
        }

        await KeepAsync(db, challenge, prompts, credential.Key.Id, repeated.Value);
        audit.Add(
            db, AuditEvents.PromptRepeated, handle.UserId, opener.ActsFor(handle.UserId), ("challenge", handle.Id),
            ("device", challenge.Device?.Id), ("kind", credential.Facts.Kind));
        return null;
    }

    private async Task<Error?> AskDeviceAsync(
        CountersignDbContext db, LoadedChallenge challenge, Opener opener, Guid deviceId, Prompt? had, CancellationToken ct)
    {
        if (IsAsked(challenge, deviceId))
        {
            return null;
        }

        return await offers.FindAsync(db, challenge, deviceId, ct) is { } offer
            ? await PromptAsync(db, challenge, opener, offer, had, ct)
            : ChallengeErrors.DeviceUnavailable;
    }

    private static bool IsAsked(LoadedChallenge challenge, Guid deviceId) =>
        challenge.State == ChallengeState.Prompted && challenge.Device?.Id == deviceId;

    private async Task<Error?> AskCredentialAsync(
        CountersignDbContext db, LoadedChallenge challenge, Opener opener, CredentialKey key, CancellationToken ct)
    {
        if (challenge.State == ChallengeState.Prompted && challenge.Credential?.Key == key)
        {
            return null;
        }

        return challenge.Activates && await CredentialReading.FindAsync(db, key, ct) is { Status: CredentialStatus.Held } row
            && offers.Open(row) is { } credential && kinds.Find(row.Kind) is { } kind
            ? kind.Unavailable(credential, challenge.Ask)
                ?? await PromptAsync(db, challenge, opener, credential, kind, deviceId: null, had: null, ct)
            : ChallengeErrors.DeviceUnavailable;
    }

    private async Task<Error?> PromptAsync(
        CountersignDbContext db, LoadedChallenge challenge, Opener opener, Offer offer, Prompt? had, CancellationToken ct) =>
        offer.Refusal ?? await PromptAsync(db, challenge, opener, offer.Credential, offer.Kind, offer.Device.Id, had, ct);

    private async Task<Error?> PromptAsync(
        CountersignDbContext db, LoadedChallenge challenge, Opener opener, OpenedCredential credential, IDeviceKind kind, Guid? deviceId,
        Prompt? had, CancellationToken ct)
    {
        // An application asks no device: whose challenge it is chooses, once a session of theirs has adopted it.
        if (opener.Kind == OpenerKind.Application)
        {
            return ChallengeErrors.Missing;
        }

        var (userId, id) = challenge.Handle;
        var key = credential.Key;
        if (!await db.PromptAsync(challenge, EndOf(challenge, kind), deviceId, key))
        {
            return ChallengeReader.WhyNot(await reader.FindAsync(db, challenge.Handle, opener, ct));
        }

        // The UPDATE above found the prompts as they were read, and holds the row.
        var prompt = had ?? await kind.PromptAsync(credential, challenge.Ask, challenge.Prompts.Find(key.Id), db, ct);
        await KeepAsync(db, challenge, challenge.Prompts, key.Id, prompt);
        audit.Add(
            db, AuditEvents.Prompted, userId, opener.ActsFor(userId), ("challenge", id), ("purpose", challenge.Row.Purpose),
            ("device", deviceId), ("kind", kind.Id));
        measures.Prompted(db, challenge.Row.Purpose, kind.Id);
        return null;
    }

    /// <summary>A request on a phone waits shorter than the challenge: who looks at it late must not approve what was forgotten.</summary>
    private DateTimeOffset EndOf(LoadedChallenge challenge, IDeviceKind kind)
    {
        var ends = time.GetUtcNow() + challenge.Purpose.Rules(challenge.User).PromptLifetime;
        return kind.Traits.Channel == KindChannel.Push && ends < challenge.Row.ExpiresAt ? ends : challenge.Row.ExpiresAt;
    }

    /// <summary>The prompts as they are now, under a row that the unit holds.</summary>
    private async Task<PromptBook> PromptsNowAsync(CountersignDbContext db, LoadedChallenge challenge, CancellationToken ct)
    {
        var row = await db.RowOf(challenge).AsNoTracking().Select(c => new { c.Version, c.Prompts }).SingleAsync(ct);
        return PromptBook.Open(protection, challenge.Handle, row.Version, row.Prompts);
    }

    /// <summary>After an UPDATE that holds the row.</summary>
    private async Task KeepAsync(
        CountersignDbContext db, LoadedChallenge challenge, PromptBook prompts, Guid credentialId, Prompt prompt)
    {
        var closed = prompts.With(credentialId, prompt).Close(protection, challenge.Handle);
        if (!await db.KeepPromptsAsync(challenge.Handle, closed, prompts.Version))
        {
            throw new InvalidOperationException("The prompts of a challenge changed under its lock.");
        }
    }
}
