using Countersign.Server.Data;
using Countersign.Server.Features.Confirming.Devices;
using Countersign.Server.Features.Ground.Audit;
using Countersign.Server.Features.Ground.Signals;
using Microsoft.EntityFrameworkCore;

namespace Countersign.Server.Features.Confirming.Challenges;

/// <summary>A response that was looked at and not yet charged or spent.</summary>
/// <param name="Answer">By what it is recognised when it comes again; null for what cannot come again.</param>
internal sealed record CheckedResponse(
    LoadedChallenge Challenge, OpenedCredential Credential, IDeviceKind Kind, Verdict Verdict, AnswerMac? Answer);

/// <summary>Looks at responses. Reads only; give what it returns to <see cref="ResponseCharging"/> in a unit of work.</summary>
internal sealed class ResponseLook(KindCatalog kinds, AnswerKeys keys)
{
    /// <summary>Null for a kind that this node does not know.</summary>
    public IDeviceKind? KindOf(OpenedCredential credential) => kinds.Find(credential.Facts.Kind);

    public async Task<Result<CheckedResponse>> RunAsync(LoadedChallenge challenge, int promptNo, string response, CancellationToken ct)
    {
        if (challenge is { State: ChallengeState.Prompted, Credential: null })
        {
            return ChallengeErrors.Unreadable;
        }

        if (challenge is not { State: ChallengeState.Prompted, Credential: { } credential, Prompt: { } prompt }
            || challenge.Row.PromptNo != promptNo)
        {
            return ChallengeErrors.OtherPrompt;
        }

        if (!challenge.MayAnswer || KindOf(credential) is not { } kind)
        {
            return ChallengeErrors.DeviceUnavailable;
        }

        if (challenge.IsLocked)
        {
            return ChallengeErrors.TooManyResponses;
        }

        var verdict = await kind.CheckAsync(credential, challenge.Ask, prompt, response, ct);
        return verdict is Verdict.Malformed malformed
            ? malformed.Error
            : new CheckedResponse(challenge, credential, kind, verdict, keys.Of(challenge.Handle, promptNo, response));
    }

    /// <summary>
    /// A response that was looked at before anybody knew whose challenge it answers; the credential must be what it was then. What it
    /// was given for is spent with it, so that it cannot come again.
    /// </summary>
    public CheckedResponse? Adopt(LoadedChallenge challenge, CredentialView looked, Verdict.Accepted verdict) =>
        challenge is { State: ChallengeState.Prompted, MayAnswer: true, Credential: { } credential }
            && credential.Facts == looked
            && KindOf(credential) is { } kind
            ? new CheckedResponse(challenge, credential, kind, verdict, Answer: null)
            : null;
}

/// <summary>What came of charging a response.</summary>
internal abstract record Charged
{
    /// <summary>Charged, and the credential spent: the challenge may be approved now, in the same unit.</summary>
    internal sealed record Right(bool Last) : Charged;

    /// <summary>Charged; the challenge can still be answered.</summary>
    internal sealed record Wrong(Error Error) : Charged;

    /// <summary>Not looked at any more, or the end of the challenge.</summary>
    internal sealed record Refused(Error Error) : Charged;

    /// <summary>Nothing was charged: the challenge is no longer what it was.</summary>
    internal sealed record Late : Charged;
}

/// <summary>
/// Charges a response, and spends the credential where it was right. The try is charged before the answer can have any effect, in
/// one commit. A refusal commits what it charged.
/// </summary>
internal sealed class ResponseCharging(
    CredentialSpending credentials,
    SecondFactorFailures failures,
    ChallengeSignals signals,
    AuditTrail audit,
    ChallengeMeasures measures,
    TimeProvider time)
{
    public async Task<Charged> RunAsync(CountersignDbContext db, CheckedResponse response, Actor by, CancellationToken ct)
    {
        var (challenge, credential, kind, verdict, answer) = response;
        if (!await db.ChargeAsync(challenge, answer, time.GetUtcNow()))
        {
            return await WasWrongAsync(db, response, ct) is { } left ? new Charged.Wrong(kind.Wrong with { Arguments = [left] })
                : new Charged.Late();
        }

        if (verdict is not Verdict.Accepted accepted
            || !await credentials.SpendAsync(
                db, credential.Facts, accepted, challenge.From.Known, challenge.User.Regime.WrongResponsesInARow))
        {
            return await WrongAsync(db, challenge, credential, kind, (verdict as Verdict.Wrong)?.Reason, by, ct);
        }

        return new Charged.Right(accepted.Last);
    }

    /// <summary>Whether this very response was charged a moment ago and was wrong: that is said once more, and nothing happens.</summary>
    /// <returns>How many tries are left; null where it was not.</returns>
    private async Task<int?> WasWrongAsync(CountersignDbContext db, CheckedResponse response, CancellationToken ct)
    {
        var (now, seen) = (time.GetUtcNow(), response.Challenge.Row.PromptNo);
        var (earliest, mac) = (now - RepeatAnswer.Within, response.Answer?.Mac);
        return mac is not null
            && await db.RowOf(response.Challenge).AsNoTracking()
                .Where(c => c.State == ChallengeState.Prompted && c.PromptNo == seen && c.AnswerMac == mac)
                .SingleOrDefaultAsync(ct) is { } row
            && row.ExpiresAt > now && row.AnsweredAt > earliest
            ? row.TriesAllowed - row.Tries
            : null;
    }

    private async Task<Charged> WrongAsync(
        CountersignDbContext db, LoadedChallenge challenge, OpenedCredential credential, IDeviceKind kind, string? reason, Actor by,
        CancellationToken ct)
    {
        var (now, row) = (time.GetUtcNow(), challenge.Row);
        await failures.CountAsync(db, challenge, credential.Key, by, ct);
        var failed = await db.RowOf(challenge).Where(c => c.State == ChallengeState.Prompted && c.Tries >= c.TriesAllowed)
            .ExecuteUpdateAsync(set => set.SetProperty(c => c.State, ChallengeState.Failed).SetProperty(c => c.EndedAt, now), ct) == 1;
        (string, object?)[] facts = [("challenge", row.Id), ("purpose", row.Purpose), ("device", challenge.Device?.Id), ("kind", kind.Id)];
        audit.Add(db, AuditEvents.ResponseWrong, row.UserId, by, reason is null ? facts : [.. facts, ("reason", reason)]);
        measures.Answered(db, row.Purpose, kind.Id, failed ? ResponseOutcome.Failed : ResponseOutcome.Wrong);
        if (!failed)
        {
            var left = await db.RowOf(challenge).Select(c => c.TriesAllowed - c.Tries).SingleAsync(ct);
            return new Charged.Wrong(kind.Wrong with { Arguments = [left] });
        }

        audit.Add(db, AuditEvents.Failed, row.UserId, by, ("challenge", row.Id), ("purpose", row.Purpose));
        await failures.TellAsync(db, challenge, ct);
        signals.RaiseAfterCommit(db, row.Id, row.Awaited);
        return new Charged.Refused(ChallengeErrors.Failed);
    }
}
