using Countersign.Server.Data;
using Countersign.Server.Features.Confirming.Devices;
using Countersign.Server.Features.Ground.Audit;
using Countersign.Server.Features.Ground.Jobs;
using Microsoft.EntityFrameworkCore;

namespace Countersign.Server.Features.Confirming.DeviceSettings;

/// <summary>
/// Ends devices that were agreed to and never showed themselves (B5). Running it twice, or on two nodes, changes nothing more.
/// </summary>
internal sealed class ExpireWaiting(Contexts contexts, IWriter writer, DeviceLife life, TimeProvider time) : IJob
{
    private const int BatchSize = 50;

    public string Name => "expire-waiting-devices";

    public TimeSpan Every => TimeSpan.FromMinutes(1);

    /// <summary>Handles one batch; returns how many there were.</summary>
    public async Task<int> RunOnceAsync(CancellationToken ct)
    {
        var now = time.GetUtcNow();
        List<(Guid UserId, Guid Id)> over;
        await using (var db = contexts.Read())
        {
            var rows = await db.Set<Device>().Where(d => d.Status == DeviceStatus.Waiting && d.WaitsUntil <= now).OrderBy(d => d.WaitsUntil)
                .Select(d => new { d.UserId, d.Id }).Take(BatchSize).ToListAsync(ct);
            over = rows.ConvertAll(r => (r.UserId, r.Id));
        }

        foreach (var (userId, id) in over)
        {
            // Nobody has ever used it: the client, who saw that the activation was given up, needs no notice.
            var cause = new Cause(Actor.Job(Name)) { ToldElsewhere = true };
            await writer.RunAsync((db, token) => life.ExpireAsync(db, userId, id, cause, token), ct);
        }

        return over.Count;
    }
}
