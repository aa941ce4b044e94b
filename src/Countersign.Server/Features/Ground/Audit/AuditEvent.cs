using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace Countersign.Server.Features.Ground.Audit;

/// <summary>One thing that happened, written once, in the unit of work of the thing itself (D29). Never changed.</summary>
internal sealed class AuditEvent
{
    public required Guid Id { get; init; }

    public required DateTimeOffset At { get; init; }

    /// <summary>Whom it happened to. Null where no user is known, such as a wrong user name.</summary>
    public Guid? UserId { get; init; }

    /// <summary>Stable name, such as <c>sign_in.password_wrong</c>.</summary>
    public required string Event { get; init; }

    public required ActorKind ActorKind { get; init; }

    public string? ActorId { get; init; }

    /// <summary>The network that the actor came from; null for what comes from none.</summary>
    public string? Source { get; init; }

    /// <summary>JSON object of ids and facts; never a secret, never what a person typed.</summary>
    public required string Details { get; init; }

    /// <summary>Id of the master key that <see cref="Mac"/> was made with.</summary>
    public required string KeyId { get; init; }

    /// <summary>Which form of <see cref="AuditEncoding"/> the MAC was made over.</summary>
    public required int Encoding { get; init; }

    /// <summary>HMAC-SHA-256 over every other column but <see cref="TransactionId"/>.</summary>
    public required byte[] Mac { get; init; }

    /// <summary>
    /// The transaction that wrote the row, filled in by PostgreSQL: whoever seals rows waits until all transactions below are over. Null on
    /// SQLite, where writers come one after another. Outside the MAC: nobody knows it before the row is there.
    /// </summary>
    public long? TransactionId { get; init; }

    internal sealed class Mapping : IEntityTypeConfiguration<AuditEvent>
    {
        public void Configure(EntityTypeBuilder<AuditEvent> builder)
        {
            builder.ToTable("audit_events");
            builder.Property(e => e.Id).ValueGeneratedNever();
            builder.Property(e => e.Event).HasMaxLength(64);
            builder.Property(e => e.ActorId).HasMaxLength(Actor.MaximumLength);
            builder.Property(e => e.Source).HasMaxLength(Actor.MaximumLength);
            builder.Property(e => e.Details).HasMaxLength(2_000);
            builder.Property(e => e.KeyId).HasMaxLength(16);
            builder.Property(e => e.Mac).HasMaxLength(32);

            // Neither sent nor read back: an INSERT costs no more than without it.
            builder.Property(e => e.TransactionId).ValueGeneratedNever().Metadata.SetBeforeSaveBehavior(PropertySaveBehavior.Ignore);
            builder.HasIndex(e => new { e.UserId, e.At });
        }
    }
}
