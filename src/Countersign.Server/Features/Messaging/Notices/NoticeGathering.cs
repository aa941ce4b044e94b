using Countersign.Server.Data;
using Countersign.Server.Features.Ground.Rations;
using Countersign.Server.Features.Messaging.Messages;
using Microsoft.Extensions.Options;

namespace Countersign.Server.Features.Messaging.Notices;

/// <summary>What is told, as gathering looks at it.</summary>
internal sealed record Gathering(Guid UserId, Notice Notice, IReadOnlyList<string> Arguments);

/// <summary>
/// Tells what a stranger, or the owner of an expensive number, can cause as often as they like, once in a window; further ones are counted
/// (D34). All other notices say what has changed, and each goes with its own facts: they are counted only where the shield lets one not go.
/// </summary>
internal sealed class NoticeGathering(Rationing rationing, IOptions<NoticeOptions> options, TimeProvider time)
{
    private static readonly SqlStatement Count = new("""
        INSERT INTO gathered_notices (user_id, notice, channel, times, since, due_at) VALUES ($1, $2, $3, 1, $4, $5)
        ON CONFLICT (user_id, notice, channel) DO UPDATE SET times = gathered_notices.times + 1
        """);

    private RationRule Once => new(1, options.Value.Window);

    /// <summary>Whether it is the first in its window, or one that is not gathered.</summary>
    public async Task<bool> GoesAtOnceAsync(CountersignDbContext db, Gathering what, MessageChannel channel) =>
        SameAs(what) is not { } same || await rationing.TakeAsync(db, what.UserId, RationOf(what, channel, same), Once);

    /// <summary>Counts one that does not go now.</summary>
    public async Task CountAsync(CountersignDbContext db, Gathering what, MessageChannel channel, CancellationToken ct)
    {
        var now = time.GetUtcNow();
        var end = SameAs(what) is { } same
            ? await Rationing.NextAsync(db, what.UserId, RationOf(what, channel, same), Once, ct)
            : now + options.Value.Window;
        await db.ChangeAsync(
            Count, what.UserId, what.Notice.ToString(), channel.ToString(), now.ToUnixMicroseconds(), end.ToUnixMicroseconds());
    }

    /// <summary>What makes two of a gathered kind the same to their reader; null for a kind that is not gathered.</summary>
    private static string? SameAs(Gathering what) => what.Notice switch
    {
        Notice.SecondFactorFailed => string.Empty,

        // By address: who signs in from private windows all day must still hear at once of somebody who does so from elsewhere.
        Notice.NewBrowser => what.Arguments[^1],
        _ => null,
    };

    private static string RationOf(Gathering what, MessageChannel channel, string same) => $"notice/{what.Notice}/{channel}/{same}";
}
