using Countersign.Server.Data;
using Countersign.Server.Features.Confirming.Devices;
using Countersign.Server.Features.Ground.Audit;
using Countersign.Server.Features.Ground.Signals;
using Microsoft.EntityFrameworkCore;

namespace Countersign.Server.Features.Confirming.Challenges;

/// <summary>
/// Turns an approved challenge into a used one, once, with the purpose's rows in the same unit. What was true when the device was
/// offered is asked again here: that it is still active, that it still may agree, that the user is not frozen, and that the purpose
/// still says what was agreed to (D8).
/// </summary>
internal sealed class UseChallenge(
    ChallengeOffers offers, AnswerKeys keys, ChallengeSignals signals, AuditTrail audit, ChallengeMeasures measures, TimeProvider time)
{
    /// <param name="from">Approved; or Prompted, where the response was charged and spent in this very unit.</param>
    /// <param name="keyId">The master key with which the response is kept; null where it is not.</param>
    public async Task<Answered<TSubject, TResult>> RunAsync<TSubject, TResult>(
        CountersignDbContext db, Purpose<TSubject, TResult> purpose, LoadedChallenge challenge, Opener opener, ChallengeState from,
        string? keyId, CancellationToken ct)
    {
        if (await WhyVoidAsync(db, challenge, ct) is { } reason)
        {
            return await VoidAsync<TSubject, TResult>(db, challenge, opener, from, reason, ct);
        }

        var now = time.GetUtcNow();
        var result = Guid.CreateVersion7(now);
        if (!await (from == ChallengeState.Approved
            ? db.UseAsync(challenge, result, now)
            : db.ApproveAndUseAsync(challenge, result, now)))
        {
            await LapseAsync(db, challenge, opener, ct);
            return new Answered<TSubject, TResult>.Refused(ChallengeErrors.Expired, Looked: true);
        }

        var (userId, id) = challenge.Handle;
        signals.RaiseAfterCommit(db, id, challenge.Row.Awaited);
        var approval = Approval<TSubject>.Of(
            Purpose<TSubject, TResult>.Read(challenge.Subject), challenge, opener, result,
            keys.SecretOf(keyId, challenge.Handle, result, opener));
        var outcome = await purpose.CompleteAsync(approval, db, ct);
        measures.Answered(
            db, purpose.Id, challenge.Credential!.Facts.Kind, outcome.Succeeded ? ResponseOutcome.Right : ResponseOutcome.Refused);
        if (outcome.Succeeded)
        {
            if (purpose.IdOf(outcome.Value) is { } own)
            {
                await db.RowOf(challenge).ExecuteUpdateAsync(set => set.SetProperty(c => c.ResultId, own), ct);
            }

            return new Answered<TSubject, TResult>.Completed(approval.Subject, outcome.Value);
        }

        var code = outcome.Error.Code;
        await db.RowOf(challenge).ExecuteUpdateAsync(set => set.SetProperty(c => c.Refusal, code), ct);
        audit.Add(db, AuditEvents.Refused, userId, opener.ActsFor(userId), ("challenge", id), ("reason", code));
        return new Answered<TSubject, TResult>.Refused(outcome.Error, Looked: true);
    }

    /// <summary>An approval that came too late to be used ends as one, and the history tells why nothing came of it.</summary>
    public async Task LapseAsync(CountersignDbContext db, LoadedChallenge challenge, Opener opener, CancellationToken ct)
    {
        var (now, (userId, id)) = (time.GetUtcNow(), challenge.Handle);
        if (await db.RowOf(challenge).Where(c => c.State == ChallengeState.Approved && c.UseBy <= now).ExecuteUpdateAsync(
            set => set.SetProperty(c => c.State, ChallengeState.Expired).SetProperty(c => c.EndedAt, now), ct) == 1)
        {
            audit.Add(
                db, AuditEvents.Lapsed, userId, opener.ActsFor(userId), ("challenge", id), ("purpose", challenge.Row.Purpose),
                ("device", challenge.Device?.Id));
        }
    }

    private async Task<Error?> WhyVoidAsync(CountersignDbContext db, LoadedChallenge challenge, CancellationToken ct) =>
        challenge.Credential is not { Facts.Status: CredentialStatus.Held } || !challenge.MayAnswer ? ChallengeErrors.DeviceUnavailable
        : !challenge.IsAsStated() ? ChallengeErrors.Changed
        : await offers.RefusesNowAsync(db, challenge, challenge.Device, ct);

    /// <summary>The approval is spent, though nothing came of it.</summary>
    private async Task<Answered<TSubject, TResult>> VoidAsync<TSubject, TResult>(
        CountersignDbContext db, LoadedChallenge challenge, Opener opener, ChallengeState from, Error reason, CancellationToken ct)
    {
        var now = time.GetUtcNow();
        if (await db.RowOf(challenge).Where(c => c.State == from).ExecuteUpdateAsync(
            set => set.SetProperty(c => c.State, ChallengeState.Cancelled).SetProperty(c => c.EndedAt, now).SetProperty(
                c => c.Refusal, reason.Code),
            ct) == 1)
        {
            var (userId, id) = challenge.Handle;
            audit.Add(db, AuditEvents.Refused, userId, opener.ActsFor(userId), ("challenge", id), ("reason", reason.Code));
            signals.RaiseAfterCommit(db, id, challenge.Row.Awaited);
        }

        return new Answered<TSubject, TResult>.Refused(reason, Looked: true);
    }
}
