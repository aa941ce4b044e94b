using Countersign.Server.Data;
using Countersign.Server.Features.Messages.Gateways;
using Microsoft.EntityFrameworkCore;

namespace Countersign.Server.Features.Messages;

/// <summary>A message that this node alone sends now, and the gateway whose turn it is.</summary>
/// <param name="Attempt">Counts from one.</param>
/// <param name="Gateways">How many there are for the channel.</param>
internal sealed record Claimed(Message Message, IMessageGateway Gateway, int Attempt, int Gateways)
{
    /// <summary>Whether a gateway has not had its turn yet since all had theirs.</summary>
    public bool AnotherLeft => Attempt % Gateways != 0;
}

/// <summary>
/// Claims what is due by a conditional UPDATE that also names the gateway, committed before the gateway is called: two nodes
/// never send one message, and after a crash it is known who may have it.
/// </summary>
internal sealed class OutboxClaims(Contexts contexts, IWriter writer, MessageGateways gateways, TimeProvider time)
{
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
        List<Message> due;
        await using (var db = contexts.Read())
        {
            due = await db.Set<Message>().Where(m => m.Channel == channel && m.State == MessageState.Queued && m.DueAt <= now && m.ExpiresAt > now)
                .OrderBy(m => m.DueAt).Take(most).ToListAsync(ct);
        }

        return due.Count == 0 ? [] : await writer.RunAsync((db, token) => TakeAsync(db, due, ways, now, token), ct);
    }

    /// <summary>Gives back what was claimed and not begun: the attempt has not happened.</summary>
    public Task ReturnAsync(Claimed claimed) => writer.RunAsync(
        (db, ct) => Mine(db, claimed).ExecuteUpdateAsync(
            set => set.SetProperty(m => m.State, MessageState.Queued).SetProperty(m => m.Attempts, claimed.Attempt - 1).SetProperty(m => m.DueAt, claimed.Message.DueAt), ct),
        CancellationToken.None);

    /// <summary>The row while the claimed attempt is under way; no row when a receipt was quicker.</summary>
    public static IQueryable<Message> Mine(CountersignDbContext db, Claimed claimed) => db.Set<Message>().Where(
        m => m.UserId == claimed.Message.UserId && m.Id == claimed.Message.Id && m.State == MessageState.Sending && m.Attempts == claimed.Attempt);

    private static async Task<IReadOnlyList<Claimed>> TakeAsync(CountersignDbContext db, List<Message> due, IReadOnlyList<IMessageGateway> ways, DateTimeOffset now, CancellationToken ct)
    {
        var taken = new List<Claimed>(due.Count);
        foreach (var message in due)
        {
            var claimed = new Claimed(message, ways[message.Attempts % ways.Count], message.Attempts + 1, ways.Count);
            var mine = await db.Set<Message>()
                .Where(m => m.UserId == message.UserId && m.Id == message.Id && m.State == MessageState.Queued && m.DueAt == message.DueAt && m.Attempts == message.Attempts)
                .ExecuteUpdateAsync(
                    set => set.SetProperty(m => m.State, MessageState.Sending).SetProperty(m => m.Attempts, claimed.Attempt)
                        .SetProperty(m => m.Gateway, claimed.Gateway.Id).SetProperty(m => m.DueAt, now + Claim),
                    ct) == 1;
            if (mine)
            {
                taken.Add(claimed);
            }
        }

        return taken;
    }
}
