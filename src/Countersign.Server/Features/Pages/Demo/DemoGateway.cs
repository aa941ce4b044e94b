using Countersign.Server.Features.Messaging.Messages;

namespace Countersign.Server.Features.Pages.Demo;

/// <summary>Delivers to the demo phone and mailbox, which read the queue itself: delivered is what is in the database.</summary>
internal sealed class DemoGateway(MessageChannel channel) : IMessageGateway
{
    public string Id => "demo";

    public MessageChannel Channel => channel;

    public bool Idempotent => true;

    public bool KeepsBodies => true;

    public Task<Submission> SendAsync(OutgoingMessage message, CancellationToken ct) =>
        Task.FromResult<Submission>(new Submission.Accepted(Delivered: true));
}
