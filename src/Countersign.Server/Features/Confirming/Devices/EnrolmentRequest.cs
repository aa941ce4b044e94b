using Countersign.Server.Data;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace Countersign.Server.Features.Confirming.Devices;

/// <summary>
/// Says that a user may have to be enrolled in SMS (S6): written where a number is verified or a device ends. A row for each such
/// user spares the job from searching all users again and again.
/// </summary>
internal sealed class EnrolmentRequest
{
    public required Guid UserId { get; init; }

    public required DateTimeOffset At { get; init; }

    /// <summary>Asks for a user to be looked at. Asking twice is asking once.</summary>
    public static async Task AddAsync(CountersignDbContext db, Guid userId, DateTimeOffset now, CancellationToken ct)
    {
        // Also one that this unit has added and not yet saved.
        if (await db.Set<EnrolmentRequest>().FindAsync([userId], ct) is null)
        {
            db.Add(new EnrolmentRequest { UserId = userId, At = now });
        }
    }

    internal sealed class Mapping : IEntityTypeConfiguration<EnrolmentRequest>
    {
        public void Configure(EntityTypeBuilder<EnrolmentRequest> builder)
        {
            builder.ToTable("enrolment_requests");
            builder.HasKey(r => r.UserId);
            builder.Property(r => r.UserId).ValueGeneratedNever();
        }
    }
}
