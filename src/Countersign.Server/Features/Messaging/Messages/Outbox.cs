using System.Text.Json.Serialization;
using Countersign.Server.Data;
using Countersign.Server.Data.Protection;
using Countersign.Server.Features.Ground.Jobs;
using Countersign.Server.Features.Registry.PhoneNumbers;

namespace Countersign.Server.Features.Messaging.Messages;

/// <summary>What a message says: a template's parameters and the language, never free text.</summary>
/// <param name="NotMe">The link or code by which its reader says that it was somebody else; null where there is nothing to
/// repudiate.</param>
internal sealed record MessageContent(string Language, IReadOnlyList<string> Arguments, string? NotMe = null);

[JsonSerializable(typeof(MessageContent))]
internal sealed partial class MessagesJson : JsonSerializerContext;

/// <summary>Queues messages in the unit of work that causes them, so that none is lost and none is sent for what did not happen.</summary>
internal sealed class Outbox(RowProtection protection, OutboxSignal signal, MessageMeasures measures, TimeProvider time)
{
    private static readonly SqlQuery<Found> LastState = new(_ => (
        "SELECT state FROM messages WHERE user_id = $1 AND challenge_id = $2 ORDER BY created_at DESC, id DESC LIMIT 1",
        row => new Found(Enum.Parse<MessageState>(row.GetString(0)))));

    /// <returns>The message's id.</returns>
    public Guid Add(
        CountersignDbContext db, Guid userId, MessageChannel channel, string recipient, string template, string language,
        DateTimeOffset expiresAt, Guid? challengeId, params string[] arguments) =>
        Add(db, time.GetUtcNow(), userId, channel, recipient, template, new MessageContent(language, arguments), expiresAt, challengeId);

    /// <summary>A notice, with the way to say that it was somebody else.</summary>
    public void AddNotice(
        CountersignDbContext db, Guid userId, MessageChannel channel, string recipient, string template, string language,
        DateTimeOffset expiresAt, string? notMe, string[] arguments) =>
        Add(
            db, time.GetUtcNow(), userId, channel, recipient, template, new MessageContent(language, arguments, notMe), expiresAt,
            challengeId: null);

    /// <summary>The same, not to be sent before a moment.</summary>
    public Guid AddFrom(
        CountersignDbContext db, DateTimeOffset from, Guid userId, MessageChannel channel, string recipient, string template,
        string language, DateTimeOffset expiresAt, Guid? challengeId, params string[] arguments) =>
        Add(db, from, userId, channel, recipient, template, new MessageContent(language, arguments), expiresAt, challengeId);

    private Guid Add(
        CountersignDbContext db, DateTimeOffset from, Guid userId, MessageChannel channel, string recipient, string template,
        MessageContent content, DateTimeOffset expiresAt, Guid? challengeId)
    {
        var now = time.GetUtcNow();
        var id = Guid.CreateVersion7(now);
        var kind = challengeId is null ? MessageClass.Notice : MessageClass.Code;
        var where = channel == MessageChannel.Email ? null : NumberRange.Of(recipient);
        db.Append(new Message
        {
            UserId = userId,
            Id = id,
            ChallengeId = challengeId,
            Channel = channel,
            Class = kind,
            Recipient = recipient,
            Range = where?.Range,
            Region = where?.Region,
            Template = template,
            Content = protection.Protect(Message.ContentColumn, userId, id, content, MessagesJson.Default.MessageContent),
            State = MessageState.Queued,
            CreatedAt = now,
            ExpiresAt = expiresAt,
            DueAt = from,
        });
        db.AfterCommit(() => signal.Wake(channel, kind));
        measures.Queued(db, channel);
        return id;
    }

    /// <summary>Where the last message of a challenge is on its way; null when there is none.</summary>
    public static async Task<MessageState?> DeliveryAsync(CountersignDbContext db, Guid userId, Guid challengeId, CancellationToken ct) =>
        (await db.ReadOneAsync(LastState, [userId, challengeId], ct))?.State;

    private sealed record Found(MessageState State);
}

/// <summary>Wakes the sender of a channel and class on this node when there is something to send.</summary>
internal sealed class OutboxSignal
{
    private readonly Dictionary<(MessageChannel Channel, MessageClass Class), JobSignal> _wakes =
        All.ToDictionary(each => each, _ => new JobSignal());

    /// <summary>Each has a sender of its own.</summary>
    public static IEnumerable<(MessageChannel Channel, MessageClass Class)> All =>
        from channel in Enum.GetValues<MessageChannel>() from kind in Enum.GetValues<MessageClass>() select (channel, kind);

    public void Wake(MessageChannel channel, MessageClass kind) => _wakes[(channel, kind)].Wake();

    public JobSignal Of(MessageChannel channel, MessageClass kind) => _wakes[(channel, kind)];
}
