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
    /// <returns>The message's id.</returns>
    public Guid Add(
        CountersignDbContext db, Guid userId, MessageChannel channel, string recipient, string template, string language, DateTimeOffset expiresAt, Guid? challengeId, params string[] arguments)
    {
        var now = time.GetUtcNow();
        var id = Guid.CreateVersion7(now);
        var where = channel == MessageChannel.Email ? null : NumberRange.Of(recipient);
        db.Add(new Message
        {
            UserId = userId,
            Id = id,
            ChallengeId = challengeId,
            Channel = channel,
            Recipient = recipient,
            Range = where?.Range,
            Region = where?.Region,
            Template = template,
            Content = protection.Protect(Message.ContentColumn, userId, id, new MessageContent(language, arguments), MessagesJson.Default.MessageContent),
            State = MessageState.Queued,
            CreatedAt = now,
            ExpiresAt = expiresAt,
            DueAt = now,
        });
        db.AfterCommit(() => signal.Wake(channel));
        measures.Queued(db, channel);
        return id;
    }

    /// <summary>Where the last message of a challenge is on its way; null when there is none.</summary>
    public static async Task<MessageState?> DeliveryAsync(CountersignDbContext db, Guid userId, Guid challengeId, CancellationToken ct) =>
        await db.Set<Message>().AsNoTracking().Where(m => m.UserId == userId && m.ChallengeId == challengeId)
            .OrderByDescending(m => m.CreatedAt).ThenByDescending(m => m.Id).Select(m => (MessageState?)m.State).FirstOrDefaultAsync(ct);
}

/// <summary>Wakes the sender of a channel on this node when there is something to send.</summary>
internal sealed class OutboxSignal
{
    private readonly Dictionary<MessageChannel, Channel<bool>> _wakes = Enum.GetValues<MessageChannel>().ToDictionary(
        c => c, _ => System.Threading.Channels.Channel.CreateBounded<bool>(new BoundedChannelOptions(1) { FullMode = BoundedChannelFullMode.DropWrite }));

    public void Wake(MessageChannel channel) => _wakes[channel].Writer.TryWrite(true);

    public async Task NextAsync(MessageChannel channel, CancellationToken ct) => await _wakes[channel].Reader.ReadAsync(ct);
}
