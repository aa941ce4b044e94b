namespace Countersign.Server.Features.Messaging.Messages;

/// <summary>A message as it goes out.</summary>
/// <param name="Reference">Ours; the same for each attempt, so that a gateway that knows idempotency sends once.</param>
internal sealed record OutgoingMessage(Guid Reference, string Recipient, string? Subject, string Text)
{
    public MessageChannel Channel { get; init; }

    public string Template { get; init; } = string.Empty;

    public string Language { get; init; } = "en";

    /// <summary>The owner of the row: with the reference, the row's key.</summary>
    public Guid UserId { get; init; }

    /// <summary>Counts from one. Receipts of an earlier attempt do not touch a later one.</summary>
    public int Attempt { get; init; }

    /// <summary>A message that comes after this is worse than none.</summary>
    public DateTimeOffset ExpiresAt { get; init; }
}

/// <summary>What became of one attempt. A code is short and technical: it is stored and shown to agents.</summary>
internal abstract record Submission
{
    private Submission()
    {
    }

    /// <summary>The gateway has it, or it has arrived already.</summary>
    /// <param name="ProviderId">The gateway's own name for it.</param>
    internal sealed record Accepted(string? ProviderId = null, bool Delivered = false) : Submission;

    /// <summary>This gateway will never take it.</summary>
    internal sealed record Refused(string Code) : Submission;

    /// <summary>The gateway surely did not take it; later it may.</summary>
    internal sealed record Unavailable(string Code) : Submission;

    /// <summary>The gateway may have taken it: nobody knows.</summary>
    internal sealed record Lost(string Code) : Submission;
}

/// <summary>A way out for messages of one channel.</summary>
internal interface IMessageGateway
{
    /// <summary>The same for all channels of one gateway; stands in rows and in the addresses of receipts.</summary>
    string Id { get; }

    MessageChannel Channel { get; }

    /// <summary>Whether sending the same reference twice sends one message: only then is an attempt of unknown outcome repeated.</summary>
    bool Idempotent { get; }

    /// <summary>Whether bodies stay readable after delivery: only for the demo phone.</summary>
    bool KeepsBodies { get; }

    /// <summary>Whether a receipt follows each message that was taken: if none comes, another gateway is tried.</summary>
    bool PromisesReceipts => false;

    /// <exception cref="HttpRequestException">As <see cref="Submission.Unavailable"/>.</exception>
    Task<Submission> SendAsync(OutgoingMessage message, CancellationToken ct);
}
