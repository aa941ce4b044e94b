using System.Globalization;
using System.Security.Cryptography;
using Countersign.Protocol.Statements;
using Countersign.Server.Data;
using Countersign.Server.Features.Confirming.Devices;
using Countersign.Server.Features.Confirming.DeviceSettings;
using Countersign.Server.Features.Ground.Audit;
using Countersign.Server.Features.Ground.Rations;
using Countersign.Server.Features.Ground.Signals;
using Countersign.Server.Features.Registry.Users;
using Microsoft.EntityFrameworkCore;

namespace Countersign.Server.Features.Confirming.Challenges;

/// <summary>
/// Checks responses and spends challenges. A try is charged in the same commit as its effect, and what happens once is one
/// conditional UPDATE.
/// </summary>
internal sealed class ChallengeSpending(
    KindCatalog kinds,
    PurposeCatalog purposes,
    ChallengeReader reader,
    DeviceCounters counters,
    RetireThing things,
    Rationing rationing,
    SecondFactorFailures failures,
    ChallengeSignals signals,
    AuditTrail audit,
    ChallengeMeasures measures,
    TimeProvider time)
{
    private static readonly TimeSpan ResponseWindow = TimeSpan.FromDays(1);

    /// <summary>Checks a response. Reads only; give what it returns to <see cref="SpendAsync"/> in a unit of work.</summary>
    public async Task<Result<CheckedResponse>> CheckAsync(CountersignDbContext db, ChallengeHandle handle, Opener opener, int promptNo, string response, CancellationToken ct)
    {
        var found = await FindPromptedAsync(db, handle, opener, promptNo, ct);
        if (!found.Succeeded)
        {
            return found.Error;
        }

        var (open, device, prompt, kind) = found.Value;
        var verdict = await kind.CheckAsync(device, open.View, prompt, response, ct);
        return verdict is Verdict.Malformed malformed ? malformed.Error : new CheckedResponse(open, device, verdict);
    }

    /// <summary>
    /// The same where the response was looked at before its challenge was opened, in the unit that has opened it. The device must
    /// be what it was when it was looked at.
    /// </summary>
    public async Task<Result<CheckedResponse>> AdoptAsync(CountersignDbContext db, ChallengeHandle handle, Opener opener, DeviceView looked, Verdict.Accepted verdict, CancellationToken ct)
    {
        var found = await FindPromptedAsync(db, handle, opener, promptNo: 1, ct);
        return !found.Succeeded ? found.Error
            : found.Value.Device.Id == looked.Id && found.Value.Device.Version == looked.Version ? new CheckedResponse(found.Value.Open, found.Value.Device, verdict)
            : ChallengeErrors.DeviceUnavailable;
    }

    private async Task<Result<Prompted>> FindPromptedAsync(CountersignDbContext db, ChallengeHandle handle, Opener opener, int promptNo, CancellationToken ct)
    {
        var found = await reader.FindLiveAsync(db, handle, opener, ct);
        if (!found.Succeeded)
        {
            return found.Error;
        }

        var open = found.Value;
        return open is { State: ChallengeState.Prompted, Device: null } ? ChallengeErrors.Unreadable
            : open is not { State: ChallengeState.Prompted, Device: { } device, Prompt: { } prompt } || open.PromptNo != promptNo ? ChallengeErrors.OtherPrompt
            : !device.Answers(purposes[open.View.Purpose]) || kinds.Find(device.Kind) is not { } kind ? ChallengeErrors.DeviceUnavailable
            : new Prompted(open, device, prompt, kind);
    }

    /// <summary>
    /// Charges the try, and when the response was right spends the device's position and the challenge and carries the purpose
    /// out: one unit of work, one commit. A refusal commits what it charged.
    /// </summary>
    public async Task<Answered> SpendAsync(CountersignDbContext db, CheckedResponse checkedResponse, Opener opener, CancellationToken ct)
    {
        var (open, device, verdict) = checkedResponse;
        var (userId, id) = open.Handle;
        if (!await AdmitsAsync(db, open, device, ct))
        {
            audit.Add(
                db, AuditEvents.ResponsesLocked, userId, Actor.Client(userId, opener.Source),
                ("challenge", id), ("device", device.Id));
            return new Answered.Refused(ChallengeErrors.TooManyResponses with { RetryAfter = ResponseWindow });
        }

        if (!await ChargeAsync(db, open, ct))
        {
            return new Answered.Refused(await reader.WhyNotAsync(db, open.Handle, opener, ct));
        }

        if (verdict is not Verdict.Accepted accepted || !await counters.SpendAsync(db, device, accepted, ct))
        {
            return await WrongAsync(db, open, device, (verdict as Verdict.Wrong)?.Reason, opener, ct);
        }

        var now = time.GetUtcNow();
        await Row(db, userId, id).Where(c => c.State == ChallengeState.Prompted)
            .ExecuteUpdateAsync(set => set.SetProperty(c => c.State, ChallengeState.Approved).SetProperty(c => c.ApprovedAt, now), ct);
        var answered = await UseAsync(db, open, device, opener, ct);
        if (accepted.Last && device.PhysicalId is { } thing)
        {
            await things.UsedUpAsync(db, thing, Actor.Client(userId, opener.Source), ct);
        }

        if (!open.View.KnownBrowser)
        {
            await Rationing.ClearAsync(db, userId, RationOf(device), ct);
        }

        measures.Answered(db, open, device, answered is Answered.Completed ? ResponseOutcome.Right : ResponseOutcome.Refused);
        return answered;
    }

    /// <summary>Writes down that a response was refused because what is stored does not open.</summary>
    public Task NoteUnreadableAsync(CountersignDbContext db, ChallengeHandle handle, Opener opener)
    {
        audit.Add(db, AuditEvents.ChallengeUnreadable, handle.UserId, Actor.Client(handle.UserId, opener.Source), ("challenge", handle.Id));
        return Task.CompletedTask;
    }

    /// <summary>Approved → Used, once, with the purpose's rows in the same unit.</summary>
    private async Task<Answered> UseAsync(CountersignDbContext db, OpenChallenge open, DeviceView device, Opener opener, CancellationToken ct)
    {
        var (userId, id) = open.Handle;
        var now = time.GetUtcNow();
        if (!IsAsStated(open))
        {
            return new Answered.Refused(ChallengeErrors.Changed);
        }

        var oldest = now - open.View.User.Regime.ApprovalLifetime;
        var used = await Row(db, userId, id).Where(c => c.State == ChallengeState.Approved && c.ApprovedAt > oldest)
            .ExecuteUpdateAsync(set => set.SetProperty(c => c.State, ChallengeState.Used).SetProperty(c => c.EndedAt, now), ct) == 1;
        if (!used)
        {
            return new Answered.Refused(ChallengeErrors.Expired);
        }

        signals.RaiseAfterCommit(db, id, open.Awaited);
        var outcome = await purposes[open.View.Purpose].CompleteAsync(open.View, device, db, ct);
        if (outcome.Refusal is not { } refusal)
        {
            return new Answered.Completed(outcome.Value);
        }

        await Row(db, userId, id).ExecuteUpdateAsync(set => set.SetProperty(c => c.Refusal, refusal.Code), ct);
        audit.Add(db, AuditEvents.Refused, userId, Actor.Client(userId, opener.Source), ("challenge", id), ("reason", refusal.Code));
        return new Answered.Refused(refusal);
    }

    /// <summary>Whether the purpose would still say what the person agreed to: a changed detail voids the confirmation (D8).</summary>
    private bool IsAsStated(OpenChallenge open)
    {
        var statement = purposes[open.View.Purpose].Say(open.View.Subject, CultureInfo.GetCultureInfo(open.View.Language));
        return CryptographicOperations.FixedTimeEquals(open.StatementHash, StatementBytes.Hash(open.View.Purpose, open.View.Language, statement.Text, statement.Details));
    }

    /// <summary>
    /// Whoever has the password can open challenges from many sources: a device takes so many responses a day from all browsers that have
    /// not signed its user in before. Those that have are not held up.
    /// </summary>
    private async Task<bool> AdmitsAsync(CountersignDbContext db, OpenChallenge open, DeviceView device, CancellationToken ct) =>
        open.View.KnownBrowser
        || await rationing.TakeAsync(db, open.Handle.UserId, RationOf(device), new RationRule(open.View.User.Regime.ResponsesFromUnknownBrowsers, ResponseWindow), ct);

    private static string RationOf(DeviceView device) => $"responses/{device.Id:N}";

    private async Task<bool> ChargeAsync(CountersignDbContext db, OpenChallenge open, CancellationToken ct)
    {
        var now = time.GetUtcNow();
        var thaws = purposes[open.View.Purpose].Thaws;
        return await Row(db, open.Handle.UserId, open.Handle.Id)
            .Where(c => c.State == ChallengeState.Prompted && c.PromptNo == open.PromptNo && c.Tries < c.TriesAllowed && c.ExpiresAt > now)
            .Where(c => thaws || db.Set<User>().Any(u => u.Id == c.UserId && u.FrozenAt == null))
            .ExecuteUpdateAsync(set => set.SetProperty(c => c.Tries, c => c.Tries + 1), ct) == 1;
    }

    private async Task<Answered> WrongAsync(CountersignDbContext db, OpenChallenge open, DeviceView device, string? reason, Opener opener, CancellationToken ct)
    {
        var (userId, id) = open.Handle;
        var now = time.GetUtcNow();
        await failures.CountAsync(db, open.View.User, device, opener.Source, ct);
        var failed = await Row(db, userId, id).Where(c => c.State == ChallengeState.Prompted && c.Tries >= c.TriesAllowed)
            .ExecuteUpdateAsync(set => set.SetProperty(c => c.State, ChallengeState.Failed).SetProperty(c => c.EndedAt, now), ct) == 1;
        (string, object?)[] facts = [("challenge", id), ("purpose", open.View.Purpose), ("device", device.Id), ("kind", device.Kind)];
        audit.Add(
            db, AuditEvents.ResponseWrong, userId, Actor.Client(userId, opener.Source), reason is null ? facts : [.. facts, ("reason", reason)]);
        measures.Answered(db, open, device, failed ? ResponseOutcome.Failed : ResponseOutcome.Wrong);
        if (!failed)
        {
            var left = await Row(db, userId, id).Select(c => c.TriesAllowed - c.Tries).SingleAsync(ct);
            return new Answered.Wrong(kinds.Find(device.Kind)!.Wrong with { Arguments = [left] });
        }

        audit.Add(db, AuditEvents.Failed, userId, Actor.Client(userId, opener.Source), ("challenge", id), ("purpose", open.View.Purpose));
        await failures.TellAsync(db, open.View, ct);
        signals.RaiseAfterCommit(db, id, open.Awaited);
        return new Answered.Refused(ChallengeErrors.Failed);
    }

    private static IQueryable<Challenge> Row(CountersignDbContext db, Guid userId, Guid id) => db.Set<Challenge>().Where(c => c.UserId == userId && c.Id == id);

    private sealed record Prompted(OpenChallenge Open, DeviceView Device, Prompt Prompt, IDeviceKind Kind);
}

/// <summary>A response that was looked at and not yet charged or spent.</summary>
internal sealed record CheckedResponse(OpenChallenge Open, DeviceView Device, Verdict Verdict);
