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
    /// Before when the client is not told, since an import tells one after the other; <see cref="Untold"/>: not at all. Null: at once.
    /// </summary>
    public DateTimeOffset? TellFrom { get; init; }

    /// <summary>No moment ever.</summary>
    public static readonly DateTimeOffset Untold = new(9999, 1, 1, 0, 0, 0, TimeSpan.Zero);

    /// <summary>
    /// Asks for a user to be looked at. Asking twice is asking once; but it is written each time, so that the job which takes the
    /// earlier request waits for this unit, and sees what it did.
    /// </summary>
    public static Task AddAsync(CountersignDbContext db, Guid userId, DateTimeOffset now, CancellationToken ct) =>
        AddAsync(db, userId, now, tellFrom: null, ct);

    /// <inheritdoc cref="AddAsync(CountersignDbContext, Guid, DateTimeOffset, CancellationToken)"/>
    /// <param name="tellFrom"><see cref="TellFrom"/>.</param>
    public static Task AddAsync(
        CountersignDbContext db, Guid userId, DateTimeOffset now, DateTimeOffset? tellFrom, CancellationToken ct)
    {
        var (at, from) = (now.ToUnixMicroseconds(), tellFrom?.ToUnixMicroseconds() ?? 0);
        return db.Database.ExecuteSqlAsync(
            $"""
            INSERT INTO enrolment_requests (user_id, at, tell_from) VALUES ({userId}, {at}, NULLIF({from}, 0))
            ON CONFLICT (user_id) DO UPDATE SET at = excluded.at, tell_from = excluded.tell_from
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
