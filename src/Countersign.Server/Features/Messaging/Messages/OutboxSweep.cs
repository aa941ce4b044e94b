using Countersign.Server.Data;
using Countersign.Server.Features.Ground.Jobs;
using Countersign.Server.Features.Messaging.Messages.Gateways;
using Microsoft.EntityFrameworkCore;

namespace Countersign.Server.Features.Messaging.Messages;

/// <summary>
/// Looks after what is overdue: claims whose node died, receipts that did not come, messages that ran out. Each row changes by
/// a conditional UPDATE, so that it is safe on several nodes.
/// </summary>
internal sealed class OutboxSweep(
    Contexts contexts, IWriter writer, MessageGateways gateways, MessageNews news, TimeProvider time, GatewayLog log) : IJob
{
    private static readonly SqlStatement Move = new("""
        UPDATE messages SET state = $6, attempts = $7, due_at = $8, failure = COALESCE($9, failure),
            content = CASE WHEN $10 THEN content ELSE NULL END
        WHERE user_id = $1 AND id = $2 AND state || '' = $3 AND due_at + 0 = $4 AND attempts = $5
        """);

    private const int BatchSize = 100;

    /// <summary>How long a receipt may still come when the claim has run out, which took a while already.</summary>
    private static readonly TimeSpan Grace = TimeSpan.FromSeconds(30);

    public string Name => "outbox-sweep";

    public TimeSpan Every => TimeSpan.FromSeconds(1);

    /// <summary>Moves one batch; returns how many rows it looked at.</summary>
    public async Task<int> RunOnceAsync(CancellationToken ct)
    {
        var now = time.GetUtcNow();
        List<Message> due;
        await using (var db = contexts.Read())
        {
            due = await db.Set<Message>()
                .Where(m =>
                    (m.State == MessageState.Sending || m.State == MessageState.Sent || m.State == MessageState.Unknown) && m.DueAt <= now)
                .OrderBy(m => m.DueAt).Take(BatchSize).ToListAsync(ct);
            due.AddRange(await db.Set<Message>().Where(m => m.State == MessageState.Queued && m.DueAt <= now && m.ExpiresAt <= now)
                .OrderBy(m => m.DueAt).Take(BatchSize).ToListAsync(ct));
        }

        if (due.Count > 0)
        {
            await writer.RunAsync((db, _) => MoveAsync(db, due, now), ct);
        }

        return due.Count;
    }

    private async Task MoveAsync(CountersignDbContext db, List<Message> due, DateTimeOffset now)
    {
        foreach (var message in due)
        {
            var next = Next(message, now);
            if (!await db.TryChangeOneAsync(
                Move, message.UserId, message.Id, message.State.ToString(), message.DueAt.ToUnixMicroseconds(), message.Attempts,
                next.State.ToString(), next.Attempts, next.DueAt.ToUnixMicroseconds(), next.Failure,
                next.State == MessageState.Queued || next.Keep))
            {
                continue;
            }

            if (next.Failure is { } code)
            {
                var gateway = message.Gateway ?? MessageMeasures.None;
                db.AfterCommit(() => log.Overdue(gateway, code));
            }

            if (next.State != message.State)
            {
                news.Handled(db, message, message.Gateway, next.State);
            }

            if (next.State == MessageState.Queued)
            {
                news.Waits(db, message);
            }
        }
    }

    private Step Next(Message message, DateTimeOffset now)
    {
        var gateway = gateways.Find(message.Channel, message.Gateway);
        var ways = gateways.For(message.Channel).Count;
        var another = ways > 0 && message.Attempts % ways != 0;
        return message.State switch
        {
            MessageState.Queued => new Step(MessageState.Expired, message.Attempts, Message.Never),

            // A claim that ran out: its node died between the call and the commit. Where the gateway knows a repetition, the same
            // attempt is made again.
            MessageState.Sending when message.ExpiresAt > now
                && gateway is { Idempotent: true } => new Step(MessageState.Queued, message.Attempts - 1, now),
            MessageState.Sending when message.ExpiresAt > now && gateway is { PromisesReceipts: true } && another =>
                new Step(
                    MessageState.Unknown, message.Attempts, now + Grace < message.ExpiresAt ? now + Grace : message.ExpiresAt, "unknown",
                    Keep: true),
            MessageState.Sending => new Step(MessageState.Unknown, message.Attempts, Message.Never, "unknown"),

            // The receipt is overdue. Without a body it is an old row that was final already.
            _ when message.ExpiresAt > now
                && message.Content is not null
                && another => new Step(MessageState.Queued, message.Attempts, now, "receipt"),
            _ => new Step(message.State, message.Attempts, Message.Never),
        };
    }

    /// <param name="Failure">Null: as it was.</param>
    /// <param name="Keep">Whether the body stays: a queued message's always does.</param>
    private sealed record Step(MessageState State, int Attempts, DateTimeOffset DueAt, string? Failure = null, bool Keep = false);
}
