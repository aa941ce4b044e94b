using Countersign.Protocol.Statements;
using Countersign.Server.Data;
using Countersign.Server.Data.Protection;
using Countersign.Server.Features.Confirming.Devices;
using Countersign.Server.Features.Ground.Rations;
using Countersign.Server.Features.Registry.Users;

namespace Countersign.Server.Features.Confirming.Challenges;

/// <summary>What alone can answer a challenge: a device of the user's, or a credential that has none yet.</summary>
internal sealed record AskedOf(CredentialKey Credential, Guid? DeviceId);

/// <summary>Opens challenges, each in the caller's unit of work, and prompts where nothing is left to choose.</summary>
internal sealed class ChallengeOpening(
    NewChallenges made, ChallengeReader reader, ChallengePrompting prompting, ChallengeOffers offers, EndChallenges end,
    Rationing rationing, ChallengeMeasures measures)
{
    /// <summary>Opens a challenge, and prompts for it where one device leaves nothing to choose.</summary>
    public async Task<Result<ChallengeHandle>> BeginAsync(CountersignDbContext db, ChallengeRequest request, CancellationToken ct)
    {
        var answerable = await offers.AnswerableAsync(db, request.User, request.Opener, ct);
        if (!answerable.Succeeded)
        {
            return answerable.Error;
        }

        var opened = await OpenAsync(db, request, resume: true, ct);
        if (!opened.Succeeded)
        {
            return opened.Error;
        }

        // An application asks no device: whose challenge it is chooses, once a session of theirs has adopted it.
        var challenge = opened.Value;
        return answerable.Value is [var only] && request.Opener.Kind != OpenerKind.Application
            && await prompting.AskOnlyAsync(db, challenge, request.Opener, only, ct) is { } refusal
                ? refusal
                : challenge.Handle;
    }

    /// <summary>Opens a challenge that one device or credential alone can answer, and prompts for it.</summary>
    /// <param name="had">
    /// The prompt that the device has had already, before anybody knew whose device it is, to be answered in the same unit. Such a
    /// challenge never takes the place of another one that waits. Null: it is made now.
    /// </param>
    public async Task<Result<ChallengeHandle>> BeginOnAsync(
        CountersignDbContext db, ChallengeRequest request, AskedOf asked, Prompt? had, CancellationToken ct)
    {
        var opened = await OpenAsync(db, request, resume: had is null, ct);
        if (!opened.Succeeded)
        {
            return opened.Error;
        }

        return await prompting.AskAsync(db, opened.Value, request.Opener, asked, had, ct) is { } refusal
            ? refusal
            : opened.Value.Handle;
    }

    /// <summary>
    /// An opener who has a live one for the same purpose and the same words gets that one back: opening again yields no fresh prompt
    /// and no message (D5).
    /// </summary>
    private async Task<Result<LoadedChallenge>> OpenAsync(
        CountersignDbContext db, ChallengeRequest request, bool resume, CancellationToken ct)
    {
        var (user, purpose) = (request.User, request.Purpose);
        if (user.FrozenAt is not null && !purpose.Traits.HasFlag(PurposeTraits.Thaws))
        {
            return ChallengeErrors.Frozen;
        }

        var challenge = made.Make(request);
        var alone = purpose.Traits.HasFlag(PurposeTraits.OneAtATime);

        // Apart for known browsers: a stranger behind the same address does not use up the owner's.
        var rule = new RationRule(user.Regime.ChallengesPerHour, TimeSpan.FromHours(1));
        var ration = $"challenges/{(request.Opener.IsKnownTo(user) ? "known" : "unknown")}/{request.Opener.Source}";
        var taken = await rationing.TakeAsync(db, user.Id, ration, rule);

        // Under the row of the ration: of two that come at once, the second one sees what the first has opened.
        if (resume && !alone && await reader.FindAsStatedAsync(db, challenge.Row, ct) is { } handle
            && await reader.FindLiveAsync(db, handle, request.Opener, ct) is { Succeeded: true } live)
        {
            if (taken)
            {
                await Rationing.ReturnAsync(db, user.Id, ration);
            }

            return live;
        }

        if (!taken)
        {
            return ChallengeErrors.TooMany with { RetryAfter = rule.Window };
        }

        if (alone)
        {
            // Two that are opened at once wait for each other, or neither would see what the other one adds.
            await UserLock.TakeAsync(db, user.Id, ct);
            await end.OfPurposeAsync(db, user.Id, purpose.Id, ct);
        }

        db.Append(challenge.Row);

        // With what the caller added: it has to be in the database before it can be prompted.
        await db.SaveChangesAsync(ct);
        measures.Opened(db, purpose.Id);
        return challenge;
    }
}

/// <summary>Makes challenges of requests; nothing of them is stored yet.</summary>
internal sealed class NewChallenges(RowProtection protection, TimeProvider time)
{
    public LoadedChallenge Make(ChallengeRequest request)
    {
        var (now, user, purpose) = (time.GetUtcNow(), request.User, request.Purpose);
        var statement = purpose.Say(request.Subject, request.Language);
        var (id, rules) = (Guid.CreateVersion7(now), purpose.Rules(user));
        var row = new Challenge
        {
            UserId = user.Id,
            Id = id,
            Purpose = purpose.Id,
            Subject = protection.Protect(Challenge.SubjectColumn, user.Id, id, request.Subject),
            Statement = statement.Text,
            Language = request.Language.Name,
            StatementHash = StatementBytes.Hash(purpose.Id, request.Language.Name, statement.Text, statement.Details),
            State = ChallengeState.Pending,
            TriesAllowed = rules.Tries,
            OpenerKind = request.Opener.Kind,
            OpenerHash = request.Opener.Hash,
            SessionId = purpose.Traits.HasFlag(PurposeTraits.OutsideSessions) ? null : request.Opener.SessionOf(user.Id),
            OpenedAt = now,
            ExpiresAt = now + rules.Lifetime,
        };
        return new LoadedChallenge(
            row, row.State, user, purpose, request.Subject, new PromptBook(row.Version, []), Device: null, Credential: null,
            new AskedFrom(request.Opener.Source, request.Opener.IsKnownTo(user)));
    }
}
