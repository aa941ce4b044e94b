using Countersign.Server.Data;
using Countersign.Server.Data.Protection;
using Countersign.Server.Features.Messaging.Messages.Gateways;

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
    /// <summary>
    /// The message <c>$2</c> of <c>$1</c> while the claimed attempt <c>$3</c> is under way; no row when a receipt was quicker.
    /// </summary>
    public const string UnderWay = "user_id = $1 AND id = $2 AND state || '' = 'Sending' AND attempts = $3";

    private static readonly SqlQuery<Message> Due = SqlQuery.Of<Message>("""
        WHERE r.channel = $1 AND r.class = $2 AND r.state = 'Queued' AND r.due_at <= $3 AND r.expires_at > $3
        ORDER BY r.due_at LIMIT $4 OFFSET $5
        """);

    private static readonly SqlStatement Begin = new("""
        UPDATE messages SET state = 'Sending', attempts = $5, gateway = $6, due_at = $7
        WHERE user_id = $1 AND id = $2 AND state || '' = 'Queued' AND due_at + 0 = $3 AND attempts = $4
        """);

    private static readonly SqlStatement GiveBack = new($"""
        UPDATE messages SET state = 'Queued', attempts = attempts - 1, due_at = $4
        WHERE {UnderWay}
        """);

    /// <summary>How far a turn reads past what does not open.</summary>
    private const int MostPages = 50;

    /// <summary>More than the longest call and its record take: a slow gateway does not outlive its claim.</summary>
    private static readonly TimeSpan Claim = TimeSpan.FromMinutes(1);

    public async Task<IReadOnlyList<Claimed>> TakeAsync(MessageChannel channel, MessageClass kind, int most, CancellationToken ct)
    {
        var ways = gateways.For(channel);
        if (ways.Count == 0)
        {
            return [];
        }

        var now = time.GetUtcNow();
        var opened = await OpenAsync(channel, kind, now, most, ct);
        return opened.Count == 0 ? [] : await writer.RunAsync((db, _) => TakeAsync(db, opened, ways, now), ct);
    }

    /// <summary>Gives back what was claimed and not begun: the attempt has not happened.</summary>
    public Task ReturnAsync(Claimed claimed) => writer.RunAsync(
        (db, _) => db.ChangeAsync(
            GiveBack, claimed.Message.UserId, claimed.Message.Id, claimed.Attempt, claimed.Message.DueAt.ToUnixMicroseconds()).AsTask(),
        CancellationToken.None);

    /// <summary>
    /// Before anything is claimed: what this node cannot open now is left to the others, and to later, and holds up nothing behind it.
    /// </summary>
    private async Task<List<(Message, OutgoingMessage?)>> OpenAsync(
        MessageChannel channel, MessageClass kind, DateTimeOffset now, int most, CancellationToken ct)
    {
        var opened = new List<(Message, OutgoingMessage?)>(most);
        var (seen, fault) = (0, default(Exception));
        await using var db = contexts.Read();
        for (var page = 0; page < MostPages && opened.Count < most; page++)
        {
            var due = await db.ReadAsync(Due, [channel.ToString(), kind.ToString(), now.ToUnixMicroseconds(), most, seen], ct);
            foreach (var message in due.Take(most - opened.Count))
            {
                seen++;
                try
                {
                    opened.Add((message, rendering.Render(message)));
                }
                catch (MasterKeyMissingException e)
                {
                    fault = e;
                }
            }

            if (due.Count < most)
            {
                break;
            }
        }

        if (fault is not null)
        {
            LogWaiting(fault, seen - opened.Count, channel);
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
