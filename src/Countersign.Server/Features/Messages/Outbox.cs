using System.Text.Json.Serialization;
using System.Threading.Channels;
using Countersign.Server.Data;
using Countersign.Server.Data.Protection;
using Microsoft.EntityFrameworkCore;

namespace Countersign.Server.Features.Messages;

/// <summary>What a message says: a template's parameters and the language, never free text.</summary>
internal sealed record MessageContent(string Language, IReadOnlyList<string> Arguments);

[JsonSerializable(typeof(MessageContent))]
internal sealed partial class MessagesJson : JsonSerializerContext;

/// <summary>Queues messages in the unit of work that causes them, so that none is lost and none is sent for what did not happen.</summary>
internal sealed class Outbox(RowProtection protection, OutboxSignal signal, MessageMeasures measures, TimeProvider time)
{
    public void Add(
        CountersignDbContext db, Guid userId, MessageChannel channel, string recipient, string template, string language, DateTimeOffset expiresAt, Guid? challengeId, params string[] arguments)
    {
        var now = time.GetUtcNow();
        var id = Guid.CreateVersion7(now);
        db.Add(new Message
        {
            UserId = userId,
            Id = id,
            ChallengeId = challengeId,
            Channel = channel,
            Recipient = recipient,
            Template = template,
            Content = protection.Protect(Message.ContentColumn, userId, id, new MessageContent(language, arguments), MessagesJson.Default.MessageContent),
            State = MessageState.Queued,
            CreatedAt = now,
            ExpiresAt = expiresAt,
            DueAt = now,
        });
        db.AfterCommit(signal.Wake);
        measures.Queued(db, channel);
    }

    /// <summary>Where the last message of a challenge is on its way; null when there is none.</summary>
    public static async Task<MessageState?> DeliveryAsync(CountersignDbContext db, Guid userId, Guid challengeId, CancellationToken ct) =>
        await db.Set<Message>().AsNoTracking().Where(m => m.UserId == userId && m.ChallengeId == challengeId)
            .OrderByDescending(m => m.CreatedAt).ThenByDescending(m => m.Id).Select(m => (MessageState?)m.State).FirstOrDefaultAsync(ct);
}

/// <summary>Wakes the worker of this node when a message was queued here.</summary>
internal sealed class OutboxSignal
{
    private readonly Channel<bool> _wakes = Channel.CreateBounded<bool>(new BoundedChannelOptions(1) { FullMode = BoundedChannelFullMode.DropWrite });

    public void Wake() => _wakes.Writer.TryWrite(true);

    public async Task NextAsync(CancellationToken ct) => await _wakes.Reader.ReadAsync(ct);
}
