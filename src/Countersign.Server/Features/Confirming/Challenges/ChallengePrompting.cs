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

    /// <summary>The same for a challenge that one device or credential alone answers, which its purpose has chosen.</summary>
    public async Task<Error?> AskAsync(
        CountersignDbContext db, ChallengeHandle handle, Opener opener, AskedOf asked, Prompt? had, CancellationToken ct)
    {
        var found = await reader.FindLiveAsync(db, handle, opener, ct);
        return !found.Succeeded ? found.Error
            : asked.DeviceId is { } device ? await AskDeviceAsync(db, found.Value, opener, device, had, ct)
            : await AskCredentialAsync(db, found.Value, opener, asked.Credential, ct);
    }

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

        // Not once the prompt is answered, denied or another one. The UPDATE holds the row: of two repetitions the second one sees
        // what the first has done.
        if (!await db.HoldPromptAsync(challenge))
        {
            return ChallengeReader.WhyNot(await reader.FindAsync(db, handle, opener, ct));
        }

        var prompts = await ReadPromptsAsync(db, challenge, ct);
        if (prompts.Find(credential.Key.Id) is not { } earlier)
        {
            return ChallengeErrors.NotRepeatable;
        }

        var repeated = await kind.RepeatAsync(credential, challenge.Ask, earlier, by, db, ct);
        if (!repeated.Succeeded)
        {
            return repeated.Error;
        }

        await SavePromptAsync(db, challenge, prompts, credential.Key.Id, repeated.Value, ct);
        audit.Add(
            db, AuditEvents.PromptRepeated, handle.UserId, opener.ActsFor(handle.UserId), ("challenge", handle.Id),
            ("device", challenge.Device?.Id), ("kind", credential.Facts.Kind));
        return null;
    }

    private async Task<Error?> AskDeviceAsync(
        CountersignDbContext db, LoadedChallenge challenge, Opener opener, Guid deviceId, Prompt? had, CancellationToken ct)
    {
        if (challenge.State == ChallengeState.Prompted && challenge.Device?.Id == deviceId)
        {
            return null;
        }

        if (await offers.FindAsync(db, challenge, deviceId, ct) is not { } offer)
        {
            return ChallengeErrors.DeviceUnavailable;
        }

        return offer.Refusal ?? await PromptAsync(db, challenge, opener, offer.Credential, offer.Kind, offer.Device.Id, had, ct);
    }

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

        // The UPDATE above holds the row: what was given so far is read under it.
        var prompts = await ReadPromptsAsync(db, challenge, ct);
        var prompt = had ?? await kind.PromptAsync(credential, challenge.Ask, prompts.Find(key.Id), db, ct);
        await SavePromptAsync(db, challenge, prompts, key.Id, prompt, ct);
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

    private async Task<PromptBook> ReadPromptsAsync(CountersignDbContext db, LoadedChallenge challenge, CancellationToken ct)
    {
        var (userId, id) = challenge.Handle;
        var row = await db.RowOf(challenge).AsNoTracking().Select(c => new { c.Version, c.Prompts }).SingleAsync(ct);
        return new PromptBook(
            row.Version, row.Prompts is null
                ? []
                : protection.Unprotect(Challenge.PromptsColumn, userId, id, row.Prompts, ChallengesJson.Default.DictionaryGuidByteArray));
    }

    /// <summary>After an UPDATE that holds the row.</summary>
    private async Task SavePromptAsync(
        CountersignDbContext db, LoadedChallenge challenge, PromptBook prompts, Guid credentialId, Prompt prompt, CancellationToken ct)
    {
        var (userId, id) = challenge.Handle;
        var stored = protection.Protect(
            Challenge.PromptsColumn, userId, id, prompts.With(credentialId, prompt).States, ChallengesJson.Default.DictionaryGuidByteArray);
        if (await db.RowOf(challenge).Where(c => c.Version == prompts.Version).ExecuteUpdateAsync(
            set => set.SetProperty(c => c.Prompts, stored).SetProperty(c => c.Version, c => c.Version + 1), ct) == 0)
        {
            throw new InvalidOperationException("The prompts of a challenge changed under its lock.");
        }
    }
}
