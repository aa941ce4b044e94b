using Countersign.Server.Data;
using Countersign.Server.Features.Messaging.Messages.Gateways;
using Microsoft.Extensions.Options;

namespace Countersign.Server.Features.Messaging.Messages;

/// <summary>Makes one attempt and records what became of it.</summary>
internal sealed class MessageSending(
    IWriter writer, OutboxClaims claims, MessageNews news, IOptions<MessagesOptions> options, TimeProvider time, GatewayLog log)
{
    private static readonly SqlStatement Record = new($"""
        UPDATE messages SET state = $4, due_at = $5, sent_at = $6, provider_id = $7, failure = $8, refusals = $9, parts = $10,
            content = CASE WHEN $11 THEN NULL ELSE content END
        WHERE {OutboxClaims.UnderWay}
        """);

    /// <summary>How often all gateways have their turn.</summary>
    private const int Rounds = 8;

    private const string Unreadable = "unreadable";
    private static readonly TimeSpan FirstBackOff = TimeSpan.FromSeconds(2);

    /// <summary>Sends what was claimed. A node that stops begins nothing new, and what is under way it finishes.</summary>
    public async Task RunAsync(Claimed claimed, CancellationToken stopping)
    {
        if (stopping.IsCancellationRequested)
        {
            await claims.ReturnAsync(claimed);
            return;
        }

        if (claimed.Outgoing is not { } outgoing)
        {
            await RecordAsync(claimed, parts: 0, m => Ended(m, MessageState.Failed, Unreadable));
            return;
        }

        var parts = claimed.Message.Channel == MessageChannel.Sms ? SmsText.Parts(outgoing.Text) : 0;
        var outcome = await SubmitAsync(claimed, outgoing with { Attempt = claimed.Attempt });
        if (outcome is not null)
        {
            await RecordAsync(claimed, parts, m => Apply(m, claimed, outcome));
        }
    }

    /// <returns>Null when nothing can be said: the claim runs out by itself.</returns>
    private async Task<Submission?> SubmitAsync(Claimed claimed, OutgoingMessage outgoing)
    {
        try
        {
            var outcome = await SendAsync(claimed.Gateway, outgoing);
            if (CodeOf(outcome) is { } code)
            {
                log.NotTaken(claimed.Gateway.Id, code);
            }

            return outcome;
        }
        catch (OperationCanceledException)
        {
            return null;
        }
#pragma warning disable CA1031 // A mistake in one gateway must not stop the others; whether it had sent is not known.
        catch (Exception e)
#pragma warning restore CA1031
        {
            log.Broken(claimed.Gateway.Id, e);
            return new Submission.Lost("broken");
        }
    }

    private static async Task<Submission> SendAsync(IMessageGateway gateway, OutgoingMessage outgoing)
    {
        try
        {
            return await gateway.SendAsync(outgoing, CancellationToken.None);
        }
        catch (HttpRequestException e)
        {
            return new Submission.Unavailable(e.StatusCode is { } status ? GatewayCode.Of(status) : "connect");
        }
    }

    private Change Apply(Message message, Claimed claimed, Submission outcome) => outcome switch
    {
        Submission.Accepted { Delivered: true } accepted => Ended(message, MessageState.Delivered, null, claimed.Gateway.KeepsBodies) with
        {
            SentAt = time.GetUtcNow(),
            ProviderId = accepted.ProviderId,
        },
        Submission.Accepted accepted => Waiting(message, claimed, MessageState.Sent, null) with
        {
            SentAt = time.GetUtcNow(),
            ProviderId = accepted.ProviderId,
        },
        Submission.Lost lost when !claimed.Gateway.Idempotent => Waiting(message, claimed, MessageState.Unknown, lost.Code),
        Submission.Refused refused => Again(message, claimed, refused.Code, message.Refusals + 1),
        _ => Again(message, claimed, CodeOf(outcome), message.Refusals),
    };

    /// <summary>Until its receipt; the body stays only while another gateway may need it.</summary>
    private Change Waiting(Message message, Claimed claimed, MessageState state, string? failure)
    {
        var overdue = time.GetUtcNow() + options.Value.ReceiptTimeout;
        return claimed.Gateway.PromisesReceipts && claimed.AnotherLeft
            ? new Change(state, overdue < message.ExpiresAt ? overdue : message.ExpiresAt, failure, message.Refusals, Erase: false)
            : new Change(state, Message.Never, failure, message.Refusals, Erase: true);
    }

    /// <summary>The next gateway at once; a pause when all had their turn; the end when all refused, or all had it often enough.</summary>
    private Change Again(Message message, Claimed claimed, string? failure, int refusals)
    {
        var now = time.GetUtcNow();
        if (claimed.AnotherLeft)
        {
            return new Change(MessageState.Queued, now, failure, refusals, Erase: false);
        }

        var round = claimed.Attempt / claimed.Gateways;
        return refusals >= claimed.Gateways || round >= Rounds
            ? Ended(message, MessageState.Failed, failure)
            : new Change(MessageState.Queued, now + (FirstBackOff * Math.Pow(2, round - 1)), failure, Refusals: 0, Erase: false);
    }

    private static Change Ended(Message message, MessageState state, string? failure, bool keep = false) =>
        new(state, Message.Never, failure, message.Refusals, Erase: !keep);

    private Task RecordAsync(Claimed claimed, int parts, Func<Message, Change> decide)
    {
        var (message, change) = (claimed.Message, decide(claimed.Message));

        // What the gateway took is recorded even while the server stops.
        return writer.RunAsync(
            async (db, _) =>
            {
                await db.ChangeAsync(
                    Record, message.UserId, message.Id, claimed.Attempt, change.State.ToString(), change.DueAt.ToUnixMicroseconds(),
                    change.SentAt?.ToUnixMicroseconds(), change.ProviderId, change.Failure, change.Refusals, parts, change.Erase);
                news.Handled(db, message, claimed.Gateway.Id, change.State);
                if (change.State == MessageState.Queued)
                {
                    news.Waits(db, message);
                }
            },
            CancellationToken.None);
    }

    /// <returns>Null for what was taken.</returns>
    private static string? CodeOf(Submission outcome) => outcome switch
    {
        Submission.Refused refused => refused.Code,
        Submission.Unavailable unavailable => unavailable.Code,
        Submission.Lost lost => lost.Code,
        _ => null,
    };

    /// <summary>What an attempt makes of the row.</summary>
    private sealed record Change(MessageState State, DateTimeOffset DueAt, string? Failure, int Refusals, bool Erase)
    {
        public DateTimeOffset? SentAt { get; init; }

        public string? ProviderId { get; init; }
    }
}
