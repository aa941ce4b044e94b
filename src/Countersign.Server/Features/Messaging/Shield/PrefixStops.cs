using Countersign.Server.Data;
using Countersign.Server.Features.Ground.Audit;
using Microsoft.EntityFrameworkCore;

namespace Countersign.Server.Features.Messaging.Shield;

/// <summary>The one switch to stop a prefix, and to let it go again.</summary>
internal sealed class PrefixStops(AuditTrail audit, TimeProvider time)
{
    /// <summary>Stops a prefix; one that is stopped already takes the new scope. False: nothing changed.</summary>
    public async Task<bool> StopAsync(
        CountersignDbContext db, string prefix, StopScope scope, Actor by, (int Sent, int Verified)? why, CancellationToken ct)
    {
        var known = await db.Set<PrefixStop>().AsNoTracking().SingleOrDefaultAsync(s => s.Prefix == prefix, ct);
        if (known?.Scope == scope || (known is not null && why is not null))
        {
            return false;
        }

        if (known is not null)
        {
            await db.Set<PrefixStop>().Where(s => s.Prefix == prefix).ExecuteUpdateAsync(set => set.SetProperty(s => s.Scope, scope), ct);
        }
        else
        {
            db.Add(
                new PrefixStop
                {
                    Prefix = prefix,
                    Scope = scope,
                    StoppedAt = time.GetUtcNow(),
                    By = by.Id ?? string.Empty,
                    Sent = why?.Sent,
                    Verified = why?.Verified,
                });
        }

        audit.Add(
            db, AuditEvents.PrefixStopped, userId: null, by, ("prefix", prefix), ("scope", scope), ("sent", why?.Sent),
            ("verified", why?.Verified));
        return true;
    }

    /// <summary>Lets messages go to the prefix again. False: it was not stopped.</summary>
    public async Task<bool> LiftAsync(CountersignDbContext db, string prefix, Actor by, CancellationToken ct)
    {
        if (await db.Set<PrefixStop>().Where(s => s.Prefix == prefix).ExecuteDeleteAsync(ct) == 0)
        {
            return false;
        }

        audit.Add(db, AuditEvents.PrefixLifted, userId: null, by, ("prefix", prefix));
        return true;
    }
}
