using Countersign.Server.Data;
using Countersign.Server.Data.Protection;
using Countersign.Server.Features.Confirming.Devices;
using Countersign.Server.Features.Registry.Users;
using Microsoft.EntityFrameworkCore;

namespace Countersign.Server.Features.Confirming.Challenges;

/// <summary>Reads challenges for those who may see them: their openers, and whoever holds the device that is asked.</summary>
internal sealed class ChallengeReader(
    UserViews users, PurposeCatalog purposes, CredentialVault vault, RowProtection protection, TimeProvider time)
{
    /// <summary>Every answer and every look at the page reads this.</summary>
    private static readonly SqlQuery<Found> Find = new(model =>
    {
        var (c, u, d, k) = (Rows<Challenge>.Of(model), Rows<User>.Of(model), Rows<Device>.Of(model), Rows<Credential>.Of(model));
        var (user, device, credential) = (c.Width, c.Width + u.Width, c.Width + u.Width + d.Width);
        return (
            $"""
            SELECT {c.Columns("c")}, {u.Columns("u")}, {d.Columns("d")}, {k.Columns("k")}
            FROM challenges c
            JOIN users u ON u.id = c.user_id
            LEFT JOIN devices d ON d.user_id = c.user_id AND d.id = c.device_id
            LEFT JOIN credentials k ON k.owner_id = c.credential_owner AND k.id = c.credential_id
            WHERE c.user_id = $1 AND c.id = $2
            """,
            row => new Found(c.Read(row, 0), u.Read(row, user), d.ReadIfAny(row, device), k.ReadIfAny(row, credential)));
    });

    private static readonly SqlQuery<Live> AsStated = new(_ => (
        """
        SELECT id FROM challenges
        WHERE user_id = $1 AND purpose = $2 AND opener_kind = $3 AND opener_hash = $4 AND statement_hash = $5 AND expires_at + 0 > $6
          AND session_id IS NOT DISTINCT FROM $7 AND state IN ('Pending', 'Prompted')
        LIMIT 1
        """,
        row => new Live(row.GetGuid(0))));

    /// <summary>
    /// The challenge, in whatever state; <see cref="ChallengeErrors.Missing"/> for anybody but its opener, or who adopted it.
    /// </summary>
    public async Task<Result<LoadedChallenge>> FindAsync(
        CountersignDbContext db, ChallengeHandle handle, Opener opener, CancellationToken ct) =>
        await db.ReadOneAsync(Find, [handle.UserId, handle.Id], ct) is { } found
            && IsOpener(found.Challenge, opener)
            ? Open(found, user => new AskedFrom(opener.Source, opener.IsKnownTo(user)))
            : ChallengeErrors.Missing;

    /// <summary>For who may follow its state: its opener, and the application whose challenge a session adopted.</summary>
    public async Task<ChallengeState?> FollowAsync(CountersignDbContext db, ChallengeHandle handle, Opener opener, CancellationToken ct) =>
        await db.Set<Challenge>().AsNoTracking().SingleOrDefaultAsync(c => c.UserId == handle.UserId && c.Id == handle.Id, ct) is { } row
            && (IsOpener(row, opener)
                || (opener.Kind == OpenerKind.Application && row.ReaderHash is { } reader && Same(reader, opener.Hash)))
            ? StateNow(row)
            : null;

    /// <summary>The challenge as whoever holds the asked credential sees it; missing for everybody else.</summary>
    public async Task<Result<LoadedChallenge>> FindHeldAsync(
        CountersignDbContext db, ChallengeHandle handle, DeviceHolder holder, CancellationToken ct) =>
        handle.UserId == holder.UserId
            && await db.ReadOneAsync(Find, [handle.UserId, handle.Id], ct) is { } found
            && found.Credential?.Key == holder.Credential
            ? Open(found, _ => new AskedFrom(holder.Source, Known: true))
            : ChallengeErrors.Missing;

    /// <summary>The challenge, if it can still be answered; else why not.</summary>
    public async Task<Result<LoadedChallenge>> FindLiveAsync(
        CountersignDbContext db, ChallengeHandle handle, Opener opener, CancellationToken ct)
    {
        var found = await FindAsync(db, handle, opener, ct);
        return !found.Succeeded || found.Value.Ended is not { } ended ? found : ended;
    }

    /// <summary>One that the same opener has open for the same purpose and the same words; null where there is none.</summary>
    public async Task<ChallengeHandle?> FindAsStatedAsync(CountersignDbContext db, Challenge wanted, CancellationToken ct)
    {
        var found = await db.ReadOneAsync(
            AsStated,
            [
                wanted.UserId, wanted.Purpose, wanted.OpenerKind.ToString(), wanted.OpenerHash, wanted.StatementHash,
                time.GetUtcNow().ToUnixMicroseconds(), wanted.SessionId,
            ],
            ct);
        return found is null ? null : new ChallengeHandle(wanted.UserId, found.Id);
    }

    /// <summary>Why a try could not be charged.</summary>
    public static Error WhyNot(Result<LoadedChallenge> found) =>
        !found.Succeeded
            ? found.Error
            : found.Value.Ended ?? (found.Value.User.FrozenAt is null ? ChallengeErrors.OtherPrompt : ChallengeErrors.Frozen);

    private static bool IsOpener(Challenge row, Opener opener) =>
        row.OpenerKind == opener.Kind
        && Same(row.OpenerHash, opener.Hash)
        && (row.SessionId is null || row.SessionId == opener.SessionOf(row.UserId));

    private Result<LoadedChallenge> Open(Found found, Func<UserView, AskedFrom> from)
    {
        var (row, user) = (found.Challenge, users.Of(found.User));
        if (purposes.Find(row.Purpose) is not { } purpose)
        {
            return ChallengeErrors.Missing;
        }

        try
        {
            var subject = protection.Unprotect(Challenge.SubjectColumn, row.UserId, row.Id, row.Subject);

            // Opened whether or not they are needed now: what follows may take the prompts for good.
            var prompts = PromptBook.Open(protection, new ChallengeHandle(row.UserId, row.Id), row.Version, row.Prompts);
            var device = found is { Device: { } d, Credential: { } k } ? DeviceView.Of(d, k) : null;
            var asker = from(user);
            return new LoadedChallenge(row, StateNow(row), user, purpose, subject, prompts, device, OpenedOf(found), asker)
            {
                WrongInARow = found.Credential?.Tries(asker.Known) ?? 0,
            };
        }
        catch (UnreadableSecretException)
        {
            return ChallengeErrors.Unreadable;
        }
    }

    private OpenedCredential? OpenedOf(Found found) => found switch
    {
        { Credential: { } credential, Device: { } device } => vault.Open(credential, device),
        { Credential: { } credential, Challenge.DeviceId: null } => vault.Open(credential),
        _ => null,
    };

    private ChallengeState StateNow(Challenge row)
    {
        var now = time.GetUtcNow();
        return row switch
        {
            { State: ChallengeState.Pending or ChallengeState.Prompted } when row.ExpiresAt <= now => ChallengeState.Expired,
            { State: ChallengeState.Prompted } when row.PromptEndsAt <= now => ChallengeState.Pending,
            { State: ChallengeState.Approved } when row.UseBy <= now => ChallengeState.Expired,
            _ => row.State,
        };
    }

    private static bool Same(byte[] one, byte[] other) => System.Security.Cryptography.CryptographicOperations.FixedTimeEquals(one, other);

    private sealed record Live(Guid Id);

    private sealed record Found(Challenge Challenge, User User, Device? Device, Credential? Credential);
}
