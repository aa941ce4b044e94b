using Countersign.Server.Data;
using Countersign.Server.Features.Confirming.Devices;
using Countersign.Server.Features.Ground.Audit;

namespace Countersign.Server.Features.Confirming.Challenges;

/// <summary>
/// What the opener does with a challenge once a device is chosen: types what the device says, which approves and uses in one unit,
/// or uses what whoever holds the device has approved elsewhere.
/// </summary>
internal sealed class AnswerChallenge(
    Contexts contexts, IWriter writer, ChallengeReader reader, ResponseLook look, ResponseCharging charging, UseChallenge use,
    AnswerEffects effects)
{
    /// <summary>
    /// Looks at a typed response, charges it, and carries the purpose out where it was right; or says once more what came of it, where
    /// that has just happened.
    /// </summary>
    public async Task<Answered<TSubject, TResult>> TypeAsync<TSubject, TResult>(
        Purpose<TSubject, TResult> purpose, ChallengeHandle handle, Opener opener, int promptNo, string? response, CancellationToken ct)
    {
        var typed = response ?? string.Empty;
        Result<CheckedResponse> looked;
        bool again;
        await using (var db = contexts.Read())
        {
            var found = await OfPurposeAsync(db, purpose, handle, opener, ct);
            again = found.Succeeded && effects.Repeat.MayRepeat(found.Value);
            looked = !found.Succeeded ? found.Error
                : found.Value.Ended is { } ended ? ended
                : await look.RunAsync(found.Value, promptNo, typed, ct);
        }

        if (again)
        {
            return await writer.RunAsync(
                (db, token) => AgainAsync(db, purpose, handle, opener, promptNo, typed, token), CancellationToken.None);
        }

        if (looked.Error == ChallengeErrors.Unreadable)
        {
            await writer.RunAsync((db, _) => effects.NoteUnreadableAsync(db, handle, opener), ct);
        }

        // The try is spent whether or not the opener still listens.
        return looked.Succeeded
            ? await writer.RunAsync((db, token) => SpendAsync(db, purpose, looked.Value, opener, typed, token), CancellationToken.None)
            : new Answered<TSubject, TResult>.Refused(looked.Error, Looked: false);
    }

    /// <summary>Uses what was approved: only the opener can, and once.</summary>
    public async Task<Answered<TSubject, TResult>> UseAsync<TSubject, TResult>(
        Purpose<TSubject, TResult> purpose, ChallengeHandle handle, Opener opener, CancellationToken ct) =>
        await writer.RunAsync<Answered<TSubject, TResult>>(
            async (db, token) =>
            {
                var found = await OfPurposeAsync(db, purpose, handle, opener, token);
                if (!found.Succeeded)
                {
                    return new Answered<TSubject, TResult>.Refused(found.Error, Looked: false);
                }

                if (found.Value.State == ChallengeState.Approved)
                {
                    return await use.RunAsync(db, purpose, found.Value, opener, ChallengeState.Approved, keyId: null, token);
                }

                await use.LapseAsync(db, found.Value, opener, token);
                return new Answered<TSubject, TResult>.Refused(found.Value.Ended ?? ChallengeErrors.NotApproved, Looked: false);
            },
            ct);

    /// <summary>
    /// The same as typing where the response was looked at before its challenge was opened, in the unit that has opened it. The
    /// credential must be what it was when it was looked at.
    /// </summary>
    public async Task<Answered<TSubject, TResult>> AdoptAsync<TSubject, TResult>(
        CountersignDbContext db, Purpose<TSubject, TResult> purpose, ChallengeHandle handle, Opener opener, CredentialView looked,
        Verdict.Accepted verdict, CancellationToken ct)
    {
        var found = await OfPurposeAsync(db, purpose, handle, opener, ct);
        return !found.Succeeded ? new Answered<TSubject, TResult>.Refused(found.Error, Looked: false)
            : look.Adopt(found.Value, looked, verdict) is { } response
            ? await SpendAsync(db, purpose, response, opener, typed: string.Empty, ct)
            : new Answered<TSubject, TResult>.Refused(ChallengeErrors.DeviceUnavailable, Looked: false);
    }

    private async Task<Answered<TSubject, TResult>> SpendAsync<TSubject, TResult>(
        CountersignDbContext db, Purpose<TSubject, TResult> purpose, CheckedResponse response, Opener opener, string typed,
        CancellationToken ct)
    {
        var challenge = response.Challenge;
        switch (await charging.RunAsync(db, response, opener.ActsFor(challenge.Row.UserId), ct))
        {
            case Charged.Wrong wrong:
                return new Answered<TSubject, TResult>.Wrong(wrong.Error);
            case Charged.Refused refused:
                return new Answered<TSubject, TResult>.Refused(refused.Error, Looked: true);
            case Charged.Late:
                return await AgainAsync(db, purpose, challenge.Handle, opener, challenge.Row.PromptNo, typed, ct);
            case Charged.Right right:
                var answered = await use.RunAsync(
                    db, purpose, challenge, opener, ChallengeState.Prompted, response.Answer?.KeyId, ct);
                if (right.Last)
                {
                    await effects.UsedUpAsync(db, challenge, response.Credential.Key, opener, ct);
                }

                return answered;
            default:
                throw new System.Diagnostics.UnreachableException();
        }
    }

    /// <summary>What came of the same response, where it was answered already; else why nothing can be answered any more.</summary>
    private async Task<Answered<TSubject, TResult>> AgainAsync<TSubject, TResult>(
        CountersignDbContext db, Purpose<TSubject, TResult> purpose, ChallengeHandle handle, Opener opener, int promptNo, string typed,
        CancellationToken ct)
    {
        var found = await OfPurposeAsync(db, purpose, handle, opener, ct);
        return (found.Succeeded ? await effects.Repeat.RunAsync(db, purpose, found.Value, opener, promptNo, typed, ct) : null)
            ?? new Answered<TSubject, TResult>.Refused(ChallengeReader.WhyNot(found), Looked: true);
    }

    private async Task<Result<LoadedChallenge>> OfPurposeAsync(
        CountersignDbContext db, Purpose purpose, ChallengeHandle handle, Opener opener, CancellationToken ct)
    {
        var found = await reader.FindAsync(db, handle, opener, ct);
        return found.Succeeded && found.Value.Purpose != purpose ? ChallengeErrors.Missing : found;
    }
}

/// <summary>What follows an answer besides its purpose.</summary>
internal sealed class AnswerEffects(DeviceLife life, RepeatAnswer repeat, AuditTrail audit)
{
    /// <summary>The same answer once more, where it was lost.</summary>
    public RepeatAnswer Repeat => repeat;

    /// <summary>Writes down that a response was refused because what is stored does not open.</summary>
    public Task NoteUnreadableAsync(CountersignDbContext db, ChallengeHandle handle, Opener opener)
    {
        audit.Add(db, AuditEvents.ChallengeUnreadable, handle.UserId, opener.ActsFor(handle.UserId), ("challenge", handle.Id));
        return Task.CompletedTask;
    }

    /// <summary>The credential has given its last answer.</summary>
    public Task UsedUpAsync(CountersignDbContext db, LoadedChallenge challenge, CredentialKey key, Opener opener, CancellationToken ct) =>
        life.UsedUpAsync(db, key, new Cause(opener.ActsFor(challenge.Row.UserId)) { Challenge = challenge.Row.Id }, ct);
}
