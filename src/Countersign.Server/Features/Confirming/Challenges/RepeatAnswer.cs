using System.Security.Cryptography;
using Countersign.Server.Data;
using Countersign.Server.Features.Confirming.Devices;
using Countersign.Server.Features.Ground.Audit;

namespace Countersign.Server.Features.Confirming.Challenges;

/// <summary>
/// Gives an opener once more what a right response has yielded, where the answer was lost on its way (D36): the same response to the same
/// prompt, within half a minute. Nothing is carried out again. It takes a try and is written down; another response takes the right to
/// repeat away, so that nobody finds out by it what the right one was.
/// </summary>
internal sealed class RepeatAnswer(AnswerKeys keys, AuditTrail audit, TimeProvider time)
{
    /// <summary>How long the same response is taken for the same.</summary>
    public static readonly TimeSpan Within = TimeSpan.FromSeconds(30);

    /// <summary>How often more than wrong ones: one click sends many where a connection comes and goes.</summary>
    private const int Most = 20;

    private static readonly SqlStatement Take = new("""
        UPDATE challenges SET tries = tries + 1
        WHERE user_id = $1 AND id = $2 AND state = 'Used' AND refusal IS NULL AND answer_mac = $3 AND ended_at > $4
          AND tries < tries_allowed + $5
          AND EXISTS (SELECT 1 FROM users WHERE users.id = challenges.user_id AND frozen_at IS NULL)
        """);

    private static readonly SqlStatement Forfeit = new("""
        UPDATE challenges SET tries = tries + 1, answer_mac = NULL
        WHERE user_id = $1 AND id = $2 AND state = 'Used' AND answer_mac <> $3
        """);

    /// <summary>Whether it was answered a moment ago: what is older needs no unit of work to be refused.</summary>
    public bool MayRepeat(LoadedChallenge challenge) =>
        challenge is { State: ChallengeState.Used, Row: { AnswerMac: not null, EndedAt: { } at } } && at > time.GetUtcNow() - Within;

    /// <returns>Null where this is no repetition, or comes too late.</returns>
    public async Task<Answered<TSubject, TResult>?> RunAsync<TSubject, TResult>(
        CountersignDbContext db, Purpose<TSubject, TResult> purpose, LoadedChallenge used, Opener opener, int promptNo, string response,
        CancellationToken ct)
    {
        var row = used.Row;
        if (!MayRepeat(used) || row.PromptNo != promptNo || row.ResultId is not { } result || keys.AsKept(row, response) is not { } mac)
        {
            return null;
        }

        if (!CryptographicOperations.FixedTimeEquals(row.AnswerMac, mac))
        {
            await db.TryChangeOneAsync(Forfeit, row.UserId, row.Id, mac);
            return null;
        }

        var earliest = (time.GetUtcNow() - Within).ToUnixMicroseconds();
        if (!IsGood(used) || !await db.TryChangeOneAsync(Take, row.UserId, row.Id, mac, earliest, Most))
        {
            return null;
        }

        var approval = Approval<TSubject>.Of(
            Purpose<TSubject, TResult>.Read(used.Subject), used, opener, result,
            keys.SecretOf(row.AnswerKeyId, used.Handle, result, opener));
        var again = await purpose.AgainAsync(approval, db, ct);
        if (!again.Succeeded)
        {
            return null;
        }

        audit.Add(
            db, AuditEvents.AnswerRepeated, row.UserId, opener.ActsFor(row.UserId), ("challenge", row.Id), ("purpose", row.Purpose),
            ("device", used.Device?.Id), ("kind", used.Credential!.Facts.Kind));
        return new Answered<TSubject, TResult>.Completed(approval.Subject, again.Value);
    }

    /// <summary>Whether what answered is still the person's: what it has activated is active by now.</summary>
    private static bool IsGood(LoadedChallenge used) =>
        used is { Credential.Facts.Status: CredentialStatus.Held, Device: null or { Status: DeviceStatus.Active } };
}
