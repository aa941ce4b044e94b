using Countersign.Server.Data;
using Countersign.Server.Features.Messaging.Messages.Gateways;
using Microsoft.EntityFrameworkCore;

namespace Countersign.Server.Features.Messaging.Messages.Receipts;

/// <summary>What a receipt says, by rank.</summary>
internal enum ReceiptStatus
{
    /// <summary>On its way: says nothing that is not known.</summary>
    Pending,
    Sent,
    Failed,
    Expired,
    Delivered,
}

/// <summary>A receipt, read and found genuine.</summary>
/// <param name="Code">The gateway's code for a failure.</param>
/// <param name="ProviderId">The gateway's own name of the message.</param>
internal sealed record Receipt(ReceiptStatus Status, string? Code = null, string? ProviderId = null);

/// <summary>
/// Applies a receipt: ranked, idempotent, in any order. Delivered beats everything; a failure counts only for the attempt that
/// is the last one, so that a late one of an earlier gateway does not undo a later attempt.
/// </summary>
internal sealed partial class RecordReceipt(
    Contexts contexts, IWriter writer, MessageGateways gateways, MessageNews news, TimeProvider time, ILogger<RecordReceipt> logger)
{
    /// <returns>False when there is no such message.</returns>
    public async Task<bool> RunAsync(string gateway, ReceiptHandle handle, Receipt receipt, CancellationToken ct)
    {
        Message? message;
        await using (var db = contexts.Read())
        {
            message = await db.Set<Message>().SingleOrDefaultAsync(m => m.UserId == handle.UserId && m.Id == handle.MessageId, ct);
        }

        if (message is null)
        {
            return false;
        }

        if (receipt.Status != ReceiptStatus.Pending
            && await writer.RunAsync((db, token) => ApplyAsync(db, gateway, handle, message, receipt, token), ct)
            && receipt.Status != ReceiptStatus.Delivered)
        {
            LogReceipt(message.Id, gateway, receipt.Status, receipt.Code ?? "no code");
        }

        return true;
    }

    private async Task<bool> ApplyAsync(
        CountersignDbContext db, string gateway, ReceiptHandle handle, Message message, Receipt receipt, CancellationToken ct)
    {
        var row = db.Set<Message>().Where(m => m.UserId == handle.UserId && m.Id == handle.MessageId);
        var last = handle.Attempt == 0 ? row.Where(m => m.Gateway == gateway) : row.Where(m => m.Attempts == handle.Attempt);
        var changed = receipt.Status switch
        {
            ReceiptStatus.Delivered => await DeliverAsync(row, receipt, ct),
            ReceiptStatus.Sent => await last.Where(m => m.State == MessageState.Unknown).ExecuteUpdateAsync(
                set => set.SetProperty(m => m.State, MessageState.Sent).SetProperty(m => m.SentAt, time.GetUtcNow()), ct) == 1,
            _ => await FailAsync(db, last, message, receipt, ct),
        };
        if (changed)
        {
            news.Handled(db, message, gateway, StateOf(receipt.Status));
        }

        return changed;
    }

    private static MessageState StateOf(ReceiptStatus status) => status switch
    {
        ReceiptStatus.Delivered => MessageState.Delivered,
        ReceiptStatus.Sent => MessageState.Sent,
        ReceiptStatus.Expired => MessageState.Expired,
        _ => MessageState.Failed,
    };

    private async Task<bool> DeliverAsync(IQueryable<Message> row, Receipt receipt, CancellationToken ct) =>
        await row.Where(m => m.State != MessageState.Delivered).ExecuteUpdateAsync(
            set => set.SetProperty(m => m.State, MessageState.Delivered)
                .SetProperty(m => m.DueAt, Message.Never)
                .SetProperty(m => m.Content, (byte[]?)null)
                    .SetProperty(m => m.SentAt, m => m.SentAt ?? time.GetUtcNow())
                    .SetProperty(m => m.ProviderId, m => m.ProviderId ?? receipt.ProviderId)
                    .SetProperty(m => m.Failure, (string?)null),
            ct) == 1;

    /// <summary>The next gateway at once, if there is one and still something to send; otherwise the end.</summary>
    private async Task<bool> FailAsync(
        CountersignDbContext db, IQueryable<Message> last, Message message, Receipt receipt, CancellationToken ct)
    {
        var now = time.GetUtcNow();
        var open = last.Where(m => m.State == MessageState.Sending || m.State == MessageState.Sent || m.State == MessageState.Unknown);
        var ways = gateways.For(message.Channel).Count;
        var failedOver = ways > 1
            && await open.Where(m => m.Attempts % ways != 0 && m.Content != null && m.ExpiresAt > now).ExecuteUpdateAsync(
                set => set.SetProperty(m => m.State, MessageState.Queued).SetProperty(m => m.DueAt, now).SetProperty(
                    m => m.Failure, receipt.Code),
                ct) == 1;
        if (failedOver)
        {
            news.Waits(db, message);
            return true;
        }

        var end = receipt.Status == ReceiptStatus.Expired || message.ExpiresAt <= now ? MessageState.Expired : MessageState.Failed;
        return await open.ExecuteUpdateAsync(
            set => set.SetProperty(m => m.State, end).SetProperty(m => m.DueAt, Message.Never).SetProperty(m => m.Content, (byte[]?)null)
                .SetProperty(m => m.Failure, receipt.Code).SetProperty(m => m.ProviderId, m => m.ProviderId ?? receipt.ProviderId),
            ct) == 1;
    }

    [LoggerMessage(2006, LogLevel.Information, "Gateway {Gateway} reports message {Message} as {Status} ({Code}).")]
    private partial void LogReceipt(Guid message, string gateway, ReceiptStatus status, string code);
}
