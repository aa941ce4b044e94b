using Countersign.Server.Data;
using Countersign.Server.Features.Confirming.Devices;
using Countersign.Server.Features.Ground.Audit;
using Countersign.Server.Features.Ground.Signals;
using Microsoft.EntityFrameworkCore;

namespace Countersign.Server.Features.Confirming.Challenges;

/// <summary>A challenge as whoever holds the asked device sees it.</summary>
/// <param name="Statement">The exact text that is agreed to.</param>
/// <param name="EndsAt">Until when it can be approved.</param>
internal sealed record HeldChallenge(
    ChallengeHandle Handle, int PromptNo, string Statement, byte[] StatementHash, string Language, DateTimeOffset OpenedAt,
    DateTimeOffset EndsAt, PromptView Prompt);

/// <summary>
/// What whoever holds a device does with the challenges that it is asked: lists, reads, approves and denies them. Using what was
/// approved is the opener's alone. Several that wait are a list; none cancels another (B8).
/// </summary>
internal sealed class HeldChallenges(
    Contexts contexts, IWriter writer, ChallengeReader reader, ResponseLook look, ResponseCharging charging, HeldDecisions decisions,
    TimeProvider time)
{
    private const int Most = 20;

    /// <summary>What the credential is asked at this moment, the oldest first.</summary>
    public async Task<IReadOnlyList<ChallengeHandle>> ListAsync(DeviceHolder holder, CancellationToken ct)
    {
        var (now, userId, (owner, credential)) = (time.GetUtcNow(), holder.UserId, holder.Credential);
        await using var db = contexts.Read();
        var ids = await db.Set<Challenge>()
            .Where(
                c => c.UserId == userId
                    && c.CredentialId == credential
                    && c.CredentialOwner == owner
                    && c.State == ChallengeState.Prompted
                    && c.PromptEndsAt > now)
            .OrderBy(c => c.OpenedAt).Select(c => c.Id).Take(Most).ToListAsync(ct);
        return ids.ConvertAll(id => new ChallengeHandle(userId, id));
    }

    /// <summary>One of them, in full.</summary>
    public async Task<Result<HeldChallenge>> ReadAsync(ChallengeHandle handle, DeviceHolder holder, CancellationToken ct)
    {
        await using var db = contexts.Read();
        var found = await reader.FindHeldAsync(db, handle, holder, ct);
        if (!found.Succeeded)
        {
            return found.Error;
        }

        var challenge = found.Value;
        if (challenge is not { State: ChallengeState.Prompted, Credential: { } credential, Prompt: { } prompt }
            || look.KindOf(credential) is not { } kind)
        {
            return challenge.Ended ?? ChallengeErrors.OtherPrompt;
        }

        var row = challenge.Row;
        return new HeldChallenge(
            handle, row.PromptNo, row.Statement, row.StatementHash, row.Language, row.OpenedAt, row.PromptEndsAt ?? row.ExpiresAt,
            kind.Show(credential.Facts, prompt));
    }

    /// <summary>
    /// Approves, where the response is right: a try is charged like for any response. What is held does not run out: a last answer
    /// is a typed one's.
    /// </summary>
    /// <returns>Null when approved; else why not.</returns>
    public async Task<Error?> ApproveAsync(ChallengeHandle handle, DeviceHolder holder, int promptNo, string response, CancellationToken ct)
    {
        Result<CheckedResponse> looked;
        await using (var db = contexts.Read())
        {
            var found = await reader.FindHeldAsync(db, handle, holder, ct);
            looked = !found.Succeeded ? found.Error
                : found.Value.Ended is { } ended ? ended
                : await look.RunAsync(found.Value, promptNo, response, ct);
        }

        // The try is spent whether or not the device still listens. Only an opener's response is taken for the same when it comes again:
        // a device tells its requests apart by itself.
        return looked.Succeeded
            ? await writer.RunAsync(
                (db, token) => SpendAsync(db, looked.Value with { Answer = null }, holder, token), CancellationToken.None)
            : looked.Error;
    }

    /// <summary>Says no. It wins until the approval is used (D8).</summary>
    /// <returns>Null when denied; else why not.</returns>
    public Task<Error?> DenyAsync(
        ChallengeHandle handle, DeviceHolder holder, int promptNo, CancellationToken ct) => writer.RunAsync<Error?>(
        async (db, token) =>
        {
            var found = await reader.FindHeldAsync(db, handle, holder, token);
            return !found.Succeeded ? found.Error
                : await decisions.DenyAsync(db, found.Value, holder, promptNo, token) ? null
                : ChallengeReader.WhyNot(await reader.FindHeldAsync(db, handle, holder, token));
        },
        ct);

    private async Task<Error?> SpendAsync(CountersignDbContext db, CheckedResponse response, DeviceHolder holder, CancellationToken ct) =>
        await charging.RunAsync(db, response, holder.Actor, ct) switch
        {
            Charged.Wrong wrong => wrong.Error,
            Charged.Refused refused => refused.Error,
            Charged.Right when await decisions.ApproveAsync(db, response.Challenge, holder) => null,
            _ => ChallengeReader.WhyNot(await reader.FindHeldAsync(db, response.Challenge.Handle, holder, ct)),
        };
}

/// <summary>Writes down what whoever holds a device has decided, each by one conditional UPDATE.</summary>
internal sealed class HeldDecisions(ChallengeSignals signals, AuditTrail audit, TimeProvider time)
{
    /// <summary>Prompted → Approved, once; the opener has a minute to use it.</summary>
    public async Task<bool> ApproveAsync(CountersignDbContext db, LoadedChallenge challenge, DeviceHolder holder)
    {
        var now = time.GetUtcNow();
        if (!await db.ApproveAsync(challenge, now, now + challenge.User.Regime.ApprovalLifetime))
        {
            return false;
        }

        Note(db, AuditEvents.Approved, challenge, holder);
        return true;
    }

    public async Task<bool> DenyAsync(
        CountersignDbContext db, LoadedChallenge challenge, DeviceHolder holder, int promptNo, CancellationToken ct)
    {
        var now = time.GetUtcNow();
        if (await db.RowOf(challenge)
            .Where(c => c.PromptNo == promptNo && c.ExpiresAt > now
                && ((c.State == ChallengeState.Prompted && c.PromptEndsAt > now) || (c.State == ChallengeState.Approved && c.UseBy > now)))
            .ExecuteUpdateAsync(set => set.SetProperty(c => c.State, ChallengeState.Denied).SetProperty(c => c.EndedAt, now), ct) == 0)
        {
            return false;
        }

        Note(db, AuditEvents.Denied, challenge, holder);
        return true;
    }

    private void Note(CountersignDbContext db, string what, LoadedChallenge challenge, DeviceHolder holder)
    {
        audit.Add(
            db,
            what,
            challenge.Row.UserId,
            holder.Actor,
            ("challenge", challenge.Row.Id),
            ("purpose", challenge.Row.Purpose),
            ("device", challenge.Device?.Id),
            ("kind", challenge.Credential?.Facts.Kind));
        signals.RaiseAfterCommit(db, challenge.Row.Id, challenge.Row.Awaited);
    }
}
