using Countersign.Server.Data;
using Countersign.Server.Features.Ground.Signals;

namespace Countersign.Server.Features.Messaging.Messages;

/// <summary>Tells of a change to a message once it is committed: the counters, the pages that wait for its challenge, the sender.</summary>
internal sealed class MessageNews(OutboxSignal signal, ChallengeSignals pages, MessageMeasures measures)
{
    /// <summary>An attempt with the gateway came to this state.</summary>
    public void Handled(CountersignDbContext db, Message message, string? gateway, MessageState state)
    {
        measures.Handled(db, message.Channel, gateway, state);
        if (message.ChallengeId is { } challengeId)
        {
            pages.RaiseAfterCommit(db, challengeId, awaited: true);
        }
    }

    /// <summary>There may be something to send again.</summary>
    public void Waits(CountersignDbContext db, Message message) => db.AfterCommit(() => signal.Wake(message.Channel, message.Class));
}
