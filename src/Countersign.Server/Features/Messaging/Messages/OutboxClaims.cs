using Countersign.Server.Data;
using Countersign.Server.Data.Protection;
using Countersign.Server.Features.Messaging.Messages.Gateways;
using Microsoft.EntityFrameworkCore;

namespace Countersign.Server.Features.Messaging.Messages;

/// <summary>A message that this node alone sends now, and the gateway whose turn it is.</summary>
/// <param name="Outgoing">The message in words; null when it does not open and never will.</param>
/// <param name="Attempt">Counts from one.</param>
/// <param name="Gateways">How many there are for the channel.</param>
internal sealed record Claimed(Message Message, OutgoingMessage? Outgoing, IMessageGateway Gateway, int Attempt, int Gateways)
{
    /// <summary>Whether a gateway has not had its turn yet since all had theirs.</summary>
    public bool AnotherLeft => Attempt % Gateways != 0;
}

/// <summary>
/// Claims what is due by a conditional UPDATE that also names the gateway, committed before the gateway is called: two nodes
/// never send one message, and after a crash it is known who may have it.
/// </summary>
internal sealed partial class OutboxClaims(
    Contexts contexts, IWriter writer, MessageGateways gateways, MessageRendering rendering, TimeProvider time,
    ILogger<OutboxClaims> logger)
{
    private static readonly SqlQuery<Message> Due = new(model =>
    {
        var m = Rows<Message>.Of(model);
        return (
            $"""
            SELECT {m.Columns("m")} FROM messages m
            WHERE m.channel = $1 AND m.state = 'Queued' AND m.due_at <= $2 AND m.expires_at > $2
            ORDER BY m.due_at LIMIT $3
            """,
            row => m.Read(row, 0));
    });

    private static readonly SqlStatement Begin = new("""
        UPDATE messages SET state = 'Sending', attempts = $5, gateway = $6, due_at = $7
        WHERE user_id = $1 AND id = $2 AND state = 'Queued' AND due_at = $3 AND attempts = $4
        """);

    /// <summary>More than the longest call and its record take: a slow gateway does not outlive its claim.</summary>
    private static readonly TimeSpan Claim = TimeSpan.FromMinutes(1);

    public async Task<IReadOnlyList<Claimed>> TakeAsync(MessageChannel channel, int most, CancellationToken ct)
    {
        var ways = gateways.For(channel);
        if (ways.Count == 0)
        {
            return [];
        }

        var now = time.GetUtcNow();
        IReadOnlyList<Message> due;
        await using (var db = contexts.Read())
        {
            due = await db.ReadAsync(Due, [channel.ToString(), now.ToUnixMicroseconds(), most], ct);
        }

        var opened = Open(channel, due);
        return opened.Count == 0 ? [] : await writer.RunAsync((db, _) => TakeAsync(db, opened, ways, now), ct);
    }

    /// <summary>Gives back what was claimed and not begun: the attempt has not happened.</summary>
    public Task ReturnAsync(Claimed claimed) => writer.RunAsync(
        (db, ct) => Mine(db, claimed).ExecuteUpdateAsync(
            set => set.SetProperty(m => m.State, MessageState.Queued).SetProperty(m => m.Attempts, claimed.Attempt - 1).SetProperty(
                m => m.DueAt, claimed.Message.DueAt),
            ct),
        CancellationToken.None);

    /// <summary>The row while the claimed attempt is under way; no row when a receipt was quicker.</summary>
    private static IQueryable<Message> Mine(CountersignDbContext db, Claimed claimed) => db.Set<Message>().Where(
        m => m.UserId == claimed.Message.UserId
            && m.Id == claimed.Message.Id
            && m.State == MessageState.Sending
            && m.Attempts == claimed.Attempt);

    /// <summary>Before anything is claimed: what this node cannot open now is left to the others, and to later.</summary>
    private List<(Message, OutgoingMessage?)> Open(MessageChannel channel, IReadOnlyList<Message> due)
    {
        var opened = new List<(Message, OutgoingMessage?)>(due.Count);
        Exception? fault = null;
        foreach (var message in due)
        {
            try
            {
                opened.Add((message, rendering.Render(message)));
            }
            catch (MasterKeyMissingException e)
            {
                fault = e;
            }
        }

        if (fault is not null)
        {
            LogWaiting(fault, due.Count - opened.Count, channel);
        }

        return opened;
    }

    private static async Task<IReadOnlyList<Claimed>> TakeAsync(
        CountersignDbContext db, List<(Message, OutgoingMessage?)> opened, IReadOnlyList<IMessageGateway> ways, DateTimeOffset now)
    {
        var taken = new List<Claimed>(opened.Count);
        foreach (var (message, outgoing) in opened)
        {
            var claimed = new Claimed(message, outgoing, ways[message.Attempts % ways.Count], message.Attempts + 1, ways.Count);
            if (await db.TryChangeOneAsync(
                Begin, message.UserId, message.Id, message.DueAt.ToUnixMicroseconds(), message.Attempts, claimed.Attempt,
                claimed.Gateway.Id, (now + Claim).ToUnixMicroseconds()))
            {
                taken.Add(claimed);
            }
        }

        return taken;
    }

    [LoggerMessage(2007, LogLevel.Error, "{Count} messages by {Channel} wait: this node cannot open them now.")]
    private partial void LogWaiting(Exception exception, int count, MessageChannel channel);
}
