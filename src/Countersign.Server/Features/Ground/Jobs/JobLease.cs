using Countersign.Server.Data;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace Countersign.Server.Features.Ground.Jobs;

/// <summary>Which node has the turns of a job, and until when.</summary>
internal sealed class JobLease
{
    public required string Name { get; init; }

    public required Guid Holder { get; init; }

    /// <summary>Rises with each change of hands.</summary>
    public required long Epoch { get; init; }

    public required DateTimeOffset Until { get; init; }

    internal sealed class Mapping : IEntityTypeConfiguration<JobLease>
    {
        public void Configure(EntityTypeBuilder<JobLease> builder)
        {
            builder.ToTable("job_leases");
            builder.HasKey(l => l.Name);
            builder.Property(l => l.Name).HasMaxLength(64);
        }
    }
}

/// <summary>
/// Takes, keeps and gives back leases, each by one conditional statement. Clocks of nodes may differ, and a turn may take longer than its
/// lease: that two nodes hold one for a moment costs work, never a wrong result.
/// </summary>
internal sealed class JobLeases(IWriter writer, TimeProvider time)
{
    /// <summary>Takes a lease that is free, or prolongs one's own. False: another has it.</summary>
    public Task<bool> TakeAsync(string name, Guid holder, TimeSpan term, CancellationToken ct) => writer.RunAsync(
        async (db, token) =>
        {
            var now = time.GetUtcNow();
            var until = now + term;
            if (await db.Set<JobLease>().Where(l => l.Name == name && (l.Holder == holder || l.Until <= now)).ExecuteUpdateAsync(
                set => set.SetProperty(l => l.Epoch, l => l.Holder == holder ? l.Epoch : l.Epoch + 1).SetProperty(l => l.Holder, holder)
                    .SetProperty(l => l.Until, until),
                token) == 1)
            {
                return true;
            }

            // The first time ever. Of two nodes that try, one inserts.
            return await db.Database.ExecuteSqlAsync(
                $"""
                INSERT INTO job_leases (name, holder, epoch, until) VALUES ({name}, {holder}, 1, {until.ToUnixMicroseconds()})
                ON CONFLICT (name) DO NOTHING
                """,
                token) == 1;
        },
        ct);

    /// <summary>Gives a lease back before its end, so that no other node waits for it. One that is somebody else's by now stays.</summary>
    public Task ReturnAsync(string name, Guid holder) => writer.RunAsync(
        (db, ct) =>
        {
            var now = time.GetUtcNow();
            return db.Set<JobLease>().Where(l => l.Name == name && l.Holder == holder && l.Until > now)
                .ExecuteUpdateAsync(set => set.SetProperty(l => l.Until, now), ct);
        },
        CancellationToken.None);
}
