using System.Security.Cryptography;
using Countersign.Server.Data;
using Countersign.Server.Data.Protection;
using Countersign.Server.Features.Challenges;
using Microsoft.EntityFrameworkCore;

namespace Countersign.Server.Features.Messages;

/// <summary>
/// Sends what is queued. A row is claimed by a conditional UPDATE before the gateway is called, so two nodes never send one
/// message; a claim whose node died is repeated only where the gateway knows the reference.
/// </summary>
internal sealed partial class OutboxWorker(
    Contexts contexts, IWriter writer, RowProtection protection, MessageTexts texts, IEnumerable<IMessageGateway> gateways,
    OutboxSignal signal, ChallengeSignals pages, MessageMeasures measures, TimeProvider time, ILogger<OutboxWorker> logger) : BackgroundService
{
    private const int BatchSize = 100;
    private const int MaximumAttempts = 8;
    private static readonly TimeSpan Claim = TimeSpan.FromMinutes(1);
    private static readonly TimeSpan Poll = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan FirstBackOff = TimeSpan.FromSeconds(2);

    private readonly Dictionary<MessageChannel, IMessageGateway> _gateways = gateways.ToDictionary(g => g.Channel);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        while (!stoppingToken.IsCancellationRequested)
        {
            try
            {
                while (await RunOnceAsync(stoppingToken) > 0)
                {
                }

                await WaitAsync(stoppingToken);
            }
            catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
            {
                return;
            }
#pragma warning disable CA1031 // The top of a background loop: the database may be away; the rows wait.
            catch (Exception e)
#pragma warning restore CA1031
            {
                LogFailed(e);
                await Task.Delay(Poll, time, stoppingToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            }
        }
    }

    /// <summary>Sends one batch; returns how many rows it moved.</summary>
    public async Task<int> RunOnceAsync(CancellationToken ct)
    {
        var claimed = await ClaimAsync(ct);
        if (claimed.Count == 0)
        {
            return 0;
        }

        var results = new List<(Message Message, MessageState State)>(claimed.Count);
        foreach (var message in claimed)
        {
            results.Add((message, await SendAsync(message, ct)));
        }

        await RecordAsync(results);
        return results.Count;
    }

    private async Task WaitAsync(CancellationToken ct)
    {
        // Both waits end together: one that was left behind would swallow the next wake-up.
        using var either = CancellationTokenSource.CreateLinkedTokenSource(ct);
        await Task.WhenAny(signal.NextAsync(either.Token), Task.Delay(Poll, time, either.Token));
        await either.CancelAsync();
    }

    private async Task<List<Message>> ClaimAsync(CancellationToken ct)
    {
        var now = time.GetUtcNow();
        var channels = _gateways.Keys.ToList();
        List<Message> due;
        await using (var db = contexts.Read())
        {
            due = await db.Set<Message>()
                .Where(m => (m.State == MessageState.Queued || m.State == MessageState.Sending) && m.DueAt <= now && (channels.Contains(m.Channel) || m.ExpiresAt <= now))
                .OrderBy(m => m.DueAt).Take(BatchSize).ToListAsync(ct);
        }

        return due.Count == 0 ? due : await writer.RunAsync((db, token) => ClaimAsync(db, due, now, token), ct);
    }

    private async Task<List<Message>> ClaimAsync(CountersignDbContext db, List<Message> due, DateTimeOffset now, CancellationToken ct)
    {
        var claimed = new List<Message>(due.Count);
        foreach (var message in due)
        {
            // A claim that ran out: its node died between the call and the commit. Where the gateway cannot tell a repetition, it stays unknown.
            // What has expired is not repeated either, nor is it asked which gateway it was: there may be none any more.
            var expired = message.ExpiresAt <= now;
            var lost = message.State == MessageState.Sending && (expired || !_gateways[message.Channel].Idempotent);
            var next = lost ? MessageState.Unknown : expired ? MessageState.Expired : MessageState.Sending;
            var mine = await db.Set<Message>()
                .Where(m => m.UserId == message.UserId && m.Id == message.Id && m.State == message.State && m.DueAt == message.DueAt)
                .ExecuteUpdateAsync(
                    set => set.SetProperty(m => m.State, next).SetProperty(m => m.Attempts, m => m.Attempts + 1).SetProperty(m => m.DueAt, now + Claim)
                        .SetProperty(m => m.Content, m => next == MessageState.Sending ? m.Content : null),
                    ct) == 1;
            if (mine && next == MessageState.Sending)
            {
                claimed.Add(message);
            }
            else if (mine)
            {
                measures.Handled(db, message.Channel, message.Gateway, next);
            }
        }

        return claimed;
    }

    /// <returns><see cref="MessageState.Sending"/> when it is not known whether the gateway took it: the claim runs out by itself.</returns>
    private async Task<MessageState> SendAsync(Message message, CancellationToken ct)
    {
        if (ct.IsCancellationRequested)
        {
            // The server stops: what was claimed and not begun goes back.
            return MessageState.Queued;
        }

        try
        {
            var content = protection.Unprotect(Message.ContentColumn, message.UserId, message.Id, message.Content!, MessagesJson.Default.MessageContent);
            var text = texts.Render(message.Template, message.Channel, content);
            return await _gateways[message.Channel].SendAsync(new OutgoingMessage(message.Id, message.Recipient, text.Subject, text.Body), ct);
        }
        catch (HttpRequestException e)
        {
            LogGatewayFailed(message.Id, _gateways[message.Channel].Id, e.StatusCode);
            return message.Attempts + 1 < MaximumAttempts ? MessageState.Queued : MessageState.Failed;
        }
        catch (OperationCanceledException)
        {
            return MessageState.Sending;
        }
        catch (CryptographicException e)
        {
            // It must not hold up the others.
            LogUnreadable(e, message.Id);
            return MessageState.Failed;
        }
    }

    private async Task RecordAsync(List<(Message Message, MessageState State)> results)
    {
        var now = time.GetUtcNow();

        // What the gateway took is recorded even while the server stops.
        await writer.RunAsync(
            async (db, ct) =>
            {
                foreach (var (message, state) in results.Where(r => r.State != MessageState.Sending))
                {
                    var gateway = _gateways[message.Channel];
                    var again = now + (FirstBackOff * Math.Pow(2, message.Attempts));
                    var erase = state != MessageState.Queued && !gateway.KeepsBodies;
                    await db.Set<Message>().Where(m => m.UserId == message.UserId && m.Id == message.Id && m.State == MessageState.Sending)
                        .ExecuteUpdateAsync(
                            set => set.SetProperty(m => m.State, state).SetProperty(m => m.SentAt, state == MessageState.Queued ? null : now)
                                .SetProperty(m => m.DueAt, again).SetProperty(m => m.Gateway, gateway.Id).SetProperty(m => m.Content, m => erase ? null : m.Content),
                            ct);
                    measures.Handled(db, message.Channel, gateway.Id, state);
                    if (message.ChallengeId is { } challengeId)
                    {
                        pages.RaiseAfterCommit(db, challengeId, awaited: true);
                    }
                }
            },
            CancellationToken.None);
    }

    [LoggerMessage(2001, LogLevel.Error, "The outbox failed and will try again.")]
    private partial void LogFailed(Exception exception);

    [LoggerMessage(2003, LogLevel.Error, "Message {Message} cannot be opened and is not sent.")]
    private partial void LogUnreadable(Exception exception, Guid message);

    [LoggerMessage(2002, LogLevel.Warning, "Gateway {Gateway} did not take message {Message} ({Status}); it is tried again.")]
    private partial void LogGatewayFailed(Guid message, string gateway, System.Net.HttpStatusCode? status);
}
