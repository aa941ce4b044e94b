namespace Countersign.Server.Features.Messages;

/// <summary>A message as it goes out.</summary>
/// <param name="Reference">Ours; the same for each attempt, so that a gateway that knows idempotency sends once.</param>
internal sealed record OutgoingMessage(Guid Reference, string Recipient, string? Subject, string Text);

/// <summary>A way out for messages of one channel.</summary>
internal interface IMessageGateway
{
    string Id { get; }

    MessageChannel Channel { get; }

    /// <summary>Whether sending the same reference twice sends one message: only then is an attempt of unknown outcome repeated.</summary>
    bool Idempotent { get; }

    /// <summary>Whether bodies stay readable after delivery: only for the demo phone.</summary>
    bool KeepsBodies { get; }

    /// <returns><see cref="MessageState.Sent"/>, <see cref="MessageState.Delivered"/>, or <see cref="MessageState.Failed"/> for good.</returns>
    /// <exception cref="HttpRequestException">Not now; it is tried again.</exception>
    Task<MessageState> SendAsync(OutgoingMessage message, CancellationToken ct);
}
