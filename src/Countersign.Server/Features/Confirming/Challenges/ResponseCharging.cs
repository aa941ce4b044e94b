using Countersign.Server.Data;
using Countersign.Server.Features.Confirming.Devices;
using Countersign.Server.Features.Ground.Audit;
using Countersign.Server.Features.Ground.Signals;
using Microsoft.EntityFrameworkCore;

namespace Countersign.Server.Features.Confirming.Challenges;

/// <summary>A response that was looked at and not yet charged or spent.</summary>
internal sealed record CheckedResponse(LoadedChallenge Challenge, OpenedCredential Credential, IDeviceKind Kind, Verdict Verdict)
{
    /// <summary>Looks at a response. Reads only; give what it returns to <see cref="ResponseCharging"/> in a unit of work.</summary>
    public static async Task<Result<CheckedResponse>> LookAsync(
        LoadedChallenge challenge, KindCatalog kinds, int promptNo, string response, CancellationToken ct)
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

        if (!challenge.MayAnswer || kinds.Find(credential.Facts.Kind) is not { } kind)
        {
            return ChallengeErrors.DeviceUnavailable;
        }

        if (challenge.IsLocked)
        {
            return ChallengeErrors.TooManyResponses;
        }

        var verdict = await kind.CheckAsync(credential, challenge.Ask, prompt, response, ct);
        return verdict is Verdict.Malformed malformed ? malformed.Error : new CheckedResponse(challenge, credential, kind, verdict);
    }
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
        var (challenge, credential, kind, verdict) = response;
        if (!await db.ChargeAsync(challenge, time.GetUtcNow()))
        {
            return new Charged.Late();
        }

        if (verdict is not Verdict.Accepted accepted
            || !await credentials.SpendAsync(
                db, credential.Facts, accepted, challenge.From.Known, challenge.User.Regime.WrongResponsesInARow))
        {
            return await WrongAsync(db, challenge, credential, kind, (verdict as Verdict.Wrong)?.Reason, by, ct);
        }

        return new Charged.Right(accepted.Last);
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
