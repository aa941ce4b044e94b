using Countersign.Server.Data;
using Countersign.Server.Features.Ground.Jobs;
using Countersign.Server.Features.Messaging.Messages;
using Countersign.Server.Features.Registry.PhoneNumbers;
using Countersign.Server.Features.Registry.Users;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Options;

namespace Countersign.Server.Features.Messaging.Notices;

/// <summary>
/// At the end of a window, tells in one message how often it has happened again. What the shield lets not go waits for another window, and
/// after a week nobody needs it any more. Safe on several nodes: the row is the claim.
/// </summary>
internal sealed class NoticeDigests(
    Contexts contexts, IWriter writer, UserViews users, NoticeBoard board, IOptions<NoticeOptions> options, TimeProvider time) : IJob
{
    private const int BatchSize = 50;
    private static readonly TimeSpan Stale = TimeSpan.FromDays(7);

    public string Name => "notice-digests";

    public TimeSpan Every => TimeSpan.FromMinutes(1);

    public bool Leased => true;

    /// <summary>Handles one batch; returns how many there were.</summary>
    public async Task<int> RunOnceAsync(CancellationToken ct)
    {
        var now = time.GetUtcNow();
        List<GatheredNotice> due;
        await using (var db = contexts.Read())
        {
            due = await db.Set<GatheredNotice>().Where(g => g.DueAt <= now).OrderBy(g => g.DueAt).Take(BatchSize).ToListAsync(ct);
        }

        foreach (var gathered in due)
        {
            await writer.RunAsync((db, token) => TellAsync(db, gathered, now, token), ct);
        }

        return due.Count;
    }

    private async Task TellAsync(CountersignDbContext db, GatheredNotice gathered, DateTimeOffset now, CancellationToken ct)
    {
        // One more that is counted at this moment is looked at in the next turn.
        var (userId, notice, channel, times, since) = (gathered.UserId, gathered.Notice, gathered.Channel, gathered.Times, gathered.Since);
        if (await db.Set<GatheredNotice>()
            .Where(g => g.UserId == userId && g.Notice == notice && g.Channel == channel && g.Times == times && g.Since == since)
            .ExecuteDeleteAsync(ct) == 0
            || await users.FindAsync(db, userId, ct) is not { } user)
        {
            return;
        }

        var sent = 0;
        var recipients = await RecipientsAsync(db, user, channel, now, ct);
        foreach (var recipient in recipients)
        {
            sent += await board.TellAgainAsync(db, user, gathered, recipient, ct) ? 1 : 0;
        }

        if (recipients.Count > 0 && sent == 0 && now - since < Stale)
        {
            db.Add(new GatheredNotice
            {
                UserId = userId,
                Notice = notice,
                Channel = channel,
                Times = times,
                Since = since,
                DueAt = now + options.Value.Window,
            });
        }
    }

    /// <summary>As for every notice: while an address is new, the one before it as well (D4).</summary>
    private static async Task<IReadOnlyList<string>> RecipientsAsync(
        CountersignDbContext db, UserView user, MessageChannel channel, DateTimeOffset now, CancellationToken ct) =>
        channel == MessageChannel.Email ? await Emails.ToldAsync(db, user, now, ct)
        : await db.PreferredNumberAsync(user.Id, ct) is { } number ? [number.E164]
        : [];
}
