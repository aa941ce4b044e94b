using Countersign.Server.Data;

namespace Countersign.Server.Features.Confirming.Challenges;

/// <summary>
/// The moves of a challenge that only go on for a user who may go on, each one conditional UPDATE: of those that come together, one finds
/// the row as it was.
/// </summary>
internal static class ChallengeRows
{
    /// <summary>
    /// Nothing goes on for a user who is frozen, but what ends that. Nor does what was opened before the password was last set: a new
    /// password ends what is open, and cannot see what another node opens with the old one at that moment.
    /// </summary>
    private const string ItGoesOn = """
        user_id = $1 AND id = $2 AND EXISTS (
            SELECT 1 FROM users
            WHERE users.id = challenges.user_id AND ($3 OR frozen_at IS NULL)
              AND (password_set_at IS NULL OR password_set_at <= challenges.opened_at))
        """;

    private const string ItIsAsked = $"{ItGoesOn} AND state = 'Prompted' AND prompt_no = $4";

    /// <summary>
    /// A try is charged before its answer can have any effect. The response that was charged a moment ago is not charged again (D36).
    /// </summary>
    private static readonly SqlStatement Charge = new($"""
        UPDATE challenges SET tries = tries + 1, answered_at = $5, answer_mac = $6, answer_key_id = $7
        WHERE {ItIsAsked}
          AND tries < tries_allowed AND expires_at > $5 AND prompt_ends_at > $5
          AND (answer_mac IS NULL OR answer_mac IS DISTINCT FROM $6 OR answered_at <= $8)
        """);

    /// <summary>In the unit that has charged the try and spent the credential.</summary>
    private static readonly SqlStatement ApproveAndUse = new($"""
        UPDATE challenges SET state = 'Used', approved_at = $5, ended_at = $5, result_id = $6
        WHERE {ItIsAsked}
        """);

    private static readonly SqlStatement Approve = new($"""
        UPDATE challenges SET state = 'Approved', approved_at = $5, use_by = $6
        WHERE {ItIsAsked}
        """);

    /// <summary>The response was another one's, who holds the device: its opener has none to repeat.</summary>
    private static readonly SqlStatement Use = new($"""
        UPDATE challenges SET state = 'Used', ended_at = $5, result_id = $6, answer_mac = NULL
        WHERE {ItGoesOn} AND state = 'Approved' AND prompt_no = $4 AND use_by > $5
        """);

    /// <summary>Another choice voids the prompt before it (D8).</summary>
    private static readonly SqlStatement Prompt = new($"""
        UPDATE challenges SET state = 'Prompted', prompt_no = prompt_no + 1, prompt_ends_at = $5,
            device_id = $6, credential_owner = $7, credential_id = $8
        WHERE {ItGoesOn} AND state IN ('Pending', 'Prompted') AND prompt_no = $4 AND version = $9
          AND NOT EXISTS (SELECT 1 FROM devices WHERE user_id = $1 AND id = $6 AND status <> $10)
        """);

    /// <summary>Under the row that the unit holds.</summary>
    private static readonly SqlStatement KeepPrompts = new(
        "UPDATE challenges SET prompts = $3, version = version + 1 WHERE user_id = $1 AND id = $2 AND version = $4");

    private static readonly SqlStatement Hold = new($"""
        UPDATE challenges SET version = version + 1
        WHERE {ItIsAsked}
          AND NOT EXISTS (SELECT 1 FROM devices WHERE user_id = $1 AND id = challenges.device_id AND status <> $5)
        """);

    /// <summary>The row, for what else is asked or changed of it.</summary>
    public static IQueryable<Challenge> RowOf(this CountersignDbContext db, LoadedChallenge challenge)
    {
        var (userId, id) = challenge.Handle;
        return db.Set<Challenge>().Where(c => c.UserId == userId && c.Id == id);
    }

    /// <param name="answer">By what the response is recognised when it comes again; null for what cannot come again.</param>
    public static ValueTask<bool> ChargeAsync(
        this CountersignDbContext db, LoadedChallenge challenge, AnswerMac? answer, DateTimeOffset now) =>
        db.MoveAsync(
            Charge, challenge, now.ToUnixMicroseconds(), answer?.Mac, answer?.KeyId, (now - RepeatAnswer.Within).ToUnixMicroseconds());

    /// <summary>Prompted → Used, where the response was charged and spent in this very unit.</summary>
    public static ValueTask<bool> ApproveAndUseAsync(
        this CountersignDbContext db, LoadedChallenge challenge, Guid resultId, DateTimeOffset now) =>
        db.MoveAsync(ApproveAndUse, challenge, now.ToUnixMicroseconds(), resultId);

    /// <summary>Prompted → Approved, once.</summary>
    public static ValueTask<bool> ApproveAsync(
        this CountersignDbContext db, LoadedChallenge challenge, DateTimeOffset now, DateTimeOffset useBy) =>
        db.MoveAsync(Approve, challenge, now.ToUnixMicroseconds(), useBy.ToUnixMicroseconds());

    /// <summary>Approved → Used, once and in time.</summary>
    public static ValueTask<bool> UseAsync(this CountersignDbContext db, LoadedChallenge challenge, Guid resultId, DateTimeOffset now) =>
        db.MoveAsync(Use, challenge, now.ToUnixMicroseconds(), resultId);

    /// <summary>
    /// Pending or Prompted → Prompted on another credential, where the prompts given so far are as they were read, and the device is still
    /// one that may be asked.
    /// </summary>
    public static ValueTask<bool> PromptAsync(
        this CountersignDbContext db, LoadedChallenge challenge, DateTimeOffset endsAt, Guid? deviceId, Devices.CredentialKey key) =>
        db.MoveAsync(
            Prompt, challenge, endsAt.ToUnixMicroseconds(), deviceId, key.Owner, key.Id, challenge.Prompts.Version,
            challenge.Asks.ToString());

    /// <summary>After a change that holds the row: the closed prompts take the place of those of that version.</summary>
    public static ValueTask<bool> KeepPromptsAsync(
        this CountersignDbContext db, ChallengeHandle handle, byte[] prompts, int version) =>
        db.ChangeOneAsync(KeepPrompts, handle.UserId, handle.Id, prompts, version);

    /// <summary>
    /// Holds the row until the unit ends, where its prompt still waits for an answer, of a device that may still be asked.
    /// </summary>
    public static ValueTask<bool> HoldPromptAsync(this CountersignDbContext db, LoadedChallenge challenge) =>
        db.MoveAsync(Hold, challenge, challenge.Asks.ToString());

    private static ValueTask<bool> MoveAsync(
        this CountersignDbContext db, SqlStatement move, LoadedChallenge challenge, params ReadOnlySpan<object?> more) => db.ChangeOneAsync(
            move, [challenge.Row.UserId, challenge.Row.Id, challenge.Thaws, challenge.Row.PromptNo, .. more]);
}
