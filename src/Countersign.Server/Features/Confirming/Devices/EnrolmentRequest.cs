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

    /// <summary>
    /// Asks for a user to be looked at. Asking twice is asking once; but it is written each time, so that the job which takes the
    /// earlier request waits for this unit, and sees what it did.
    /// </summary>
    public static Task AddAsync(CountersignDbContext db, Guid userId, DateTimeOffset now, CancellationToken ct)
    {
        var at = now.ToUnixMicroseconds();
        return db.Database.ExecuteSqlAsync(
            $"""
            INSERT INTO enrolment_requests (user_id, at) VALUES ({userId}, {at})
            ON CONFLICT (user_id) DO UPDATE SET at = excluded.at
            """,
            ct);
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
