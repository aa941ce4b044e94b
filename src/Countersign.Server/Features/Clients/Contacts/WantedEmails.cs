using Countersign.Server.Data;
using Countersign.Server.Features.Access.Freezing;
using Countersign.Server.Features.Confirming.Devices;
using Countersign.Server.Features.Ground.Audit;
using Countersign.Server.Features.Registry.Users;
using Microsoft.EntityFrameworkCore;

namespace Countersign.Server.Features.Clients.Contacts;

/// <summary>
/// Keeps the address that a user wants until its code comes back; forgets it after a day, where the user is frozen, and where the device
/// that agreed rests or has ended: whoever had it may have asked for that (D8).
/// </summary>
internal sealed class WantedEmails(AuditTrail audit, TimeProvider time) : IEndsWhenFrozen, IEndsWithDevice
{
    private static readonly TimeSpan Lifetime = TimeSpan.FromDays(1);

    /// <summary>The one that waits for its code; null where none does.</summary>
    public async Task<WantedEmail?> FindAsync(CountersignDbContext db, Guid userId, CancellationToken ct) =>
        await db.Set<WantedEmail>().AsNoTracking().SingleOrDefaultAsync(e => e.UserId == userId, ct) is { } found
            && found.ExpiresAt > time.GetUtcNow() ? found : null;

    /// <summary>Takes the place of the one before, in a unit of work.</summary>
    public async Task AddAsync(CountersignDbContext db, Guid userId, string address, Guid agreedBy, CancellationToken ct)
    {
        var now = time.GetUtcNow();
        await UserLock.TakeAsync(db, userId, ct);
        await db.Set<WantedEmail>().Where(e => e.UserId == userId).ExecuteDeleteAsync(ct);
        db.Append(new WantedEmail
        {
            UserId = userId,
            Id = Guid.CreateVersion7(now),
            Address = address,
            AgreedBy = agreedBy,
            ExpiresAt = now + Lifetime,
        });
    }

    /// <summary>Takes it away because its code has come back: of two at once one gets true.</summary>
    public async Task<bool> SpendAsync(CountersignDbContext db, Guid userId, Guid id, CancellationToken ct) =>
        await FindAsync(db, userId, ct) is not null
            && await db.Set<WantedEmail>().Where(e => e.UserId == userId && e.Id == id).ExecuteDeleteAsync(ct) == 1;

    /// <summary>The user no longer wants it.</summary>
    public async Task GiveUpAsync(CountersignDbContext db, Guid userId, Actor by, CancellationToken ct)
    {
        if (await db.Set<WantedEmail>().Where(e => e.UserId == userId).ExecuteDeleteAsync(ct) == 1)
        {
            audit.Add(db, AuditEvents.EmailChangeGivenUp, userId, by);
        }
    }

    Task IEndsWithDevice.EndAsync(CountersignDbContext db, Guid userId, Guid deviceId, CancellationToken ct) =>
        db.Set<WantedEmail>().Where(e => e.UserId == userId && e.AgreedBy == deviceId).ExecuteDeleteAsync(ct);

    Task IEndsWhenFrozen.EndAsync(CountersignDbContext db, Guid userId, DateTimeOffset at, Actor by, CancellationToken ct) =>
        GiveUpAsync(db, userId, by, ct);
}
