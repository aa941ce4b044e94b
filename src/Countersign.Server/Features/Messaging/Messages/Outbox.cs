using System.Text.Json.Serialization;
using Countersign.Server.Data;
using Countersign.Server.Data.Protection;
using Countersign.Server.Features.Ground.Jobs;
using Countersign.Server.Features.Messaging.Shield;
using Countersign.Server.Features.Registry.PhoneNumbers;

namespace Countersign.Server.Features.Messaging.Messages;

/// <summary>What a message says: a template's parameters and the language, never free text.</summary>
/// <param name="NotMe">The link or code by which its reader says that it was somebody else; null where there is nothing to
/// repudiate.</param>
internal sealed record MessageContent(string Language, IReadOnlyList<string> Arguments, string? NotMe = null);

[JsonSerializable(typeof(MessageContent))]
internal sealed partial class MessagesJson : JsonSerializerContext;

/// <summary>A message as whoever has it sent words it.</summary>
/// <param name="Template">Its name: what sort of message this is.</param>
/// <param name="ExpiresAt">A message that comes after this is worse than none.</param>
/// <param name="From">Not to be sent before; null: at once.</param>
internal sealed record Draft(
    MessageChannel Channel, string Template, MessageContent Content, DateTimeOffset ExpiresAt, DateTimeOffset? From = null);

/// <summary>A message that the shield has let through and that is not queued yet.</summary>
internal sealed record Admitted(Message Message);

/// <summary>
/// Queues messages in the unit of work that causes them, so that none is lost and none is sent for what did not happen. Here each of them,
/// whatever it says and whoever it is from, passes the shield (D34): no other class makes a row of one.
/// </summary>
internal sealed class Outbox(
    RowProtection protection, MessageTexts texts, MessageShield shield, OutboxSignal signal, MessageMeasures measures, TimeProvider time)
{
    private static readonly SqlQuery<Found> LastState = new(_ => (
        "SELECT state FROM messages WHERE user_id = $1 AND challenge_id = $2 ORDER BY created_at DESC, id DESC LIMIT 1",
        row => new Found(Enum.Parse<MessageState>(row.GetString(0)))));

    /// <summary>Asks the shield for a message with a code.</summary>
    /// <returns>To be queued; or why it may not go.</returns>
    public async Task<Result<Admitted>> AdmitCodeAsync(
        CountersignDbContext db, CodeToSend code, Draft draft, Guid challengeId, CancellationToken ct)
    {
        var refusal = draft.Channel switch
        {
            MessageChannel.Sms => await shield.AdmitSmsAsync(db, code, PartsOf(draft), ct),
            MessageChannel.Voice => await shield.AdmitCallAsync(db, code, ct),
            _ => await shield.AdmitMailAsync(db, code, ct),
        };
        return refusal is null ? new Admitted(Row(code.UserId, code.Recipient, draft, challengeId)) : refusal;
    }

    /// <summary>Queues a message that is no code.</summary>
    /// <returns>Its id; or why it may not go.</returns>
    public async Task<Result<Guid>> AddAsync(CountersignDbContext db, OtherToSend other, Draft draft, CancellationToken ct)
    {
        int? parts = draft.Channel switch
        {
            MessageChannel.Sms => PartsOf(draft),
            MessageChannel.Voice => 1,
            _ => null,
        };
        if (await shield.AdmitOtherAsync(db, other, parts, ct) is { } refusal)
        {
            return refusal;
        }

        var message = Row(other.UserId, other.Recipient, draft, challengeId: null);
        Queue(db, new Admitted(message));
        return message.Id;
    }

    public void Queue(CountersignDbContext db, Admitted admitted)
    {
        var (channel, kind) = (admitted.Message.Channel, admitted.Message.Class);
        db.Append(admitted.Message);
        db.AfterCommit(() => signal.Wake(channel, kind));
        measures.Queued(db, channel);
    }

    private int PartsOf(Draft draft) => SmsText.Parts(texts.Render(draft.Template, draft.Channel, draft.Content).Body);

    private Message Row(Guid userId, string recipient, Draft draft, Guid? challengeId)
    {
        var now = time.GetUtcNow();
        var id = Guid.CreateVersion7(now);
        var where = draft.Channel == MessageChannel.Email ? null : NumberRange.Of(recipient);
        return new Message
        {
            UserId = userId,
            Id = id,
            ChallengeId = challengeId,
            Channel = draft.Channel,
            Class = challengeId is null ? MessageClass.Notice : MessageClass.Code,
            Recipient = recipient,
            Range = where?.Range,
            Region = where?.Region,
            Template = draft.Template,
            Content = protection.Protect(Message.ContentColumn, userId, id, draft.Content, MessagesJson.Default.MessageContent),
            State = MessageState.Queued,
            CreatedAt = now,
            ExpiresAt = draft.ExpiresAt,
            DueAt = draft.From ?? now,
        };
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
