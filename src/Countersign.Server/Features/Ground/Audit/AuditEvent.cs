using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace Countersign.Server.Features.Ground.Audit;

/// <summary>One thing that happened, written once, in the unit of work of the thing itself (D29). Never changed.</summary>
internal sealed class AuditEvent
{
    public required Guid Id { get; init; }

    public required DateTimeOffset At { get; init; }

    /// <summary>Null where no user is known, such as a wrong user name.</summary>
    public Guid? UserId { get; init; }

    /// <summary>Stable name, such as <c>sign_in.password_wrong</c>.</summary>
    public required string Event { get; init; }

    public required string Source { get; init; }

    /// <summary>JSON object of ids and facts; never a secret, never what a person typed.</summary>
    public required string Details { get; init; }

    /// <summary>Id of the master key that <see cref="Mac"/> was made with.</summary>
    public required string KeyId { get; init; }

    /// <summary>HMAC-SHA-256 over every other column.</summary>
    public required byte[] Mac { get; init; }

    internal sealed class Mapping : IEntityTypeConfiguration<AuditEvent>
    {
        public void Configure(EntityTypeBuilder<AuditEvent> builder)
        {
            builder.ToTable("audit_events");
            builder.Property(e => e.Id).ValueGeneratedNever();
            builder.Property(e => e.Event).HasMaxLength(64);
            builder.Property(e => e.Source).HasMaxLength(64);
            builder.Property(e => e.Details).HasMaxLength(2_000);
            builder.Property(e => e.KeyId).HasMaxLength(16);
            builder.Property(e => e.Mac).HasMaxLength(32);
            builder.HasIndex(e => new { e.UserId, e.At });
        }
    }
}
