using System.Text.Json.Serialization;
using Countersign.Server.Data;
using Countersign.Server.Data.Protection;
using Countersign.Server.Features.Messaging.Messages;
using Microsoft.EntityFrameworkCore;

namespace Countersign.Server.Features.Pages.Demo;

/// <summary>A message as the demo phone or mailbox shows it.</summary>
internal sealed record DemoMessage(
    [property: JsonPropertyName("to")] string To,
    [property: JsonPropertyName("text")] string Text,
    [property: JsonPropertyName("at")] DateTimeOffset At,
    [property: JsonPropertyName("channel")] string Channel,
    [property: JsonPropertyName("subject"), JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] string? Subject);

/// <summary>Reads what was delivered in demo mode.</summary>
internal sealed class DemoMessages(Contexts contexts, RowProtection protection, MessageTexts texts)
{
    private const int Newest = 50;

    /// <summary>The newest messages of a channel, to one recipient or to all; calls come to the phone that has the SMS.</summary>
    public async Task<IReadOnlyList<DemoMessage>> NewestAsync(MessageChannel channel, string? recipient, CancellationToken ct)
    {
        await using var db = contexts.Read();
        var rows = await db.Set<Message>()
            .Where(m => (m.Channel == channel || (channel == MessageChannel.Sms && m.Channel == MessageChannel.Voice))
                && m.State == MessageState.Delivered
                && m.Content != null
                && (recipient == null || m.Recipient == recipient))
            .OrderByDescending(m => m.CreatedAt).ThenByDescending(m => m.Id).Take(Newest).ToListAsync(ct);
        return [.. rows.Select(Read)];
    }

    private DemoMessage Read(Message row)
    {
        var content = protection.Unprotect(Message.ContentColumn, row.UserId, row.Id, row.Content!, MessagesJson.Default.MessageContent);
        var (subject, body) = texts.Render(row.Template, row.Channel, content);
        return new DemoMessage(row.Recipient, body, row.SentAt ?? row.CreatedAt, row.Channel.ToString().ToLowerInvariant(), subject);
    }
}
