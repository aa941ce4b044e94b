using System.Globalization;
using System.Security.Cryptography;
using System.Text.Json;
using System.Text.Json.Serialization;
using Countersign.Protocol.Statements;
using Countersign.Server.Data;
using Countersign.Server.Data.Protection;
using Countersign.Server.Features.Audit;
using Countersign.Server.Features.Devices;
using Countersign.Server.Features.Rations;
using Countersign.Server.Features.Users;
using Microsoft.EntityFrameworkCore;

namespace Countersign.Server.Features.Challenges;

/// <summary>
/// Opens challenges, prompts for them and spends them. Every step that happens once is one conditional UPDATE, and a try is
/// charged in the same commit as its effect.
/// </summary>
internal sealed class ChallengeEngine(
    KindCatalog kinds,
    PurposeCatalog purposes,
    ChallengeReader reader,
    SecondFactorFailures failures,
    RowProtection protection,
    Rationing rationing,
    ChallengeSignals signals,
    AuditTrail audit,
    TimeProvider time)
{
    /// <summary>
    /// Opens a challenge in the caller's unit of work. An opener who has a live one for the same purpose and the same words
    /// gets that one back: opening again yields no fresh prompt and no message (D5).
    /// </summary>
    public async Task<Result<ChallengeHandle>> OpenAsync(
        CountersignDbContext db, UserView user, string purposeId, JsonElement subject, CultureInfo language, Opener opener, CancellationToken ct)
    {
        var now = time.GetUtcNow();
        var purpose = purposes[purposeId];
        var statement = purpose.Say(subject, language);
        var hash = StatementBytes.Hash(purposeId, language.Name, statement.Text, statement.Details);
        var live = await db.Set<Challenge>().AsNoTracking()
            .Where(c => c.UserId == user.Id && c.Purpose == purposeId && c.OpenerHash == opener.Hash && c.StatementHash == hash && c.ExpiresAt > now
                && (c.State == ChallengeState.Pending || c.State == ChallengeState.Prompted))
            .Select(c => (Guid?)c.Id).FirstOrDefaultAsync(ct);
        if (live is { } id)
        {
            return new ChallengeHandle(user.Id, id);
        }

        // Apart for known browsers: a stranger behind the same address does not use up the owner's.
        var rule = new RationRule(user.Regime.ChallengesPerHour, TimeSpan.FromHours(1));
        if (!await rationing.TakeAsync(db, user.Id, $"challenges/{(opener.KnownBrowser ? "known" : "unknown")}/{opener.Source}", rule, ct))
        {
            return ChallengeErrors.TooMany with { RetryAfter = rule.Window };
        }

        var rules = purpose.Rules(user);
        var challengeId = Guid.CreateVersion7(now);
        db.Add(new Challenge
        {
            UserId = user.Id,
            Id = challengeId,
            Purpose = purposeId,
            Subject = protection.Protect(Challenge.SubjectColumn, user.Id, challengeId, JsonSerializer.SerializeToUtf8Bytes(subject, ChallengesJson.Default.JsonElement)),
            Statement = statement.Text,
            Language = language.Name,
            StatementHash = hash,
            State = ChallengeState.Pending,
            TriesAllowed = rules.Tries,
            OpenerHash = opener.Hash,
            OpenedAt = now,
            ExpiresAt = now + rules.Lifetime,
        });
        return new ChallengeHandle(user.Id, challengeId);
    }

    /// <summary>Prompts on a device. Choosing another device voids the prompt before it (D8); choosing the same one again changes nothing.</summary>
    /// <returns>Null when done, else why not.</returns>
    public async Task<Error?> ChooseAsync(CountersignDbContext db, ChallengeHandle handle, Opener opener, Guid deviceId, CancellationToken ct)
    {
        var found = await reader.FindLiveAsync(db, handle, opener, ct);
        if (!found.Succeeded)
        {
            return found.Error;
        }

        var open = found.Value;
        if (open.State == ChallengeState.Prompted && open.Device?.Id == deviceId)
        {
            return null;
        }

        var device = await reader.FindDeviceAsync(db, handle.UserId, deviceId, ct);
        if (device is not { Status: DeviceStatus.Active } || kinds.Find(device.Kind) is not { } kind)
        {
            return ChallengeErrors.DeviceUnavailable;
        }

        if ((purposes[open.View.Purpose].Refuses(device, kind.Traits, open.View.Subject) ?? kind.Unavailable(device, open.View)) is { } refusal)
        {
            return refusal;
        }

        var chosen = await db.Set<Challenge>()
            .Where(c => c.UserId == handle.UserId && c.Id == handle.Id && c.PromptNo == open.PromptNo
                && (c.State == ChallengeState.Pending || c.State == ChallengeState.Prompted))
            .ExecuteUpdateAsync(
                set => set
                    .SetProperty(c => c.State, ChallengeState.Prompted)
                    .SetProperty(c => c.PromptNo, c => c.PromptNo + 1)
                    .SetProperty(c => c.DeviceId, deviceId),
                ct) == 1;
        if (!chosen)
        {
            return ChallengeErrors.OtherPrompt;
        }

        var prompts = await reader.PromptsAsync(db, handle, ct);
        var prompt = await kind.PromptAsync(device, open.View, prompts.Find(deviceId), db, ct);
        if (!await SavePromptAsync(db, handle, prompts, deviceId, prompt, ct))
        {
            // The UPDATE above holds the row, so nobody can have come between.
            throw new InvalidOperationException("The prompts of a challenge changed under its lock.");
        }

        audit.Add(db, AuditEvents.Prompted, handle.UserId, opener.Source, ("challenge", handle.Id), ("purpose", open.View.Purpose), ("device", deviceId), ("kind", device.Kind));
        return null;
    }

    /// <summary>Puts the current prompt to the person once more.</summary>
    /// <returns>Null when done, else why not.</returns>
    public async Task<Error?> RepeatAsync(CountersignDbContext db, ChallengeHandle handle, Opener opener, CancellationToken ct)
    {
        var found = await reader.FindLiveAsync(db, handle, opener, ct);
        if (!found.Succeeded)
        {
            return found.Error;
        }

        var open = found.Value;
        if (open is not { State: ChallengeState.Prompted, Device: { } device, Prompt: { } earlier } || kinds.Find(device.Kind) is not IRepeatablePrompt kind)
        {
            return ChallengeErrors.NotRepeatable;
        }

        var prompts = await reader.PromptsAsync(db, handle, ct);
        var repeated = await kind.RepeatAsync(device, open.View, earlier, db, ct);
        if (!repeated.Succeeded)
        {
            return repeated.Error;
        }

        if (!await SavePromptAsync(db, handle, prompts, device.Id, repeated.Value, ct))
        {
            throw new DbUpdateConcurrencyException("Another request repeated the prompt at the same moment.");
        }

        audit.Add(db, AuditEvents.PromptRepeated, handle.UserId, opener.Source, ("challenge", handle.Id), ("device", device.Id));
        return null;
    }

    /// <summary>Ends a challenge that its opener no longer wants. Ending one that has ended changes nothing.</summary>
    public async Task CancelAsync(CountersignDbContext db, ChallengeHandle handle, Opener opener, CancellationToken ct)
    {
        var now = time.GetUtcNow();
        var cancelled = await db.Set<Challenge>()
            .Where(c => c.UserId == handle.UserId && c.Id == handle.Id && c.OpenerHash == opener.Hash
                && (c.State == ChallengeState.Pending || c.State == ChallengeState.Prompted))
            .ExecuteUpdateAsync(set => set.SetProperty(c => c.State, ChallengeState.Cancelled).SetProperty(c => c.EndedAt, now), ct) == 1;
        if (cancelled)
        {
            audit.Add(db, AuditEvents.Cancelled, handle.UserId, opener.Source, ("challenge", handle.Id));
            signals.RaiseAfterCommit(db, handle.Id, awaited: true);
        }
    }

    /// <summary>Ends a user's challenges for a purpose that allows one at a time.</summary>
    public async Task CancelOthersAsync(CountersignDbContext db, Guid userId, string purposeId, CancellationToken ct)
    {
        var now = time.GetUtcNow();
        await db.Set<Challenge>()
            .Where(c => c.UserId == userId && c.Purpose == purposeId && (c.State == ChallengeState.Pending || c.State == ChallengeState.Prompted))
            .ExecuteUpdateAsync(set => set.SetProperty(c => c.State, ChallengeState.Cancelled).SetProperty(c => c.EndedAt, now), ct);
    }

    /// <summary>Checks a response. Reads only; give what it returns to <see cref="SpendAsync"/> in a unit of work.</summary>
    public async Task<Result<CheckedResponse>> CheckAsync(CountersignDbContext db, ChallengeHandle handle, Opener opener, int promptNo, string response, CancellationToken ct)
    {
        var found = await reader.FindLiveAsync(db, handle, opener, ct);
        if (!found.Succeeded)
        {
            return found.Error;
        }

        var open = found.Value;
        if (open is not { State: ChallengeState.Prompted, Device: { } device, Prompt: { } prompt } || open.PromptNo != promptNo)
        {
            return ChallengeErrors.OtherPrompt;
        }

        if (device.Status != DeviceStatus.Active || kinds.Find(device.Kind) is not { } kind)
        {
            return ChallengeErrors.DeviceUnavailable;
        }

        var verdict = await kind.CheckAsync(device, open.View, prompt, response, ct);
        return verdict is Verdict.Malformed malformed ? malformed.Error : new CheckedResponse(open, device, verdict);
    }

    /// <summary>
    /// Charges the try, and when the response was right spends the device's position and the challenge and carries the purpose
    /// out: one unit of work, one commit. A refusal commits what it charged.
    /// </summary>
    public async Task<Answered> SpendAsync(CountersignDbContext db, CheckedResponse checkedResponse, Opener opener, CancellationToken ct)
    {
        var (open, device, verdict) = checkedResponse;
        var (userId, id) = open.Handle;
        if (!await ChargeAsync(db, open, ct))
        {
            return new Answered.Refused(await reader.WhyNotAsync(db, open.Handle, opener, ct));
        }

        if (verdict is not Verdict.Accepted accepted || !await SpendPositionAsync(db, device, accepted, ct))
        {
            return await WrongAsync(db, open, device, opener, ct);
        }

        var now = time.GetUtcNow();
        await Row(db, userId, id).Where(c => c.State == ChallengeState.Prompted)
            .ExecuteUpdateAsync(set => set.SetProperty(c => c.State, ChallengeState.Approved).SetProperty(c => c.ApprovedAt, now), ct);
        return await UseAsync(db, open, device, opener, ct);
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

        signals.RaiseAfterCommit(db, id, await AwaitedAsync(db, open.Handle, ct));
        var outcome = await purposes[open.View.Purpose].CompleteAsync(open.View, device, db, ct);
        if (outcome.Refusal is not { } refusal)
        {
            return new Answered.Completed(outcome.Value);
        }

        await Row(db, userId, id).ExecuteUpdateAsync(set => set.SetProperty(c => c.Refusal, refusal.Code), ct);
        audit.Add(db, AuditEvents.Refused, userId, opener.Source, ("challenge", id), ("reason", refusal.Code));
        return new Answered.Refused(refusal);
    }

    /// <summary>Whether the purpose would still say what the person agreed to: a changed detail voids the confirmation (D8).</summary>
    private bool IsAsStated(OpenChallenge open)
    {
        var statement = purposes[open.View.Purpose].Say(open.View.Subject, CultureInfo.GetCultureInfo(open.View.Language));
        return CryptographicOperations.FixedTimeEquals(open.StatementHash, StatementBytes.Hash(open.View.Purpose, open.View.Language, statement.Text, statement.Details));
    }

    private async Task<bool> ChargeAsync(CountersignDbContext db, OpenChallenge open, CancellationToken ct)
    {
        var now = time.GetUtcNow();
        return await Row(db, open.Handle.UserId, open.Handle.Id)
            .Where(c => c.State == ChallengeState.Prompted && c.PromptNo == open.PromptNo && c.Tries < c.TriesAllowed && c.ExpiresAt > now)
            .ExecuteUpdateAsync(set => set.SetProperty(c => c.Tries, c => c.Tries + 1), ct) == 1;
    }

    /// <summary>One statement for every kind: what is used once only ever grows. Kinds without a position spend their challenge alone.</summary>
    private async Task<bool> SpendPositionAsync(CountersignDbContext db, DeviceView device, Verdict.Accepted accepted, CancellationToken ct)
    {
        var now = time.GetUtcNow();
        var position = accepted.Position ?? device.Position;
        var fresh = accepted.Position is not null;
        return await db.Set<Device>()
            .Where(d => d.UserId == device.UserId && d.Id == device.Id && d.Status == DeviceStatus.Active && (!fresh || d.Position < position))
            .ExecuteUpdateAsync(
                set => set.SetProperty(d => d.Position, d => fresh ? position : d.Position).SetProperty(d => d.Tries, 0).SetProperty(d => d.LastUsedAt, now),
                ct) == 1;
    }

    private async Task<Answered> WrongAsync(CountersignDbContext db, OpenChallenge open, DeviceView device, Opener opener, CancellationToken ct)
    {
        var (userId, id) = open.Handle;
        var now = time.GetUtcNow();
        await failures.CountAsync(db, open.View.User, device, opener.Source, ct);
        var failed = await Row(db, userId, id).Where(c => c.State == ChallengeState.Prompted && c.Tries >= c.TriesAllowed)
            .ExecuteUpdateAsync(set => set.SetProperty(c => c.State, ChallengeState.Failed).SetProperty(c => c.EndedAt, now), ct) == 1;
        audit.Add(db, AuditEvents.ResponseWrong, userId, opener.Source, ("challenge", id), ("purpose", open.View.Purpose), ("device", device.Id), ("kind", device.Kind));
        if (!failed)
        {
            return new Answered.Wrong(await Row(db, userId, id).Select(c => c.TriesAllowed - c.Tries).SingleAsync(ct));
        }

        audit.Add(db, AuditEvents.Failed, userId, opener.Source, ("challenge", id), ("purpose", open.View.Purpose));
        await failures.TellAsync(db, open.View, ct);
        signals.RaiseAfterCommit(db, id, await AwaitedAsync(db, open.Handle, ct));
        return new Answered.Refused(ChallengeErrors.Failed);
    }

    private async Task<bool> SavePromptAsync(CountersignDbContext db, ChallengeHandle handle, PromptBook prompts, Guid deviceId, Prompt prompt, CancellationToken ct)
    {
        var stored = protection.Protect(Challenge.PromptsColumn, handle.UserId, handle.Id, prompts.With(deviceId, prompt).States, ChallengesJson.Default.DictionaryGuidByteArray);
        return await Row(db, handle.UserId, handle.Id).Where(c => c.Version == prompts.Version)
            .ExecuteUpdateAsync(set => set.SetProperty(c => c.Prompts, stored).SetProperty(c => c.Version, c => c.Version + 1), ct) == 1;
    }

    private static Task<bool> AwaitedAsync(CountersignDbContext db, ChallengeHandle handle, CancellationToken ct) =>
        Row(db, handle.UserId, handle.Id).Select(c => c.Awaited).SingleAsync(ct);

    private static IQueryable<Challenge> Row(CountersignDbContext db, Guid userId, Guid id) => db.Set<Challenge>().Where(c => c.UserId == userId && c.Id == id);
}

/// <summary>A response that was looked at and not yet charged or spent.</summary>
internal sealed record CheckedResponse(OpenChallenge Open, DeviceView Device, Verdict Verdict);

/// <summary>Each chosen device's prompt of one challenge.</summary>
internal sealed record PromptBook(int Version, Dictionary<Guid, byte[]> States)
{
    public Prompt? Find(Guid deviceId) => States.TryGetValue(deviceId, out var state) ? new Prompt(state) : null;

    public PromptBook With(Guid deviceId, Prompt prompt) => this with { States = new(States) { [deviceId] = prompt.State } };
}

[JsonSerializable(typeof(JsonElement))]
[JsonSerializable(typeof(Dictionary<Guid, byte[]>))]
internal sealed partial class ChallengesJson : JsonSerializerContext;
