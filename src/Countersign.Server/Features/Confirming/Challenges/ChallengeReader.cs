using System.Text.Json;
using Countersign.Server.Data;
using Countersign.Server.Data.Protection;
using Countersign.Server.Features.Confirming.Devices;
using Countersign.Server.Features.Registry.Users;
using Microsoft.EntityFrameworkCore;

namespace Countersign.Server.Features.Confirming.Challenges;

/// <summary>Reads challenges for those who may see them: their openers.</summary>
internal sealed class ChallengeReader(UserViews users, DeviceViews devices, RowProtection protection, TimeProvider time)
{
    // One statement, compiled once: every answer and every look at the page reads this.
    private readonly Func<CountersignDbContext, Guid, Guid, byte[], CancellationToken, Task<Found?>> _find = EF.CompileAsyncQuery(
        (CountersignDbContext db, Guid userId, Guid id, byte[] openerHash, CancellationToken ct) => (
            from c in db.Set<Challenge>().AsNoTracking()
            join u in db.Set<User>() on c.UserId equals u.Id
            from d in db.Set<Device>().Where(d => d.UserId == c.UserId && d.Id == c.DeviceId).DefaultIfEmpty()
            from p in db.Set<PhysicalDevice>().Where(p => p.Id == d!.PhysicalId).DefaultIfEmpty()
            where c.UserId == userId && c.Id == id && c.OpenerHash == openerHash
            select new Found(c, u, d, p)).SingleOrDefault());

    /// <summary>The challenge, in whatever state; <see cref="ChallengeErrors.Missing"/> for anybody but its opener.</summary>
    public async Task<Result<OpenChallenge>> FindAsync(CountersignDbContext db, ChallengeHandle handle, Opener opener, CancellationToken ct)
    {
        var found = await _find(db, handle.UserId, handle.Id, opener.Hash, ct);
        if (found is null)
        {
            return ChallengeErrors.Missing;
        }

        try
        {
            return Of(found, handle, opener);
        }
        catch (UnreadableSecretException)
        {
            return ChallengeErrors.Unreadable;
        }
    }

    /// <summary>The challenge, if it can still be answered; else why not.</summary>
    public async Task<Result<OpenChallenge>> FindLiveAsync(CountersignDbContext db, ChallengeHandle handle, Opener opener, CancellationToken ct)
    {
        var found = await FindAsync(db, handle, opener, ct);
        return !found.Succeeded || Ended(found.Value.State) is not { } ended ? found : ended;
    }

    /// <summary>The device as it is now.</summary>
    public Task<DeviceView?> FindDeviceAsync(CountersignDbContext db, Guid userId, Guid deviceId, CancellationToken ct) => devices.FindAsync(db, userId, deviceId, ct);

    /// <summary>The prompts given so far.</summary>
    public async Task<PromptBook> PromptsAsync(CountersignDbContext db, ChallengeHandle handle, CancellationToken ct) =>
        Book(await db.Set<Challenge>().AsNoTracking().SingleAsync(c => c.UserId == handle.UserId && c.Id == handle.Id, ct));

    /// <summary>Why a try could not be charged.</summary>
    public async Task<Error> WhyNotAsync(CountersignDbContext db, ChallengeHandle handle, Opener opener, CancellationToken ct)
    {
        var found = await FindAsync(db, handle, opener, ct);
        return !found.Succeeded ? found.Error : Ended(found.Value.State) ?? (found.Value.View.User.FrozenAt is null ? ChallengeErrors.OtherPrompt : ChallengeErrors.Frozen);
    }

    private OpenChallenge Of(Found found, ChallengeHandle handle, Opener opener)
    {
        var (row, user) = (found.Challenge, users.Of(found.User));
        var subject = JsonSerializer.Deserialize(protection.Unprotect(Challenge.SubjectColumn, row.UserId, row.Id, row.Subject), ChallengesJson.Default.JsonElement);
        var view = new ChallengeView(user, row.Id, row.Purpose, subject, row.Statement, row.Language, row.ExpiresAt, opener.Source, opener.IsKnownTo(user));
        var device = found.Device is null ? null : devices.Of(found.Device, found.Physical);

        // Opened whether or not it is needed now: what follows may take the prompts for good.
        var prompts = Book(row);
        var prompt = device is null ? null : prompts.Find(device.Id);
        return new OpenChallenge(handle, view, row.StatementHash, StateNow(row), row.PromptNo, row.TriesAllowed - row.Tries, device, prompt, row.Awaited, row.Refusal);
    }

    private static Error? Ended(ChallengeState state) => state switch
    {
        ChallengeState.Pending or ChallengeState.Prompted => null,
        ChallengeState.Expired => ChallengeErrors.Expired,
        ChallengeState.Failed => ChallengeErrors.Failed,
        _ => ChallengeErrors.Ended,
    };

    private PromptBook Book(Challenge row) =>
        new(row.Version, row.Prompts is null ? [] : protection.Unprotect(Challenge.PromptsColumn, row.UserId, row.Id, row.Prompts, ChallengesJson.Default.DictionaryGuidByteArray));

    /// <summary>Time ends a challenge without anybody writing it down.</summary>
    private ChallengeState StateNow(Challenge row) =>
        row.State is ChallengeState.Pending or ChallengeState.Prompted && row.ExpiresAt <= time.GetUtcNow() ? ChallengeState.Expired : row.State;

    private sealed record Found(Challenge Challenge, User User, Device? Device, PhysicalDevice? Physical);
}
