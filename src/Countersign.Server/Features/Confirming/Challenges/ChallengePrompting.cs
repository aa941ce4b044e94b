using System.Globalization;
using System.Text.Json;
using Countersign.Protocol.Statements;
using Countersign.Server.Data;
using Countersign.Server.Data.Protection;
using Countersign.Server.Features.Confirming.Devices;
using Countersign.Server.Features.Ground.Audit;
using Countersign.Server.Features.Ground.Rations;
using Countersign.Server.Features.Ground.Signals;
using Countersign.Server.Features.Registry.Users;
using Microsoft.EntityFrameworkCore;

namespace Countersign.Server.Features.Confirming.Challenges;

/// <summary>Opens challenges and prompts for them. Every step that happens once is one conditional UPDATE.</summary>
internal sealed class ChallengePrompting(
    KindCatalog kinds,
    PurposeCatalog purposes,
    ChallengeReader reader,
    DeviceViews devices,
    RowProtection protection,
    Rationing rationing,
    ChallengeSignals signals,
    AuditTrail audit,
    ChallengeMeasures measures,
    TimeProvider time)
{
    /// <summary>Opens a challenge, and prompts for it where one device leaves nothing to choose.</summary>
    public async Task<Result<ChallengeHandle>> BeginAsync(
        CountersignDbContext db, UserView user, string purposeId, JsonElement subject, CultureInfo language, Opener opener, CancellationToken ct)
    {
        var active = await devices.ActiveAsync(
            db, user.Id, ct, unreadable: id => audit.Add(db, AuditEvents.DeviceUnreadable, user.Id, Actor.Client(user.Id, opener.Source), ("device", id)));
        if (active.Count == 0)
        {
            return ChallengeErrors.NoDevice;
        }

        var opened = await OpenAsync(db, user, purposeId, subject, language, opener, resume: true, ct);
        if (!opened.Succeeded || active.Count > 1)
        {
            return opened;
        }

        // It has to be in the database before it can be prompted.
        await db.SaveChangesAsync(ct);
        return await ChooseAsync(db, opened.Value, opener, active[0].Id, ct) is { } refusal ? refusal : opened;
    }

    /// <summary>Opens a challenge that one device alone can answer, and prompts for it.</summary>
    public async Task<Result<ChallengeHandle>> BeginOnAsync(
        CountersignDbContext db, UserView user, string purposeId, JsonElement subject, CultureInfo language, Opener opener, Guid deviceId, CancellationToken ct)
    {
        var opened = await OpenAsync(db, user, purposeId, subject, language, opener, resume: true, ct);
        if (!opened.Succeeded)
        {
            return opened;
        }

        await db.SaveChangesAsync(ct);
        return await PromptAsync(db, opened.Value, opener, deviceId, adopted: null, ct) is { } refusal ? refusal : opened;
    }

    /// <summary>
    /// Opens a challenge for a prompt that the device has had already, before anybody knew whose device it is: answered in the same
    /// unit. It never takes the place of another one that waits.
    /// </summary>
    public async Task<Result<ChallengeHandle>> BeginAdoptedAsync(
        CountersignDbContext db, UserView user, string purposeId, JsonElement subject, CultureInfo language, Opener opener, Guid deviceId, Prompt adopted, CancellationToken ct)
    {
        var opened = await OpenAsync(db, user, purposeId, subject, language, opener, resume: false, ct);
        if (!opened.Succeeded)
        {
            return opened;
        }

        await db.SaveChangesAsync(ct);
        return await PromptAsync(db, opened.Value, opener, deviceId, adopted, ct) is { } refusal ? refusal : opened;
    }

    /// <summary>
    /// Opens a challenge in the caller's unit of work. An opener who has a live one for the same purpose and the same words
    /// gets that one back: opening again yields no fresh prompt and no message (D5).
    /// </summary>
    private async Task<Result<ChallengeHandle>> OpenAsync(
        CountersignDbContext db, UserView user, string purposeId, JsonElement subject, CultureInfo language, Opener opener, bool resume, CancellationToken ct)
    {
        var now = time.GetUtcNow();
        var purpose = purposes[purposeId];
        if (user.FrozenAt is not null && !purpose.Thaws)
        {
            return ChallengeErrors.Frozen;
        }

        var statement = purpose.Say(subject, language);
        var hash = StatementBytes.Hash(purposeId, language.Name, statement.Text, statement.Details);
        var live = !resume ? null : await db.Set<Challenge>().AsNoTracking()
            .Where(c => c.UserId == user.Id && c.Purpose == purposeId && c.OpenerHash == opener.Hash && c.StatementHash == hash && c.ExpiresAt > now
                && (c.State == ChallengeState.Pending || c.State == ChallengeState.Prompted))
            .Select(c => (Guid?)c.Id).FirstOrDefaultAsync(ct);
        if (live is { } id)
        {
            return new ChallengeHandle(user.Id, id);
        }

        // Apart for known browsers: a stranger behind the same address does not use up the owner's.
        var rule = new RationRule(user.Regime.ChallengesPerHour, TimeSpan.FromHours(1));
        if (!await rationing.TakeAsync(db, user.Id, $"challenges/{(opener.IsKnownTo(user) ? "known" : "unknown")}/{opener.Source}", rule, ct))
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
        measures.Opened(db, purposeId);
        return new ChallengeHandle(user.Id, challengeId);
    }

    /// <summary>Prompts on a device. Choosing another device voids the prompt before it (D8); choosing the same one again changes nothing.</summary>
    /// <returns>Null when done, else why not.</returns>
    public async Task<Error?> ChooseAsync(CountersignDbContext db, ChallengeHandle handle, Opener opener, Guid deviceId, CancellationToken ct)
    {
        var found = await reader.FindLiveAsync(db, handle, opener, ct);

        // A waiting device answers for itself alone: another one that waits shows nothing of it.
        return found.Succeeded && purposes[found.Value.View.Purpose].Activates && found.Value.Device?.Id != deviceId
            ? ChallengeErrors.DeviceUnavailable
            : await PromptAsync(db, handle, opener, deviceId, adopted: null, ct);
    }

    private async Task<Error?> PromptAsync(CountersignDbContext db, ChallengeHandle handle, Opener opener, Guid deviceId, Prompt? adopted, CancellationToken ct)
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
        var purpose = purposes[open.View.Purpose];
        if (device?.Answers(purpose) != true || kinds.Find(device.Kind) is not { } kind)
        {
            return ChallengeErrors.DeviceUnavailable;
        }

        if ((purpose.Refuses(device, kind.Traits, open.View.Subject) ?? kind.Unavailable(device, open.View)) is { } refusal)
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
        var prompt = adopted ?? await kind.PromptAsync(device, open.View, prompts.Find(deviceId), db, ct);
        if (!await SavePromptAsync(db, handle, prompts, deviceId, prompt, ct))
        {
            // The UPDATE above holds the row, so nobody can have come between.
            throw new InvalidOperationException("The prompts of a challenge changed under its lock.");
        }

        audit.Add(
            db, AuditEvents.Prompted, handle.UserId, Actor.Client(handle.UserId, opener.Source),
            ("challenge", handle.Id), ("purpose", open.View.Purpose), ("device", deviceId), ("kind", device.Kind));
        measures.Prompted(db, open.View.Purpose, device.Kind);
        return null;
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

        var open = found.Value;
        if (open is not { State: ChallengeState.Prompted, Device: { } device, Prompt: { } earlier } || kinds.Find(device.Kind) is not IRepeatablePrompt kind)
        {
            return ChallengeErrors.NotRepeatable;
        }

        var prompts = await reader.PromptsAsync(db, handle, ct);
        var repeated = await kind.RepeatAsync(device, open.View, earlier, by, db, ct);
        if (!repeated.Succeeded)
        {
            return repeated.Error;
        }

        if (!await SavePromptAsync(db, handle, prompts, device.Id, repeated.Value, ct))
        {
            throw new DbUpdateConcurrencyException("Another request repeated the prompt at the same moment.");
        }

        audit.Add(
            db, AuditEvents.PromptRepeated, handle.UserId, Actor.Client(handle.UserId, opener.Source),
            ("challenge", handle.Id), ("device", device.Id));
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
            audit.Add(db, AuditEvents.Cancelled, handle.UserId, Actor.Client(handle.UserId, opener.Source), ("challenge", handle.Id));
            signals.RaiseAfterCommit(db, handle.Id, awaited: true);
        }
    }

    /// <summary>Ends a user's challenges for a purpose that allows one at a time.</summary>
    public async Task CancelOthersAsync(CountersignDbContext db, Guid userId, string purposeId, CancellationToken ct)
    {
        var now = time.GetUtcNow();
        await CancelAsync(db.Set<Challenge>().Where(c => c.UserId == userId && c.Purpose == purposeId), now, ct);
    }

    /// <summary>Ends everything that a user has open: what began with a password that is no longer good must not be finished.</summary>
    public static Task CancelAllAsync(CountersignDbContext db, Guid userId, DateTimeOffset now, CancellationToken ct) =>
        CancelAsync(db.Set<Challenge>().Where(c => c.UserId == userId), now, ct);

    private static async Task CancelAsync(IQueryable<Challenge> challenges, DateTimeOffset now, CancellationToken ct)
    {
        await challenges
            .Where(c => c.State == ChallengeState.Pending || c.State == ChallengeState.Prompted)
            .ExecuteUpdateAsync(set => set.SetProperty(c => c.State, ChallengeState.Cancelled).SetProperty(c => c.EndedAt, now), ct);
    }

    private async Task<bool> SavePromptAsync(CountersignDbContext db, ChallengeHandle handle, PromptBook prompts, Guid deviceId, Prompt prompt, CancellationToken ct)
    {
        var stored = protection.Protect(Challenge.PromptsColumn, handle.UserId, handle.Id, prompts.With(deviceId, prompt).States, ChallengesJson.Default.DictionaryGuidByteArray);
        return await Row(db, handle.UserId, handle.Id).Where(c => c.Version == prompts.Version)
            .ExecuteUpdateAsync(set => set.SetProperty(c => c.Prompts, stored).SetProperty(c => c.Version, c => c.Version + 1), ct) == 1;
    }

    private static IQueryable<Challenge> Row(CountersignDbContext db, Guid userId, Guid id) => db.Set<Challenge>().Where(c => c.UserId == userId && c.Id == id);
}
