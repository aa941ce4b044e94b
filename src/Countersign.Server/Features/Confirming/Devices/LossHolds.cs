using Countersign.Server.Data;
using Countersign.Server.Features.Ground.Audit;
using Countersign.Server.Features.Ground.Jobs;
using Microsoft.EntityFrameworkCore;

namespace Countersign.Server.Features.Confirming.Devices;

/// <summary>
/// Tells clients that a loss hold is over (D1). Running it twice, or on two nodes, tells nobody twice: the update is the claim.
/// </summary>
internal sealed class LossHolds(Contexts contexts, IWriter writer, DeviceLife life, TimeProvider time) : IJob
{
    private const int BatchSize = 50;

    public string Name => "loss-holds";

    public TimeSpan Every => TimeSpan.FromMinutes(1);

    /// <summary>Handles one batch; returns how many there were.</summary>
    public async Task<int> RunOnceAsync(CancellationToken ct)
    {
        var now = time.GetUtcNow();
        List<(Guid UserId, Guid Id)> over;
        await using (var db = contexts.Read())
        {
            var rows = await db.Set<Device>()
                .Where(d => d.HoldNoticeAt != null && d.HoldNoticeAt <= now && d.Status != DeviceStatus.Active)
                .OrderBy(d => d.HoldNoticeAt).Select(d => new { d.UserId, d.Id }).Take(BatchSize).ToListAsync(ct);
            over = rows.ConvertAll(r => (r.UserId, r.Id));
        }

        foreach (var (userId, id) in over)
        {
            await writer.RunAsync((db, token) => life.ReleaseAsync(db, userId, id, new Cause(Actor.Job(Name)), token), ct);
        }

        return over.Count;
    }

    /// <summary>Whether a device of the user is held at this moment.</summary>
    public static Task<bool> AnyAsync(CountersignDbContext db, Guid userId, CancellationToken ct) =>
        db.Set<Device>().AnyAsync(d => d.UserId == userId && d.HoldNoticeAt != null && d.Status != DeviceStatus.Active, ct);
}
