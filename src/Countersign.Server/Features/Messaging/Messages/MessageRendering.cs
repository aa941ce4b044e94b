using Countersign.Server.Data.Protection;

namespace Countersign.Server.Features.Messaging.Messages;

/// <summary>Opens a message and puts it into words.</summary>
internal sealed partial class MessageRendering(RowProtection protection, MessageTexts texts, ILogger<MessageRendering> logger)
{
    /// <summary>The message in words; null when it does not open and never will.</summary>
    /// <exception cref="MasterKeyMissingException">This node cannot open it now.</exception>
    public OutgoingMessage? Render(Message message)
    {
        try
        {
            var content = protection.Unprotect(
                Message.ContentColumn, message.UserId, message.Id, message.Content ?? [], MessagesJson.Default.MessageContent);
            var (subject, body) = texts.Render(message.Template, message.Channel, content);
            return new OutgoingMessage(message.Id, message.Recipient, subject, body)
            {
                Channel = message.Channel,
                Template = message.Template,
                Language = content.Language,
                UserId = message.UserId,
                ExpiresAt = message.ExpiresAt,
            };
        }
        catch (Exception e) when (e is UnreadableSecretException or InvalidOperationException or FormatException)
        {
            // It must not hold up the others.
            LogUnreadable(e, message.Id);
            return null;
        }
    }

    [LoggerMessage(2003, LogLevel.Error, "Message {Message} cannot be opened and is not sent.")]
    private partial void LogUnreadable(Exception exception, Guid message);
}
